/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extended attributes: no file system here has any. ls, cp and tar want to hear just that, in the
 * words of a file system that never had them.
 */
#include "mm/usercopy.h"
#include "syscall/place.h"

#define XATTR_NAME_BYTES 256u
#define XATTR_SIZE_MAX   65536u
#define XATTR_FLAGS      3u /* XATTR_CREATE, XATTR_REPLACE */

static enum err check_name(struct uaddr name)
{
	int64_t len = string_length_user(name, XATTR_NAME_BYTES);

	if (len == ERR_FAULT)
		return ERR_FAULT;
	return len > 0 ? ERR_OPNOTSUPP : ERR_RANGE;
}

/* The first argument names a file, or is a descriptor. @error: what there is to say of it. */
static int64_t answer_name(struct trapframe *frame, uint32_t flags, enum err error)
{
	struct path path;
	enum err err = find_place(AT_FDCWD, arg_uaddr(frame, 0), flags, &path);

	if (err != OK)
		return err;
	path_put(&path);
	return error;
}

static int64_t answer_file(struct trapframe *frame, enum err error)
{
	struct fd_ref ref = my_fd(frame, 0);
	bool place = ref.file && (ref.file->mode & FILE_PATH);

	if (!ref.file)
		return ERR_BADF;
	fd_return(ref);
	return place ? ERR_BADF : error;
}

/* What setting checks of its arguments before it looks for the file. */
static enum err check_set(const struct trapframe *frame)
{
	enum err err;

	if (arg_u32(frame, 4) & ~XATTR_FLAGS)
		return ERR_INVAL;
	err = check_name(arg_uaddr(frame, 1));
	if (err == ERR_OPNOTSUPP && arg(frame, 3) > XATTR_SIZE_MAX)
		return ERR_2BIG;
	return err;
}

static int64_t set(struct trapframe *frame, uint32_t flags)
{
	enum err err = check_set(frame);

	return err == ERR_OPNOTSUPP ? answer_name(frame, flags, err) : err;
}

static int64_t with_name(struct trapframe *frame, uint32_t flags)
{
	return answer_name(frame, flags, check_name(arg_uaddr(frame, 1)));
}

int64_t sys_setxattr(struct trapframe *frame)
{
	return set(frame, 0);
}

int64_t sys_lsetxattr(struct trapframe *frame)
{
	return set(frame, AT_SYMLINK_NOFOLLOW);
}

int64_t sys_fsetxattr(struct trapframe *frame)
{
	enum err err = check_set(frame);

	return err == ERR_OPNOTSUPP ? answer_file(frame, err) : err;
}

int64_t sys_getxattr(struct trapframe *frame)
{
	return with_name(frame, 0);
}

int64_t sys_lgetxattr(struct trapframe *frame)
{
	return with_name(frame, AT_SYMLINK_NOFOLLOW);
}

int64_t sys_fgetxattr(struct trapframe *frame)
{
	return answer_file(frame, check_name(arg_uaddr(frame, 1)));
}

int64_t sys_listxattr(struct trapframe *frame)
{
	return answer_name(frame, 0, ERR_OPNOTSUPP);
}

int64_t sys_llistxattr(struct trapframe *frame)
{
	return answer_name(frame, AT_SYMLINK_NOFOLLOW, ERR_OPNOTSUPP);
}

int64_t sys_flistxattr(struct trapframe *frame)
{
	return answer_file(frame, ERR_OPNOTSUPP);
}

int64_t sys_removexattr(struct trapframe *frame)
{
	return with_name(frame, 0);
}

int64_t sys_lremovexattr(struct trapframe *frame)
{
	return with_name(frame, AT_SYMLINK_NOFOLLOW);
}

int64_t sys_fremovexattr(struct trapframe *frame)
{
	return answer_file(frame, check_name(arg_uaddr(frame, 1)));
}
