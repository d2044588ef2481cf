/* SPDX-License-Identifier: BSD-2-Clause */
/* Resource limits. */
#include "proc/rlimit.h"

#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/user.h"

static enum err check_limit(const struct rlimit *old, const struct rlimit *fresh)
{
	if (fresh->current > fresh->maximum)
		return ERR_INVAL;
	return fresh->maximum > old->maximum && !cred_can(cred_current(), CAP_SYS_RESOURCE)
		       ? ERR_PERM
		       : OK;
}

static void watch_again_locked(struct process *process, uint32_t number)
{
	if (number == RLIMIT_CPU)
		cpu_limit_start_locked(process);
	if (number == RLIMIT_RTTIME)
		list_for_each(node, &process->tasks)
			rttime_start_locked(list_entry(node, struct task, link));
}

/* Checked and set in one step: a limit that another thread lowers meanwhile stays low. */
static enum err set_limit_locked(struct process *process, uint32_t number,
				 const struct rlimit *fresh)
{
	struct rlimit *limit = &process->limits[number];
	enum err err = check_limit(limit, fresh);

	if (err != OK)
		return err;
	*limit = *fresh;
	if (process->space)
		rlimit_apply(process->limits, process->space);
	/* Not where its last thread has stopped all clocks for ever. */
	if (process->task_count)
		watch_again_locked(process, number);
	return OK;
}

/* All ids of the other one: a set-id program is not its caller's to limit. */
static bool may_limit_locked(const struct process *process)
{
	const struct cred *own = cred_current(), *other = process->cred;

	return process == process_current() || cred_can(own, CAP_SYS_RESOURCE) ||
	       (own->uid == other->uid && own->uid == other->euid && own->uid == other->suid &&
		own->gid == other->gid && own->gid == other->egid && own->gid == other->sgid);
}

/* @fresh NULL: it is only asked about. */
static enum err swap_limit(struct process *process, uint32_t number, const struct rlimit *fresh,
			   struct rlimit *old)
{
	enum err err = ERR_PERM;

	number = (uint32_t)index_masked(number, RLIMIT_COUNT);
	lglock_lock(&process_lock);
	*old = process->limits[number];
	if (may_limit_locked(process))
		err = fresh ? set_limit_locked(process, number, fresh) : OK;
	lglock_unlock(&process_lock);
	return err;
}

static int64_t change_limit(struct process *process, uint32_t number, struct uaddr from,
			    struct uaddr to)
{
	struct rlimit old, fresh;
	enum err err = OK;

	if (from.raw)
		err = copy_from_user(&fresh, from, sizeof(fresh));
	if (err == OK)
		err = swap_limit(process, number, from.raw ? &fresh : NULL, &old);
	return err == OK && to.raw ? copy_to_user(to, &old, sizeof(old)) : err;
}

int64_t sys_prlimit64(struct trapframe *frame)
{
	uint32_t pid = arg_u32(frame, 0), number = arg_u32(frame, 1);
	struct process *process;
	int64_t result;

	if (number >= RLIMIT_COUNT)
		return ERR_INVAL;
	process = pid ? process_find_thread(pid) : process_get(process_current());
	if (!process)
		return ERR_SRCH;
	result = change_limit(process, number, arg_uaddr(frame, 2), arg_uaddr(frame, 3));
	process_put(process);
	return result;
}

int64_t sys_getrlimit(struct trapframe *frame)
{
	uint32_t number = arg_u32(frame, 0);
	struct uaddr to = arg_uaddr(frame, 1);

	if (number >= RLIMIT_COUNT)
		return ERR_INVAL;
	if (!to.raw)
		return ERR_FAULT;
	return change_limit(process_current(), number, UADDR_NULL, to);
}

int64_t sys_setrlimit(struct trapframe *frame)
{
	uint32_t number = arg_u32(frame, 0);
	struct uaddr from = arg_uaddr(frame, 1);

	if (number >= RLIMIT_COUNT)
		return ERR_INVAL;
	if (!from.raw)
		return ERR_FAULT;
	return change_limit(process_current(), number, from, UADDR_NULL);
}
