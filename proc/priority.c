/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/priority.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/inherit.h"
#include "kernel/sched/realtime.h"
#include "kernel/sched/weight.h"
#include "mm/slab.h"
#include "proc/affinity.h"
#include "proc/process.h"
#include "sec/cred.h"

#define IO_CLASS_SHIFT 13u
#define IO_BEST_EFFORT 2u
#define IO_DEFAULT     (IO_BEST_EFFORT << IO_CLASS_SHIFT | 4u)

static bool goes_first(uint32_t policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR || policy == SCHED_DEADLINE;
}

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
	/* A budget is given elsewhere. */
	if (priority->policy == SCHED_DEADLINE)
		return;
	if (task->thread.realtime != priority->realtime || priority->realtime)
		thread_realtime_set(&task->thread, priority->realtime,
				    priority->policy == SCHED_RR);
}

enum err priority_inherit(struct task *child)
{
	struct task_priority *priority = &child->priority;

	*priority = task_current()->priority;
	if (priority->reset_on_fork) {
		if (goes_first(priority->policy) || priority->nice < 0)
			priority->nice = 0;
		if (goes_first(priority->policy))
			priority->policy = SCHED_OTHER;
		priority->realtime = 0;
		priority->reset_on_fork = false;
	}
	if (priority->policy == SCHED_DEADLINE)
		return ERR_AGAIN;
	apply(child);
	return OK;
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
		lglock_lock(&process_lock);
		if (at->cred->uid == uid)
			visit_process(visit, at);
		lglock_unlock(&process_lock);
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
	lglock_lock(&process_lock);
	task = whom == WHOM_THREAD ? find_locked(number) : NULL;
	if (task)
		visit->each(visit, task);
	else if (whom == WHOM_GROUP)
		visit_group_locked(visit, number);
	lglock_unlock(&process_lock);
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

static bool limit_lets_nice(const struct task *task, int32_t nice)
{
	return (uint64_t)(20 - nice) <= task->process->limits[RLIMIT_NICE].current;
}

/* Root, or as far down as RLIMIT_NICE lets. */
static bool may_have_nice(const struct task *task, int32_t nice)
{
	return nice >= task->priority.nice || cred_is_privileged(cred_current()) ||
	       limit_lets_nice(task, nice);
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

static bool is_budget(const struct deadline_budget *budget)
{
	return budget->runtime_ns >= DEADLINE_RUNTIME_LEAST_NS &&
	       budget->runtime_ns <= budget->deadline_ns &&
	       budget->deadline_ns <= budget->period_ns &&
	       budget->period_ns >= DEADLINE_PERIOD_LEAST_NS &&
	       budget->period_ns <= DEADLINE_PERIOD_MOST_NS;
}

static bool goes_together(const struct priority_request *request)
{
	switch (request->policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return request->realtime >= 1 && request->realtime <= (int32_t)RT_PRIORITY_MOST;
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return request->realtime == 0;
	case SCHED_DEADLINE:
		return request->realtime == 0 && is_budget(&request->budget);
	default:
		return false;
	}
}

static bool has_nice(const struct priority_request *request)
{
	return (request->policy == SCHED_OTHER || request->policy == SCHED_BATCH) &&
	       request->nice != NICE_KEEP;
}

/* RLIMIT_RTPRIO lets, a class or a priority. */
static bool limit_lets(const struct task *task, const struct priority_request *request)
{
	const struct task_priority *old = &task->priority;
	uint64_t limit = task->process->limits[RLIMIT_RTPRIO].current;

	if (request->policy != old->policy && !limit)
		return false;
	return request->realtime <= old->realtime || (uint64_t)request->realtime <= limit;
}

static bool may_have_policy(const struct task *task, const struct priority_request *request)
{
	const struct task_priority *old = &task->priority;

	if (cred_is_privileged(cred_current()))
		return true;
	if (!may_change(task) || request->policy == SCHED_DEADLINE)
		return false;
	if (is_realtime(request->policy) && !limit_lets(task, request))
		return false;
	if (has_nice(request) && !may_have_nice(task, request->nice))
		return false;
	/* Only root lets the children have what it gave away. */
	if (old->reset_on_fork && !request->reset_on_fork)
		return false;
	return old->policy != SCHED_IDLE || request->policy == SCHED_IDLE ||
	       limit_lets_nice(task, old->nice);
}

static bool is_same(const struct deadline_budget *a, const struct deadline_budget *b)
{
	return a->runtime_ns == b->runtime_ns && a->deadline_ns == b->deadline_ns &&
	       a->period_ns == b->period_ns;
}

/* @fresh is memory for it, and NULL when it was used. */
static enum err give_budget(struct task *task, const struct deadline_budget *budget,
			    struct deadline **fresh)
{
	struct deadline *memory = task->thread.deadline;

	if (task->priority.policy == SCHED_DEADLINE && is_same(&memory->budget, budget))
		return OK;
	if (!affinity_is_whole(&task->thread.affinity))
		return ERR_PERM;
	if (!memory) {
		if (!*fresh)
			return ERR_NOMEM;
		memory = *fresh;
		deadline_init(memory, &task->thread);
	}
	if (!thread_deadline_set(&task->thread, memory, budget))
		return ERR_BUSY;
	if (memory == *fresh)
		*fresh = NULL;
	return OK;
}

static void params_of(const struct task *task, struct priority_request *out)
{
	const struct task_priority *priority = &task->priority;

	out->realtime = priority->realtime;
	out->nice = goes_first(priority->policy) ? 0 : priority->nice;
	out->budget = priority->policy == SCHED_DEADLINE ? task->thread.deadline->budget
							 : (struct deadline_budget){0};
}

static enum err change_locked(struct task *task, struct priority_request request,
			      struct deadline **fresh)
{
	struct task_priority *priority = &task->priority;
	enum err err = OK;

	if (request.keeps_params)
		params_of(task, &request);
	if (request.policy == POLICY_KEEP) {
		request.policy = priority->policy;
		request.reset_on_fork = priority->reset_on_fork;
	}
	if (!goes_together(&request))
		return ERR_INVAL;
	if (!may_have_policy(task, &request))
		return ERR_PERM;
	if (request.policy == SCHED_DEADLINE)
		err = give_budget(task, &request.budget, fresh);
	if (err != OK)
		return err;
	priority->reset_on_fork = request.reset_on_fork;
	if (request.keeps_params)
		return OK;
	priority->policy = (uint8_t)request.policy;
	priority->realtime = (uint8_t)request.realtime;
	if (has_nice(&request))
		priority->nice = (int8_t)request.nice;
	apply(task);
	inherit_adjust(&task->thread);
	rttime_start_locked(task);
	return OK;
}

enum err priority_policy_set(uint32_t thread, const struct priority_request *request)
{
	struct deadline *fresh = NULL;
	struct task *task;
	enum err err = ERR_SRCH;

	if (request->policy == SCHED_DEADLINE)
		fresh = kmalloc(sizeof(*fresh));
	lglock_lock(&process_lock);
	task = find_locked(thread);
	if (task)
		err = change_locked(task, *request, &fresh);
	lglock_unlock(&process_lock);
	kfree(fresh);
	return err;
}

enum err priority_policy_get(uint32_t thread, struct priority_request *out)
{
	struct task *task;

	lglock_lock(&process_lock);
	task = find_locked(thread);
	if (task) {
		params_of(task, out);
		out->policy = task->priority.policy;
		out->reset_on_fork = task->priority.reset_on_fork;
	}
	lglock_unlock(&process_lock);
	return task ? OK : ERR_SRCH;
}

enum err priority_of(uint32_t thread, struct task_priority *out)
{
	struct task *task;

	lglock_lock(&process_lock);
	task = find_locked(thread);
	if (task)
		*out = task->priority;
	lglock_unlock(&process_lock);
	return task ? OK : ERR_SRCH;
}
