/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that take path names. The old names are the *at calls from the working directory. */
#include "kernel/lib/bits.h"

#include "fs/attr.h"
#include "fs/names.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/user.h"

static unsigned follow_flags(uint32_t at_flags)
{
	return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

/* The place that a name means, counted in *@out. */
static enum err find(int32_t dirfd, struct uaddr name, uint32_t at_flags, struct path *out)
{
	__uninitialized struct user_path path;
	enum err err = user_path_get(&path, dirfd, name, at_flags & AT_EMPTY_PATH);

	if (err != OK)
		return err;
	err = path_lookup(&path.at, follow_flags(at_flags), out);
	user_path_done(&path);
	return err;
}

/* --- opening --- */

static int64_t open_at(int32_t dirfd, struct uaddr name, uint32_t flags, uint32_t mode)
{
	__uninitialized struct user_path path;
	struct file *file;
	int64_t fd;
	enum err err;

	task_own_cred();
	err = user_path_get(&path, dirfd, name, false);
	if (err != OK)
		return err;
	err = path_open(&path.at, flags, mode & S_IALLUGO, &file);
	user_path_done(&path);
	if (err != OK)
		return err;
	fd = fd_install(my_files(), file, 0, my_fd_limit(), flags & O_CLOEXEC ? FD_CLOEXEC : 0);
	if (fd < 0)
		file_put(file);
	return fd;
}

int64_t sys_open(struct trapframe *frame)
{
	return open_at(AT_FDCWD, arg_uaddr(frame, 0), arg_u32(frame, 1), arg_u32(frame, 2));
}

int64_t sys_openat(struct trapframe *frame)
{
	return open_at(arg_int(frame, 0), arg_uaddr(frame, 1), arg_u32(frame, 2),
		       arg_u32(frame, 3));
}

int64_t sys_creat(struct trapframe *frame)
{
	return open_at(AT_FDCWD, arg_uaddr(frame, 0), O_CREAT | O_WRONLY | O_TRUNC,
		       arg_u32(frame, 1));
}

/* --- making and removing names --- */

typedef enum err name_fn(const struct path_at *at, uint32_t mode, uint64_t device);

static enum err do_mkdir(const struct path_at *at, uint32_t mode, uint64_t device)
{
	(void)device;
	return path_mkdir(at, mode);
}

static enum err do_unlink(const struct path_at *at, uint32_t mode, uint64_t device)
{
	(void)mode;
	(void)device;
	return path_unlink(at);
}

static enum err do_rmdir(const struct path_at *at, uint32_t mode, uint64_t device)
{
	(void)mode;
	(void)device;
	return path_rmdir(at);
}

static int64_t with_name(int32_t dirfd, struct uaddr name, name_fn *act, uint32_t mode,
			 uint64_t device)
{
	__uninitialized struct user_path path;
	enum err err = user_path_get(&path, dirfd, name, false);

	if (err != OK)
		return err;
	err = act(&path.at, mode, device);
	user_path_done(&path);
	return err;
}

int64_t sys_mkdir(struct trapframe *frame)
{
	return with_name(AT_FDCWD, arg_uaddr(frame, 0), do_mkdir, arg_u32(frame, 1), 0);
}

int64_t sys_mkdirat(struct trapframe *frame)
{
	return with_name(arg_int(frame, 0), arg_uaddr(frame, 1), do_mkdir, arg_u32(frame, 2), 0);
}

int64_t sys_mknod(struct trapframe *frame)
{
	return with_name(AT_FDCWD, arg_uaddr(frame, 0), path_mknod, arg_u32(frame, 1),
			 arg_u32(frame, 2));
}

int64_t sys_mknodat(struct trapframe *frame)
{
	return with_name(arg_int(frame, 0), arg_uaddr(frame, 1), path_mknod, arg_u32(frame, 2),
			 arg_u32(frame, 3));
}

int64_t sys_rmdir(struct trapframe *frame)
{
	return with_name(AT_FDCWD, arg_uaddr(frame, 0), do_rmdir, 0, 0);
}

int64_t sys_unlink(struct trapframe *frame)
{
	return with_name(AT_FDCWD, arg_uaddr(frame, 0), do_unlink, 0, 0);
}

int64_t sys_unlinkat(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 2);

	if (flags & ~AT_REMOVEDIR)
		return ERR_INVAL;
	return with_name(arg_int(frame, 0), arg_uaddr(frame, 1), flags ? do_rmdir : do_unlink, 0,
			 0);
}

typedef enum err names_fn(const struct path_at *old_at, const struct path_at *new_at,
			  unsigned flags);

static int64_t with_names(int32_t old_fd, struct uaddr old_name, int32_t new_fd,
			  struct uaddr new_name, names_fn *act, unsigned flags)
{
	__uninitialized struct user_path from, to;
	enum err err = user_path_get(&from, old_fd, old_name, flags & LOOKUP_EMPTY);

	if (err != OK)
		return err;
	err = user_path_get(&to, new_fd, new_name, false);
	if (err == OK) {
		err = act(&from.at, &to.at, flags);
		user_path_done(&to);
	}
	user_path_done(&from);
	return err;
}

int64_t sys_rename(struct trapframe *frame)
{
	return with_names(AT_FDCWD, arg_uaddr(frame, 0), AT_FDCWD, arg_uaddr(frame, 1), path_rename,
			  0);
}

