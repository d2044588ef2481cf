/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/priority.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/realtime.h"
#include "kernel/sched/weight.h"
#include "proc/process.h"
#include "sec/cred.h"

#define IO_CLASS_SHIFT 13u
#define IO_BEST_EFFORT 2u
#define IO_DEFAULT     (IO_BEST_EFFORT << IO_CLASS_SHIFT | 4u)

static bool is_realtime(uint32_t policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static void apply(struct task *task)
{
	const struct task_priority *priority = &task->priority;
	bool idle = priority->policy == SCHED_IDLE;

	thread_weight_set(&task->thread, idle ? WEIGHT_IDLE : weight_of_nice(priority->nice),
			  idle || priority->policy == SCHED_BATCH);
	if (task->thread.realtime != priority->realtime || priority->realtime)
		thread_realtime_set(&task->thread, priority->realtime,
				    priority->policy == SCHED_RR);
}

void priority_inherit(struct task *child)
{
	struct task_priority *priority = &child->priority;

	*priority = task_current()->priority;
	if (priority->reset_on_fork) {
		if (is_realtime(priority->policy) || priority->nice < 0)
			priority->nice = 0;
		if (is_realtime(priority->policy))
			priority->policy = SCHED_OTHER;
		priority->realtime = 0;
		priority->reset_on_fork = false;
	}
	apply(child);
}

/* --- whom a call means --- */

/* What is done to each, and what has come of it so far. */
struct visit {
	void (*each)(struct visit *visit, struct task *task);
	int64_t result; /* ERR_SRCH: nobody yet */
	int32_t value;
};

static void visit_process(struct visit *visit, struct process *process)
{
	list_for_each(node, &process->tasks)
		visit->each(visit, list_entry(node, struct task, link));
}

static struct task *find_locked(uint32_t number)
{
	struct pid *pid = number ? pid_find(number) : task_current()->pid;

	return pid ? pid->task : NULL;
}

static void visit_group_locked(struct visit *visit, uint32_t number)
{
	struct pid *group = number ? pid_find(number) : process_current()->group;

	if (!group)
		return;
	list_for_each(node, &group->group)
		visit_process(visit, list_entry(node, struct process, group_link));
}

static void visit_user(struct visit *visit, uint32_t uid)
{
	for (struct process *at = process_next(NULL); at; at = process_next(at)) {
		spin_lock(&process_lock);
		if (at->cred->uid == uid)
			visit_process(visit, at);
		spin_unlock(&process_lock);
	}
}

static int64_t visit_all(struct visit *visit, enum priority_whom whom, uint32_t number)
{
	struct task *task;

	visit->result = ERR_SRCH;
	if (whom == WHOM_USER) {
		visit_user(visit, number ? number : cred_current()->uid);
		return visit->result;
	}
	spin_lock(&process_lock);
	task = whom == WHOM_THREAD ? find_locked(number) : NULL;
	if (task)
		visit->each(visit, task);
	else if (whom == WHOM_GROUP)
		visit_group_locked(visit, number);
	spin_unlock(&process_lock);
	return visit->result;
}

static bool may_change(const struct task *task)
{
	const struct cred *me = cred_current();

	return cred_is_privileged(me) || me->euid == task->cred->uid ||
	       me->euid == task->cred->euid;
}

/* --- nice values --- */

static void nice_best(struct visit *visit, struct task *task)
{
	visit->result = MAX(visit->result, (int64_t)(20 - task->priority.nice));
}

int64_t priority_nice_get(enum priority_whom whom, uint32_t number)
{
	struct visit visit = {.each = nice_best};

	return visit_all(&visit, whom, number);
}

/* Root, or as far down as RLIMIT_NICE lets. */
static bool may_have_nice(const struct task *task, int32_t nice)
{
	return nice >= task->priority.nice || cred_is_privileged(cred_current()) ||
	       (uint64_t)(20 - nice) <= task->process->limits[RLIMIT_NICE].current;
}

/* As on Linux a failure stands, a success only where nothing stood before it. */
static void nice_change(struct visit *visit, struct task *task)
{
	if (!may_change(task)) {
		visit->result = ERR_PERM;
	} else if (!may_have_nice(task, visit->value)) {
		visit->result = ERR_ACCES;
	} else {
		task->priority.nice = (int8_t)visit->value;
		apply(task);
		visit->result = visit->result == ERR_SRCH ? OK : visit->result;
	}
}

enum err priority_nice_set(enum priority_whom whom, uint32_t number, int32_t nice)
{
	struct visit visit = {.each = nice_change, .value = MAX(MIN(nice, NICE_MOST), NICE_LEAST)};

	return (enum err)visit_all(&visit, whom, number);
}

/* --- input and output --- */

/* A lower number is the better one; who has none counts as the middle. */
static void io_best(struct visit *visit, struct task *task)
{
	int64_t io = task->priority.io;

	if (!(io >> IO_CLASS_SHIFT) && visit->value)
		io = IO_DEFAULT;
	visit->result = visit->result == ERR_SRCH ? io : MIN(visit->result, io);
}

int64_t priority_io_get(enum priority_whom whom, uint32_t number)
{
	struct visit visit = {.each = io_best, .value = whom != WHOM_THREAD};

	return visit_all(&visit, whom, number);
}

static void io_change(struct visit *visit, struct task *task)
{
	if (!may_change(task)) {
		visit->result = ERR_PERM;
	} else {
		task->priority.io = (uint16_t)visit->value;
		visit->result = visit->result == ERR_SRCH ? OK : visit->result;
	}
}

enum err priority_io_set(enum priority_whom whom, uint32_t number, uint16_t io)
{
	struct visit visit = {.each = io_change, .value = io};

	return (enum err)visit_all(&visit, whom, number);
}

/* --- classes --- */

static bool goes_together(uint32_t policy, int32_t realtime)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return realtime >= 1 && realtime <= (int32_t)RT_PRIORITY_MOST;
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return realtime == 0;
	default:
		return false;
	}
}

