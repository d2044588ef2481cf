/* SPDX-License-Identifier: BSD-2-Clause */
/* User and group ids. */
#include "sec/cred.h"

#include "mm/slab.h"
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
