/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on attributes: modes, owners, times, sizes. */
#include "fs/attr.h"

#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/place.h"

static enum err find_place_as(const struct cred *cred, int32_t dirfd, struct uaddr name,
			      uint32_t flags, struct path *out)
{
	__uninitialized struct user_path path;
	enum err err = user_path_get(&path, dirfd, name, flags & AT_EMPTY_PATH);

	if (err != OK)
		return err;
	path.at.cred = cred;
	err = path_lookup(&path.at,
			  (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
				  (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0),
			  out);
	user_path_done(&path);
	return err;
}

enum err find_place(int32_t dirfd, struct uaddr name, uint32_t flags, struct path *out)
{
	return find_place_as(cred_current(), dirfd, name, flags, out);
}

enum err file_place(const struct trapframe *frame, struct path *out)
{
	struct fd_ref ref = my_fd(frame, 0);

	if (!ref.file)
		return ERR_BADF;
	*out = ref.file->path;
	path_get(out);
	fd_return(ref);
	return OK;
}

/* A descriptor that only names a place (O_PATH) is no right to change what is there. */
static enum err open_file_place(const struct trapframe *frame, struct path *out)
{
	struct file *file = my_file(frame, 0);
	enum err err = file && !(file->mode & FILE_PATH) ? OK : ERR_BADF;

	file_put(file);
	return err == OK ? file_place(frame, out) : err;
}

/* access(2) asks for the real ids, AT_EACCESS for the effective ones. */
static int64_t access_at(int32_t dirfd, struct uaddr name, uint32_t mask, uint32_t flags)
{
	const struct cred *asker;
	struct path path;
	enum err err;

	if (mask & ~7u || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return ERR_INVAL;
	asker = flags & AT_EACCESS ? cred_get(cred_current()) : cred_for_access(cred_current());
	if (!asker)
		return ERR_NOMEM;
	err = find_place_as(asker, dirfd, name, flags & ~AT_EACCESS, &path);
	if (err == OK) {
		err = vfs_access(&path, asker, mask);
		path_put(&path);
	}
	cred_put(asker);
	return err;
}

int64_t sys_access(struct trapframe *frame)
{
	return access_at(AT_FDCWD, arg_uaddr(frame, 0), arg_u32(frame, 1), 0);
}

int64_t sys_faccessat(struct trapframe *frame)
{
	return access_at(arg_int(frame, 0), arg_uaddr(frame, 1), arg_u32(frame, 2), 0);
}

int64_t sys_faccessat2(struct trapframe *frame)
{
	return access_at(arg_int(frame, 0), arg_uaddr(frame, 1), arg_u32(frame, 2),
			 arg_u32(frame, 3));
}

static int64_t chmod_path(enum err err, struct path *path, uint32_t mode)
{
	if (err != OK)
		return err;
	err = vfs_chmod(path, cred_current(), mode & S_IALLUGO);
	path_put(path);
	return err;
}

int64_t sys_chmod(struct trapframe *frame)
{
	struct path path;

	return chmod_path(find_place(AT_FDCWD, arg_uaddr(frame, 0), 0, &path), &path,
			  arg_u32(frame, 1));
}

int64_t sys_fchmod(struct trapframe *frame)
{
	struct path path;

	return chmod_path(open_file_place(frame, &path), &path, arg_u32(frame, 1));
}

int64_t sys_fchmodat(struct trapframe *frame)
{
	struct path path;

	return chmod_path(find_place(arg_int(frame, 0), arg_uaddr(frame, 1), 0, &path), &path,
			  arg_u32(frame, 2));
}

static int64_t chown_path(enum err err, struct path *path, uint32_t uid, uint32_t gid)
{
	if (err != OK)
		return err;
	err = vfs_chown(path, cred_current(), uid, gid);
	path_put(path);
	return err;
}

int64_t sys_chown(struct trapframe *frame)
{
	struct path path;

	return chown_path(find_place(AT_FDCWD, arg_uaddr(frame, 0), 0, &path), &path,
			  arg_u32(frame, 1), arg_u32(frame, 2));
}

int64_t sys_lchown(struct trapframe *frame)
{
	struct path path;

	return chown_path(find_place(AT_FDCWD, arg_uaddr(frame, 0), AT_SYMLINK_NOFOLLOW, &path),
			  &path, arg_u32(frame, 1), arg_u32(frame, 2));
}

int64_t sys_fchown(struct trapframe *frame)
{
	struct path path;

	return chown_path(open_file_place(frame, &path), &path, arg_u32(frame, 1),
			  arg_u32(frame, 2));
}

int64_t sys_fchownat(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 4);
	struct path path;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return ERR_INVAL;
	return chown_path(find_place(arg_int(frame, 0), arg_uaddr(frame, 1), flags, &path), &path,
			  arg_u32(frame, 2), arg_u32(frame, 3));
}

int64_t sys_truncate(struct trapframe *frame)
{
	struct path path;
	enum err err = find_place(AT_FDCWD, arg_uaddr(frame, 0), 0, &path);

	if (err != OK)
		return err;
	if (vfs_access(&path, cred_current(), MAY_WRITE) == OK)
		err = limit_new_size(path_inode(&path), (int64_t)arg(frame, 1));
	if (err == OK)
		err = vfs_truncate(&path, cred_current(), (int64_t)arg(frame, 1));
	path_put(&path);
	return err;
}
