/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of CPU clocks. Other processes' and threads' are negative numbers: the complement of
 * the number above three bits that say what kind it is.
 */
#include "proc/cpu_timer.h"
#include "proc/process.h"

#define CLOCK_PROCESS 2u
#define CLOCK_THREAD  3u

#define KIND_MASK      3u
#define KIND_LAST      2u /* PROF and VIRT are counted as SCHED is */
#define KIND_OF_THREAD 4u

static bool is_well_formed(uint32_t clock)
{
	return (int32_t)clock < 0 && (clock & KIND_MASK) <= KIND_LAST;
}

/* OK and the thread, or NULL and the process. */
static enum err find_locked(uint32_t clock, struct task **task, struct process **process)
{
	uint32_t number = ~(uint32_t)((int32_t)clock >> 3);
	struct pid *pid = number ? pid_find(number) : NULL;

	*task = NULL;
	*process = NULL;
	if (!is_well_formed(clock) || (number && !pid))
		return ERR_INVAL;
	if (clock & KIND_OF_THREAD) {
		*task = pid ? pid->task : task_current();
		return *task && (*task)->process == process_current() ? OK : ERR_INVAL;
	}
	*process = pid ? pid->process : process_current();
	return *process ? OK : ERR_INVAL;
}

enum err cpu_clock_read(uint32_t clock, uint64_t *ns)
{
	struct process *process = process_current();
	struct task *task = task_current();
	enum err err = OK;

	lglock_lock(&process_lock);
	if (clock == CLOCK_PROCESS)
		task = NULL;
	else if (clock != CLOCK_THREAD)
		err = find_locked(clock, &task, &process);
	if (err == OK)
		*ns = task ? thread_cpu_ns(&task->thread) : process_cpu_ns_locked(process);
	lglock_unlock(&process_lock);
	return err;
}

enum err cpu_clock_own_locked(uint32_t clock, struct pid **thread)
{
	struct process *process = process_current();
	struct task *task = task_current();
	enum err err = OK;

	if (clock == CLOCK_PROCESS)
		task = NULL;
	else if (clock != CLOCK_THREAD)
		err = find_locked(clock, &task, &process);
	if (err == OK && process && process != process_current())
		err = ERR_INVAL;
	if (err == OK)
		*thread = task ? pid_get(task->pid) : NULL;
	return err;
}
