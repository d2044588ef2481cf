/* SPDX-License-Identifier: BSD-2-Clause */
/* User and group ids, resource limits. */
#include "sec/cred.h"

#include "kernel/lib/bits.h"

#include "mm/slab.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "syscall/user.h"

static int64_t become(enum err err, struct cred *cred)
{
	return err == OK ? task_set_cred(cred) : err;
}

int64_t sys_getuid(struct trapframe *frame)
{
	(void)frame;
	return cred_current()->uid;
}

int64_t sys_geteuid(struct trapframe *frame)
{
	(void)frame;
	return cred_current()->euid;
}

int64_t sys_getgid(struct trapframe *frame)
{
	(void)frame;
	return cred_current()->gid;
}

int64_t sys_getegid(struct trapframe *frame)
{
	(void)frame;
	return cred_current()->egid;
}

int64_t sys_setuid(struct trapframe *frame)
{
	struct cred *cred = NULL;
	enum err err = cred_setuid(cred_current(), arg_u32(frame, 0), &cred);

	return become(err, cred);
}

int64_t sys_setgid(struct trapframe *frame)
{
	struct cred *cred = NULL;
	enum err err = cred_setgid(cred_current(), arg_u32(frame, 0), &cred);

	return become(err, cred);
}

int64_t sys_setresuid(struct trapframe *frame)
{
	struct cred *cred = NULL;
	enum err err = cred_setresuid(cred_current(), arg_u32(frame, 0), arg_u32(frame, 1),
				      arg_u32(frame, 2), &cred);

	return become(err, cred);
}

int64_t sys_setresgid(struct trapframe *frame)
{
	struct cred *cred = NULL;
	enum err err = cred_setresgid(cred_current(), arg_u32(frame, 0), arg_u32(frame, 1),
				      arg_u32(frame, 2), &cred);

	return become(err, cred);
}

int64_t sys_setreuid(struct trapframe *frame)
{
	struct cred *cred = NULL;
	enum err err = cred_setreuid(cred_current(), arg_u32(frame, 0), arg_u32(frame, 1), &cred);

	return become(err, cred);
}

int64_t sys_setregid(struct trapframe *frame)
{
	struct cred *cred = NULL;
	enum err err = cred_setregid(cred_current(), arg_u32(frame, 0), arg_u32(frame, 1), &cred);

	return become(err, cred);
}

/* What there was before is all that these two ever say. */
int64_t sys_setfsuid(struct trapframe *frame)
{
	uint32_t old = cred_current()->fsuid;
	struct cred *cred;

	if (cred_setfsuid(cred_current(), arg_u32(frame, 0), &cred) == OK && cred)
		(void)!task_set_cred(cred);
	return old;
}

int64_t sys_setfsgid(struct trapframe *frame)
{
	uint32_t old = cred_current()->fsgid;
	struct cred *cred;

	if (cred_setfsgid(cred_current(), arg_u32(frame, 0), &cred) == OK && cred)
		(void)!task_set_cred(cred);
	return old;
}

static int64_t put_three(struct trapframe *frame, uint32_t a, uint32_t b, uint32_t c)
{
	enum err err = put_user_u32(arg_uaddr(frame, 0), a);

	if (err == OK)
		err = put_user_u32(arg_uaddr(frame, 1), b);
	return err == OK ? put_user_u32(arg_uaddr(frame, 2), c) : err;
}

int64_t sys_getresuid(struct trapframe *frame)
{
	return put_three(frame, cred_current()->uid, cred_current()->euid, cred_current()->suid);
}

int64_t sys_getresgid(struct trapframe *frame)
{
	return put_three(frame, cred_current()->gid, cred_current()->egid, cred_current()->sgid);
}

int64_t sys_getgroups(struct trapframe *frame)
{
	const struct cred *cred = cred_current();
	int32_t size = arg_int(frame, 0);
	enum err err;

	if (size < 0 || (size && (uint32_t)size < cred->group_count))
		return ERR_INVAL;
	if (!size || !cred->group_count)
		return cred->group_count;
	err = copy_to_user(arg_uaddr(frame, 1), cred->groups, cred->group_count * sizeof(uint32_t));
	return err == OK ? (int64_t)cred->group_count : err;
}

