/* SPDX-License-Identifier: BSD-2-Clause */
/* What threads say about themselves and ask about each other. */
#include "kernel/lib/bits.h"

#include "kernel/core/cpu_call.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/root.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/user.h"

int64_t sys_gettid(struct trapframe *frame)
{
	(void)frame;
	return task_current()->pid->number;
}

int64_t sys_set_tid_address(struct trapframe *frame)
{
	task_current()->clear_child_tid = arg_uaddr(frame, 0);
	return task_current()->pid->number;
}

/* A thread of any process, alive or the first of one that others keep alive. */
struct subject {
	const struct process *process;
	const struct cred *cred;
	struct uaddr robust_list;
};

/* 0 is the caller. Context: process_lock held, as long as the subject is looked at. */
static bool find_locked(uint32_t tid, struct subject *out)
{
	const struct pid *pid = tid ? pid_find(tid) : task_current()->pid;

	if (!pid || (!pid->task && !pid->process))
		return false;
	if (pid->task)
		*out = (struct subject){pid->task->process, pid->task->cred,
					pid->task->robust_list};
	else
		*out = (struct subject){pid->process, pid->process->cred, UADDR_NULL};
	return true;
}

#define ROBUST_LIST_BYTES 24u

int64_t sys_set_robust_list(struct trapframe *frame)
{
	if (arg(frame, 1) != ROBUST_LIST_BYTES)
		return ERR_INVAL;
	task_current()->robust_list = arg_uaddr(frame, 0);
	return 0;
}

/* The rule of ptrace: who may look into the other. */
static bool may_look(const struct subject *subject)
{
	const struct cred *me = cred_current(), *it = subject->cred;

	if (subject->process == process_current() || cred_is_privileged(me))
		return true;
	return !(subject->process->flags & PROCESS_NOT_DUMPABLE) && me->uid == it->uid &&
	       me->uid == it->euid && me->uid == it->suid && me->gid == it->gid &&
	       me->gid == it->egid && me->gid == it->sgid;
}

int64_t sys_get_robust_list(struct trapframe *frame)
{
	struct subject subject = {0};
	enum err err = ERR_SRCH;

	lglock_lock(&process_lock);
	if (find_locked(arg_u32(frame, 0), &subject))
		err = may_look(&subject) ? OK : ERR_PERM;
	lglock_unlock(&process_lock);
	if (err == OK)
		err = put_user_u64(arg_uaddr(frame, 2), ROBUST_LIST_BYTES);
	return err == OK ? put_user_u64(arg_uaddr(frame, 1), subject.robust_list.raw) : err;
}

/* --- membarrier(2) --- */

#define BARRIER_QUERY            0u
#define BARRIER_GLOBAL           1u
#define BARRIER_GLOBAL_EXPEDITED 2u
#define BARRIER_REGISTER_GLOBAL  4u
#define BARRIER_PRIVATE          8u
#define BARRIER_REGISTER_PRIVATE 16u
#define BARRIER_SYNC             32u
#define BARRIER_REGISTER_SYNC    64u
#define BARRIERS                 127

static int64_t register_barrier(uint32_t flag)
{
	struct process *me = process_current();

	lglock_lock(&process_lock);
	me->flags |= flag;
	lglock_unlock(&process_lock);
	return 0;
}

/* The way back to ring 3 also makes a CPU forget instructions that it has fetched: IRET. */
static void barrier_here(void *arg)
{
	(void)arg;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* A CPU that is not in @cpus has passed a switch since, or will before it is: a barrier too. */
static int64_t barrier_on(uint64_t cpus)
{
	cpu_call(cpus, barrier_here, NULL);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return 0;
}

/* Where threads of the caller's memory may be running. */
static int64_t barrier_if(bool registered)
{
	const struct root *root = space_root(process_current()->space);

	if (!registered)
		return ERR_PERM;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return barrier_on(READ_ONCE(root->cpu_mask) & cpus_others());
}

int64_t sys_membarrier(struct trapframe *frame)
{
	uint32_t flags = READ_ONCE(process_current()->flags);

	if (arg_u32(frame, 1))
		return ERR_INVAL;
	switch (arg_u32(frame, 0)) {
	case BARRIER_QUERY:
		return BARRIERS;
	case BARRIER_REGISTER_GLOBAL:
		return 0;
	case BARRIER_GLOBAL:
	case BARRIER_GLOBAL_EXPEDITED:
		return barrier_on(cpus_others());
	case BARRIER_REGISTER_PRIVATE:
		return register_barrier(PROCESS_BARRIER);
	case BARRIER_REGISTER_SYNC:
		return register_barrier(PROCESS_BARRIER_SYNC);
	case BARRIER_PRIVATE:
		return barrier_if(flags & PROCESS_BARRIER);
	case BARRIER_SYNC:
		return barrier_if(flags & PROCESS_BARRIER_SYNC);
	default:
		return ERR_INVAL;
	}
}
