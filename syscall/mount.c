/* SPDX-License-Identifier: BSD-2-Clause */
/* mount, umount2, pivot_root. */
#include "fs/mount.h"

#include "fs/fs_type.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/place.h"

#define MS_RDONLY      0x1u
#define MS_REMOUNT     0x20u
#define MS_BIND        0x1000u
#define MS_MOVE        0x2000u
#define MS_REC         0x4000u
#define MS_PRIVATE     0x40000u
#define MS_SLAVE       0x80000u
#define MS_PROPAGATION 0x1e0000u /* unbindable, private, slave, shared */
#define MS_STRICTATIME 0x1000000u
#define MS_MAGIC       0xc0ed0000u /* programs of the last century put it into the upper half */
#define MS_MAGIC_MASK  0xffff0000u

/* A call under way: kernel copies of what it was given. */
struct mount_call {
	char *source, *type, *options;
	struct path at;
	uint32_t flags;
};

static bool may_mount(void)
{
	return cred_is_privileged(process_current()->cred);
}

/* A string that need not be there. */
static enum err copy_text(struct uaddr from, char **out)
{
	int64_t len;

	if (!from.raw)
		return OK;
	*out = kmalloc(LIMIT_PATH_BYTES);
	if (!*out)
		return ERR_NOMEM;
	len = string_from_user(*out, from, LIMIT_PATH_BYTES);
	if (len == ERR_NAMETOOLONG)
		return ERR_INVAL;
	return len < 0 ? (enum err)len : OK;
}

static enum err find_source(const struct mount_call *call, struct path *out)
{
	struct process *me = process_current();
	const struct path_at at = {.context = me->fs, .cred = me->cred, .name = call->source};

	return call->source && *call->source ? path_lookup(&at, LOOKUP_FOLLOW, out) : ERR_INVAL;
}

static enum err bind(const struct mount_call *call)
{
	struct path from;
	enum err error = find_source(call, &from);

	if (error)
		return error;
	error = mount_bind(&from, &call->at, call->flags & MS_REC);
	path_put(&from);
	return error;
}

static enum err move(const struct mount_call *call)
{
	struct path from;
	enum err error = find_source(call, &from);

	if (error)
		return error;
	error = mount_move(&from, &call->at);
	path_put(&from);
	return error;
}

/* Every mount here is private: nothing spreads to other trees. */
static enum err change_propagation(const struct mount_call *call)
{
	uint32_t kind = call->flags & MS_PROPAGATION;

	if (call->at.dentry != call->at.mount->root)
		return ERR_INVAL;
	return kind == MS_PRIVATE || kind == MS_SLAVE ? OK : ERR_INVAL;
}

static enum err mount_new(const struct mount_call *call)
{
	const struct fs_type *type = call->type ? fs_type_find(call->type) : NULL;
	struct superblock *super;
	enum err error;

	if (!type)
		return call->type ? ERR_NODEV : ERR_INVAL;
	error = type->get(call->options ? call->options : "", &super);
	if (error)
		return error;
	error = mount_add(super, &call->at, call->source, call->flags);
	super_put(super);
	return error;
}

static enum err act(const struct mount_call *call)
{
	uint32_t flags = call->flags;

	if (!may_mount())
		return ERR_PERM;
	if ((flags & (MS_REMOUNT | MS_BIND)) == (MS_REMOUNT | MS_BIND))
		return mount_set_flags(&call->at, flags);
	if (flags & MS_REMOUNT)
		return mount_reconfigure(&call->at, flags, call->options ? call->options : "");
	if (flags & MS_BIND)
		return bind(call);
	if (flags & MS_PROPAGATION)
		return change_propagation(call);
	if (flags & MS_MOVE)
		return move(call);
	return mount_new(call);
}

static enum err copy_call(const struct trapframe *frame, struct mount_call *call)
{
	enum err error = copy_text(arg_uaddr(frame, 2), &call->type);

	if (!error)
		error = copy_text(arg_uaddr(frame, 0), &call->source);
	if (!error)
		error = copy_text(arg_uaddr(frame, 4), &call->options);
	return error ? error : find_place(AT_FDCWD, arg_uaddr(frame, 1), 0, &call->at);
}

int64_t sys_mount(struct trapframe *frame)
{
	struct mount_call call = {.flags = arg_u32(frame, 3)};
	enum err error = copy_call(frame, &call);

	if ((call.flags & MS_MAGIC_MASK) == MS_MAGIC)
		call.flags &= ~MS_MAGIC_MASK;
	if (!error)
		error = act(&call);
	path_put(&call.at);
	kfree(call.options);
	kfree(call.type);
	kfree(call.source);
	return error;
}

#define MNT_FORCE        1u
#define MNT_DETACH       2u
#define MNT_EXPIRE       4u
#define UMOUNT_NOFOLLOW  8u
#define UMOUNT_ALL_FLAGS 15u

int64_t sys_umount2(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 1);
	struct path path;
	enum err error;

	if (flags & ~UMOUNT_ALL_FLAGS)
		return ERR_INVAL;
	error = find_place(AT_FDCWD, arg_uaddr(frame, 0),
			   flags & UMOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0, &path);
	if (error)
		return error;
	if (!may_mount())
		error = ERR_PERM;
	else if (flags & MNT_EXPIRE)
		error = ERR_INVAL;
	else
		error = mount_remove(&path, flags & MNT_DETACH);
	path_put(&path);
	return error;
}

/* Whoever stood at the old root stands at the new one. */
static void follow_root(const struct path *from, const struct path *to)
{
	for (struct process *process = NULL; (process = process_next(process));) {
		struct fs_context *context;

		lglock_lock(&process_lock);
		context = process->state == PROCESS_LIVE ? process->fs : NULL;
		if (context)
			fs_context_get(context);
		lglock_unlock(&process_lock);
		if (context)
			fs_context_follow(context, from, to);
		fs_context_put(context);
	}
}

static enum err pivot(const struct path *new, const struct path *old)
{
	struct path root;
	enum err error;

	fs_context_root(process_current()->fs, &root);
	error = mount_pivot(&root, new, old);
	if (!error)
		follow_root(&root, new);
	path_put(&root);
	return error;
}

int64_t sys_pivot_root(struct trapframe *frame)
{
	struct path new, old;
	enum err error;

	if (!may_mount())
		return ERR_PERM;
	error = find_place(AT_FDCWD, arg_uaddr(frame, 0), 0, &new);
	if (error)
		return error;
	error = find_place(AT_FDCWD, arg_uaddr(frame, 1), 0, &old);
	if (!error) {
		error = S_ISDIR(path_inode(&new)->mode) ? pivot(&new, &old) : ERR_NOTDIR;
		path_put(&old);
	}
	path_put(&new);
	return error;
}