int64_t sys_setgroups(struct trapframe *frame)
{
	uint32_t count = arg_u32(frame, 0);
	uint32_t *groups = NULL;
	struct cred *cred = NULL;
	enum err err = OK;

	if (!cred_can(cred_current(), CAP_SETGID))
		return ERR_PERM;
	if (count > LIMIT_GROUPS)
		return ERR_INVAL;
	if (count) {
		groups = kmalloc(count * sizeof(*groups));
		if (!groups)
			return ERR_NOMEM;
		err = copy_from_user(groups, arg_uaddr(frame, 1), count * sizeof(*groups));
	}
	if (err == OK) {
		cred = cred_copy_with_groups(cred_current(), groups, count);
		err = cred ? OK : ERR_NOMEM;
	}
	kfree(groups);
	return become(err, cred);
}

/* --- resource limits --- */

static enum err check_limit(const struct rlimit *old, const struct rlimit *fresh)
{
	if (fresh->current > fresh->maximum)
		return ERR_INVAL;
	return fresh->maximum > old->maximum && !cred_can(cred_current(), CAP_SYS_RESOURCE)
		       ? ERR_PERM
		       : OK;
}

static void limits_changed(struct process *process)
{
	struct space_limits limits = {.address_space = process->limits[RLIMIT_AS].current,
				      .data = process->limits[RLIMIT_DATA].current,
				      .stack = process->limits[RLIMIT_STACK].current};

	space_set_limits(process->space, &limits);
}

static void set_limit(struct process *process, uint32_t number, const struct rlimit *limit)
{
	spin_lock(&process_lock);
	process->limits[number] = *limit;
	if (number == RLIMIT_CPU && process->state == PROCESS_LIVE)
		cpu_limit_start_locked(process);
	spin_unlock(&process_lock);
}

static int64_t change_limit(struct process *process, uint32_t number, struct uaddr from,
			    struct uaddr to)
{
	struct rlimit old = process->limits[number], fresh;
	enum err err = OK;

	if (from.raw) {
		err = copy_from_user(&fresh, from, sizeof(fresh));
		if (err == OK)
			err = check_limit(&old, &fresh);
		if (err != OK)
			return err;
		set_limit(process, number, &fresh);
		if (process == process_current())
			limits_changed(process);
	}
	return to.raw ? copy_to_user(to, &old, sizeof(old)) : OK;
}

/* All ids of the other one: a set-id program is not its caller's to limit. */
static bool may_limit(const struct cred *other)
{
	const struct cred *own = cred_current();

	return cred_can(own, CAP_SYS_RESOURCE) ||
	       (own->uid == other->uid && own->uid == other->euid && own->uid == other->suid &&
		own->gid == other->gid && own->gid == other->egid && own->gid == other->sgid);
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
	if (process != process_current() && !may_limit(process->cred))
		result = ERR_PERM;
	else
		result = change_limit(process, number, arg_uaddr(frame, 2), arg_uaddr(frame, 3));
	process_put(process);
	return result;
}

int64_t sys_getrlimit(struct trapframe *frame)
{
	uint32_t number = arg_u32(frame, 0);

	if (number >= RLIMIT_COUNT)
		return ERR_INVAL;
	return copy_to_user(arg_uaddr(frame, 1), &process_current()->limits[number],
			    sizeof(struct rlimit));
}

int64_t sys_setrlimit(struct trapframe *frame)
{
	uint32_t number = arg_u32(frame, 0);
	struct uaddr from = arg_uaddr(frame, 1);

	if (number >= RLIMIT_COUNT)
		return ERR_INVAL;
	if (!from.raw)
		return ERR_FAULT;
	return change_limit(process_current(), number, from, (struct uaddr){0});
}
