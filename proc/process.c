/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/process.h"

#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "kernel/core/state_digest.h"
#include "mm/slab.h"
#include "mm/space/space.h"
#include "proc/tally.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

static SLAB_CACHE(process_cache, struct process);

struct lglock process_lock = LGLOCK_INIT(LOCK_PROCESS);

struct tally_cpu tally_cpus[LIMIT_CPUS];
static struct process *first_process;

static void init_lists(struct process *process)
{
	list_init(&process->children);
	list_init(&process->zombies);
	list_init(&process->news);
	list_init(&process->sibling);
	list_init(&process->group_link);
	list_init(&process->session_link);
	list_init(&process->tasks);
	wait_queue_init(&process->child_wait);
	signal_queue_init(&process->pending);
	list_init(&process->stop.news_link);
	wait_queue_init(&process->stop.queue);
}

enum err process_create(uint32_t flags, struct process **out)
{
	struct process *process = slab_alloc_zero(&process_cache);

	if (!process)
		return ERR_NOMEM;
	enum err err =
		flags & PROCESS_INIT ? pid_create_first(&process->pid) : pid_create(&process->pid);
	if (err != OK) {
		slab_free(&process_cache, process);
		return err;
	}
	process->flags = flags;
	refcount_init(&process->count, 1);
	init_lists(process);
	interval_timers_init(&process->intervals);
	cpu_timers_init(&process->cpu_timers);
	process->exit_signal = SIGCHLD;
	process->start_ns = time_now_ns();
	*out = process;
	return OK;
}

/* What a live process holds and an exiting one has given back already. */
static void drop_resources(struct process *process)
{
	if (process->space)
		space_put(process->space);
	if (process->files)
		file_table_put(process->files);
	if (process->fs)
		fs_context_put(process->fs);
	if (process->executable)
		file_put(process->executable);
}

void process_destroy(struct process *process)
{
	drop_resources(process);
	process_put(process);
}

struct process *process_get(struct process *process)
{
	refcount_get(&process->count);
	return process;
}

void process_put(struct process *process)
{
	if (!refcount_put(&process->count))
		return;
	ASSERT(list_empty(&process->pending.entries));
	if (process->handlers)
		signal_handlers_put(process->handlers);
	if (process->account)
		account_put(process->account);
	cred_put(process->cred);
	pid_put(process->pid);
	slab_free(&process_cache, process);
}

bool process_held(const struct process *process)
{
	return lglock_held(&process_lock) || spin_held(&process->session->lock);
}

void process_set_parent_locked(struct process *process, struct process *parent)
{
	ASSERT(!process->parent || process_held(process->parent));
	ASSERT(!parent || process_held(parent));
	process->parent = parent;
	WRITE_ONCE(process->parent_number, parent ? parent->pid->number : 0);
}

void process_link_locked(struct process *process, struct process *parent, struct pid *group,
			 struct pid *session)
{
	process_set_parent_locked(process, parent);
	pid_set_process(process->pid, process);
	if (parent) {
		list_add_tail(&parent->children, &process->sibling);
		if (parent->flags & (PROCESS_SUBREAPER | PROCESS_BELOW_SUBREAPER))
			process->flags |= PROCESS_BELOW_SUBREAPER;
	}
	process->group = pid_get(group);
	process->session = pid_get(session);
	list_add_tail(&group->group, &process->group_link);
	list_add_tail(&session->session, &process->session_link);
	tally_add(TALLY_PROCESSES, 1);
	if (!first_process && (process->flags & PROCESS_INIT))
		first_process = process;
}

void process_unlink_locked(struct process *process)
{
	ASSERT(process_held(process));
	process->state = PROCESS_REAPED;
	pid_set_process(process->pid, NULL);
	process_set_parent_locked(process, NULL);
	list_remove(&process->sibling);
	list_remove(&process->group_link);
	list_remove(&process->session_link);
	tally_add(TALLY_PROCESSES, -1);
}

void process_unlinked(struct process *process)
{
	pid_put(process->group);
	pid_put(process->session);
	process_put(process);
}

void process_add_task_locked(struct process *process, struct task *task, struct pid *pid)
{
	task->process = process_get(process);
	task->pid = pid_get(pid);
	pid->task = task;
	list_add_tail(&process->tasks, &task->link);
	process->task_count++;
	cpu_timers_thread_added_locked(process);
	if (unlikely(task->priority.realtime))
		rttime_start_locked(task);
	tally_add(TALLY_TASKS, 1);
	tally_add(TALLY_BORN, 1);
	/* Its process is about to stop: it stops before its first instruction. */
	if (process->stop.signal)
		thread_interrupt(&task->thread, THREAD_SIGNAL);
}

struct process *process_find(uint32_t number)
{
	struct process *process = NULL;

	lglock_lock(&process_lock);
	struct pid *pid = pid_find(number);
	if (pid && pid->process)
		process = process_get(pid->process);
	lglock_unlock(&process_lock);
	return process;
}

struct process *process_of_number_locked(uint32_t number)
{
	const struct pid *pid = pid_find(number);

	if (!pid)
		return NULL;
	return pid->process || !pid->task ? pid->process : pid->task->process;
}

struct process *process_find_thread(uint32_t number)
{
	lglock_lock(&process_lock);
	struct process *process = process_of_number_locked(number);
	if (process)
		process_get(process);
	lglock_unlock(&process_lock);
	return process;
}

struct process *process_first(void)
{
	return first_process;
}

uint64_t tasks_alive(void)
{
	return tally_sum(TALLY_TASKS);
}

uint64_t tasks_born(void)
{
	return tally_sum(TALLY_BORN);
}

uint32_t process_count(void)
{
	return (uint32_t)tally_sum(TALLY_PROCESSES);
}

struct process *process_next(struct process *process)
{
	struct process *next = NULL;
	struct pid *pid = NULL;
	uint32_t from = process ? process->pid->number + 1 : 1;

	lglock_lock(&process_lock);
	while (!next && (pid = pid_next(from))) {
		next = pid->process ? process_get(pid->process) : NULL;
		from = pid->number + 1;
	}
	lglock_unlock(&process_lock);
	if (process)
		process_put(process);
	return next;
}

static uint64_t processes_in_tree(void)
{
	return process_count();
}

STATE_COUNTER(processes_in_tree);