int64_t sys_renameat(struct trapframe *frame)
{
	return with_names(arg_int(frame, 0), arg_uaddr(frame, 1), arg_int(frame, 2),
			  arg_uaddr(frame, 3), path_rename, 0);
}

int64_t sys_renameat2(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 4);

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return ERR_INVAL;
	return with_names(arg_int(frame, 0), arg_uaddr(frame, 1), arg_int(frame, 2),
			  arg_uaddr(frame, 3), path_rename, flags);
}

int64_t sys_link(struct trapframe *frame)
{
	return with_names(AT_FDCWD, arg_uaddr(frame, 0), AT_FDCWD, arg_uaddr(frame, 1), path_link,
			  0);
}

int64_t sys_linkat(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 4);

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return ERR_INVAL;
	/* A descriptor that somebody passed on is no right to a name. */
	if ((flags & AT_EMPTY_PATH) && !cred_can(cred_current(), CAP_DAC_READ_SEARCH))
		return ERR_NOENT;
	return with_names(arg_int(frame, 0), arg_uaddr(frame, 1), arg_int(frame, 2),
			  arg_uaddr(frame, 3), path_link,
			  (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
				  (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0));
}

static int64_t symlink_at(struct uaddr target_at, int32_t dirfd, struct uaddr name)
{
	char *target = kmalloc(LIMIT_PATH_BYTES);
	__uninitialized struct user_path path;
	int64_t result;

	if (!target)
		return ERR_NOMEM;
	result = string_from_user(target, target_at, LIMIT_PATH_BYTES);
	if (result == 0)
		result = ERR_NOENT;
	if (result > 0)
		result = user_path_get(&path, dirfd, name, false);
	if (result == OK) {
		result = path_symlink(target, &path.at);
		user_path_done(&path);
	}
	kfree(target);
	return result;
}

int64_t sys_symlink(struct trapframe *frame)
{
	return symlink_at(arg_uaddr(frame, 0), AT_FDCWD, arg_uaddr(frame, 1));
}

int64_t sys_symlinkat(struct trapframe *frame)
{
	return symlink_at(arg_uaddr(frame, 0), arg_int(frame, 1), arg_uaddr(frame, 2));
}

/* --- reading names --- */

static int64_t readlink_at(int32_t dirfd, struct uaddr name, struct uaddr to, int32_t size)
{
	struct path path;
	int64_t result;
	char *text;

	if (size <= 0)
		return ERR_INVAL;
	result = find(dirfd, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &path);
	if (result != OK)
		return result;
	text = kmalloc(LIMIT_PATH_BYTES);
	result = text ? vfs_readlink(&path, text, MIN((size_t)size, LIMIT_PATH_BYTES)) : ERR_NOMEM;
	path_put(&path);
	if (result > 0 && copy_to_user(to, text, (size_t)result) != OK)
		result = ERR_FAULT;
	kfree(text);
	return result;
}

int64_t sys_readlink(struct trapframe *frame)
{
	return readlink_at(AT_FDCWD, arg_uaddr(frame, 0), arg_uaddr(frame, 1), arg_int(frame, 2));
}

int64_t sys_readlinkat(struct trapframe *frame)
{
	return readlink_at(arg_int(frame, 0), arg_uaddr(frame, 1), arg_uaddr(frame, 2),
			   arg_int(frame, 3));
}

int64_t sys_getcwd(struct trapframe *frame)
{
	uint64_t size = arg(frame, 1);
	char *text = kmalloc(LIMIT_PATH_BYTES);
	char *start;
	int64_t len;

	if (!text)
		return ERR_NOMEM;
	len = path_cwd_text(process_current()->fs, text, LIMIT_PATH_BYTES, &start);
	if (len > 0 && (uint64_t)len > size)
		len = ERR_RANGE;
	if (len > 0 && copy_to_user(arg_uaddr(frame, 0), start, (size_t)len) != OK)
		len = ERR_FAULT;
	kfree(text);
	return len;
}

/* --- working directory and root --- */

static int64_t enter_directory(struct path *path, bool root)
{
	struct fs_context *context = process_current()->fs;
	enum err err = S_ISDIR(path_inode(path)->mode) ? OK : ERR_NOTDIR;

	if (err == OK)
		err = inode_permission(path_inode(path), cred_current(), MAY_EXEC);
	if (err == OK && root && !cred_can(cred_current(), CAP_SYS_CHROOT))
		err = ERR_PERM;
	if (err != OK) {
		path_put(path);
		return err;
	}
	if (root)
		fs_context_set_root(context, path);
	else
		fs_context_set_cwd(context, path);
	return 0;
}

int64_t sys_chdir(struct trapframe *frame)
{
	struct path path;
	enum err err = find(AT_FDCWD, arg_uaddr(frame, 0), 0, &path);

	return err == OK ? enter_directory(&path, false) : err;
}

int64_t sys_chroot(struct trapframe *frame)
{
	struct path path;
	enum err err = find(AT_FDCWD, arg_uaddr(frame, 0), 0, &path);

	return err == OK ? enter_directory(&path, true) : err;
}

int64_t sys_fchdir(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	struct path path;

	if (!ref.file)
		return ERR_BADF;
	path = ref.file->path;
	path_get(&path);
	fd_return(ref);
	return enter_directory(&path, false);
}

int64_t sys_umask(struct trapframe *frame)
{
	return fs_context_set_umask(process_current()->fs, arg_u32(frame, 0));
}
