/* SPDX-License-Identifier: BSD-2-Clause */
/* Nice values, scheduling classes, CPUs, priorities of input and output. */
#include "proc/priority.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/sched.h"
#include "mm/usercopy.h"
#include "proc/affinity.h"
#include "sec/cred.h"
#include "syscall/user.h"

int64_t sys_getpriority(struct trapframe *frame)
{
	uint32_t whom = arg_u32(frame, 0);

	if (whom >= WHOM_COUNT)
		return ERR_INVAL;
	return priority_nice_get((enum priority_whom)whom, arg_u32(frame, 1));
}

int64_t sys_setpriority(struct trapframe *frame)
{
	uint32_t whom = arg_u32(frame, 0);

	if (whom >= WHOM_COUNT)
		return ERR_INVAL;
	return priority_nice_set((enum priority_whom)whom, arg_u32(frame, 1), arg_int(frame, 2));
}

/* Of thread argument 0; @from: a struct sched_param, a priority. */
static int64_t set_policy(const struct trapframe *frame, uint32_t policy, struct uaddr from)
{
	bool keeps = policy == POLICY_KEEP;
	struct priority_request request = {
		.policy = keeps ? policy : policy & ~SCHED_RESET_ON_FORK,
		.reset_on_fork = policy & SCHED_RESET_ON_FORK,
		.nice = NICE_KEEP,
	};
	uint32_t realtime = 0;
	enum err err;

	if (arg_int(frame, 0) < 0 || !from.raw)
		return ERR_INVAL;
	err = get_user_u32(&realtime, from);
	request.realtime = (int32_t)realtime;
	return err == OK ? priority_policy_set(arg_u32(frame, 0), &request) : err;
}

int64_t sys_sched_setscheduler(struct trapframe *frame)
{
	uint32_t policy = arg_u32(frame, 1);

	if ((int32_t)policy < 0)
		return ERR_INVAL;
	return set_policy(frame, policy, arg_uaddr(frame, 2));
}

int64_t sys_sched_setparam(struct trapframe *frame)
{
	return set_policy(frame, POLICY_KEEP, arg_uaddr(frame, 1));
}

int64_t sys_sched_getscheduler(struct trapframe *frame)
{
	struct task_priority priority;
	enum err err = ERR_INVAL;

	if (arg_int(frame, 0) >= 0)
		err = priority_of(arg_u32(frame, 0), &priority);
	if (err != OK)
		return err;
	return priority.policy | (priority.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

int64_t sys_sched_getparam(struct trapframe *frame)
{
	struct task_priority priority;
	enum err err = ERR_INVAL;

	if (arg_int(frame, 0) >= 0 && arg(frame, 1))
		err = priority_of(arg_u32(frame, 0), &priority);
	return err == OK ? put_user_u32(arg_uaddr(frame, 1), priority.realtime) : err;
}

static int64_t limit_of(uint32_t policy, int64_t realtime)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return realtime;
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	default:
		return ERR_INVAL;
	}
}

int64_t sys_sched_get_priority_max(struct trapframe *frame)
{
	return limit_of(arg_u32(frame, 0), RT_PRIORITY_MOST);
}

int64_t sys_sched_get_priority_min(struct trapframe *frame)
{
	return limit_of(arg_u32(frame, 0), 1);
}

int64_t sys_sched_rr_get_interval(struct trapframe *frame)
{
	struct task_priority priority;
	enum err err = ERR_INVAL;

	if (arg_int(frame, 0) >= 0)
		err = priority_of(arg_u32(frame, 0), &priority);
	if (err != OK)
		return err;
	return user_time_put(arg_uaddr(frame, 1),
			     priority.policy == SCHED_FIFO || priority.policy == SCHED_DEADLINE
				     ? 0
				     : SCHED_QUANTUM_NS);
}

/* --- CPUs: a set of them is words of 64 bits --- */

int64_t sys_sched_setaffinity(struct trapframe *frame)
{
	struct cpu_set set = {.words = {0}};
	enum err err =
		copy_from_user(&set, arg_uaddr(frame, 2), MIN(arg_u32(frame, 1), sizeof(set)));

	return err == OK ? affinity_set(arg_u32(frame, 0), &set) : err;
}

int64_t sys_sched_getaffinity(struct trapframe *frame)
{
	uint32_t bytes = arg_u32(frame, 1);
	struct cpu_set set;
	enum err err;

	if (bytes < sizeof(set) || bytes % sizeof(set.words[0]))
		return ERR_INVAL;
	err = affinity_get(arg_u32(frame, 0), &set);
	if (err == OK)
		err = copy_to_user(arg_uaddr(frame, 2), &set, sizeof(set));
	return err == OK ? (int64_t)sizeof(set) : err;
}

/* --- input and output --- */

#define IO_CLASS_SHIFT 13u

enum io_class { IO_NONE, IO_REALTIME, IO_BEST_EFFORT, IO_IDLE };

static enum err check_io(uint32_t io)
{
	switch (io >> IO_CLASS_SHIFT) {
	case IO_NONE:
		return io ? ERR_INVAL : OK;
	case IO_REALTIME:
		return cred_is_privileged(cred_current()) ? OK : ERR_PERM;
	case IO_BEST_EFFORT:
	case IO_IDLE:
		return OK;
	default:
		return ERR_INVAL;
	}
}

/* ioprio's numbers for whom begin at 1. */
int64_t sys_ioprio_set(struct trapframe *frame)
{
	uint32_t whom = arg_u32(frame, 0) - 1, io = arg_u32(frame, 2);
	enum err err = check_io(io);

	if (err != OK)
		return err;
	if (whom >= WHOM_COUNT)
		return ERR_INVAL;
	return priority_io_set((enum priority_whom)whom, arg_u32(frame, 1), (uint16_t)io);
}

int64_t sys_ioprio_get(struct trapframe *frame)
{
	uint32_t whom = arg_u32(frame, 0) - 1;

	if (whom >= WHOM_COUNT)
		return ERR_INVAL;
	return priority_io_get((enum priority_whom)whom, arg_u32(frame, 1));
}