static bool may_have_policy(const struct task *task, uint32_t policy, int32_t realtime)
{
	const struct task_priority *old = &task->priority;
	uint64_t limit = task->process->limits[RLIMIT_RTPRIO].current;

	if (cred_is_privileged(cred_current()))
		return true;
	if (!may_change(task))
		return false;
	if (is_realtime(policy) && ((policy != old->policy && !limit) ||
				    (realtime > old->realtime && (uint64_t)realtime > limit)))
		return false;
	return old->policy != SCHED_IDLE || policy == SCHED_IDLE ||
	       may_have_nice(task, old->nice - 1);
}

static enum err change_locked(struct task *task, uint32_t policy, int32_t realtime)
{
	struct task_priority *priority = &task->priority;
	bool reset = priority->reset_on_fork;

	if (policy == POLICY_KEEP) {
		policy = priority->policy;
	} else {
		reset = policy & SCHED_RESET_ON_FORK;
		policy &= ~SCHED_RESET_ON_FORK;
	}
	if (!goes_together(policy, realtime))
		return ERR_INVAL;
	if (!may_have_policy(task, policy, realtime))
		return ERR_PERM;
	/* Only root lets the children have what it gave away. */
	if (priority->reset_on_fork && !reset && !cred_is_privileged(cred_current()))
		return ERR_PERM;
	priority->policy = (uint8_t)policy;
	priority->realtime = (uint8_t)realtime;
	priority->reset_on_fork = reset;
	apply(task);
	rttime_start_locked(task);
	return OK;
}

enum err priority_policy_set(uint32_t thread, uint32_t policy, int32_t realtime)
{
	struct task *task;
	enum err err = ERR_SRCH;

	spin_lock(&process_lock);
	task = find_locked(thread);
	if (task)
		err = change_locked(task, policy, realtime);
	spin_unlock(&process_lock);
	return err;
}

enum err priority_of(uint32_t thread, struct task_priority *out)
{
	struct task *task;

	spin_lock(&process_lock);
	task = find_locked(thread);
	if (task)
		*out = task->priority;
	spin_unlock(&process_lock);
	return task ? OK : ERR_SRCH;
}
