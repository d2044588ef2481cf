/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/affinity.h"

#include "kernel/sched/sched.h"
#include "proc/process.h"
#include "sec/cred.h"

/* The task of a thread; of one that has ended while its process lives on there is none. */
static enum err find_locked(uint32_t number, struct task **task, const struct cred **cred)
{
	struct pid *pid = number ? pid_find(number) : task_current()->pid;

	if (!pid || (!pid->task && !pid->process))
		return ERR_SRCH;
	*task = pid->task;
	*cred = pid->task ? pid->task->cred : pid->process->cred;
	return OK;
}

static bool may_place(const struct cred *it)
{
	const struct cred *me = cred_current();

	return cred_is_privileged(me) || me->euid == it->euid || me->euid == it->uid;
}

static struct cpu_set whole(void)
{
	struct cpu_set now = sched_cpus_now();

	return cpu_set_both(&now, &sched_allowed);
}

bool affinity_is_whole(const struct cpu_set *set)
{
	struct cpu_set all = whole();

	for (uint32_t i = 0; i < CPU_SET_WORDS; i++)
		if (all.words[i] & ~set->words[i])
			return false;
	return true;
}

enum err affinity_set(uint32_t number, const struct cpu_set *set)
{
	struct cpu_set allowed = cpu_set_both(set, &sched_allowed);
	const struct cred *cred;
	struct task *task;
	enum err err;

	lglock_lock(&process_lock);
	err = find_locked(number, &task, &cred);
	if (err == OK && !may_place(cred))
		err = ERR_PERM;
	/* Whose budget was admitted stays where that can be kept. */
	if (err == OK && task && task->priority.policy == SCHED_DEADLINE &&
	    !affinity_is_whole(&allowed))
		err = ERR_BUSY;
	if (err == OK && task && !thread_affinity_set(&task->thread, &allowed))
		err = ERR_INVAL;
	lglock_unlock(&process_lock);
	preempt_point();
	return err;
}

enum err affinity_get(uint32_t number, struct cpu_set *set)
{
	struct cpu_set now;
	const struct cred *cred;
	struct task *task;
	enum err err;

	lglock_lock(&process_lock);
	err = find_locked(number, &task, &cred);
	now = sched_cpus_now();
	if (err == OK)
		*set = cpu_set_both(task ? &task->thread.affinity : &sched_allowed, &now);
	lglock_unlock(&process_lock);
	return err;
}
