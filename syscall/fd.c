/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors: closing, duplicating, pipes, fcntl. */
#include "fs/memfd.h"
#include "fs/pipe.h"
#include "mm/usercopy.h"
#include "syscall/lock.h"
#include "syscall/user.h"

#define F_DUPFD         0u
#define F_GETFD         1u
#define F_SETFD         2u
#define F_GETFL         3u
#define F_SETFL         4u
#define F_DUPFD_CLOEXEC 1030u
#define F_GETPIPE_SZ    1032u
#define F_ADD_SEALS     1033u
#define F_GET_SEALS     1034u

int64_t sys_close(struct trapframe *frame)
{
	return fd_close(my_files(), arg_int(frame, 0));
}

int64_t sys_close_range(struct trapframe *frame)
{
	uint32_t first = arg_u32(frame, 0), last = arg_u32(frame, 1), flags = arg_u32(frame, 2);

	if (first > last || flags & ~4u)
		return ERR_INVAL;
	if (!flags) {
		fd_close_range(my_files(), first, last);
		return 0;
	}
	for (int64_t fd = fd_next(my_files(), first); fd >= 0 && fd <= last;
	     fd = fd_next(my_files(), (uint64_t)fd + 1))
		(void)!fd_set_flags(my_files(), fd, FD_CLOEXEC);
	return 0;
}

int64_t sys_dup(struct trapframe *frame)
{
	return fd_dup(my_files(), arg_int(frame, 0), 0, my_fd_limit(), 0);
}

int64_t sys_dup2(struct trapframe *frame)
{
	int32_t old_fd = arg_int(frame, 0), new_fd = arg_int(frame, 1);

	if (old_fd == new_fd)
		return fd_flags(my_files(), old_fd) < 0 ? ERR_BADF : new_fd;
	return fd_dup_to(my_files(), old_fd, new_fd, my_fd_limit(), 0);
}

int64_t sys_dup3(struct trapframe *frame)
{
	int32_t old_fd = arg_int(frame, 0), new_fd = arg_int(frame, 1);
	uint32_t flags = arg_u32(frame, 2);

	if (old_fd == new_fd || flags & ~O_CLOEXEC)
		return ERR_INVAL;
	return fd_dup_to(my_files(), old_fd, new_fd, my_fd_limit(), flags ? FD_CLOEXEC : 0);
}

static int64_t make_pipe(struct uaddr to, uint32_t flags)
{
	struct file *files[2];
	int32_t fds[2];
	enum err err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return ERR_INVAL;
	err = pipe_create(flags & O_NONBLOCK, cred_current(), files);
	if (err != OK)
		return err;
	err = fd_install_pair(my_files(), files, my_fd_limit(), flags & O_CLOEXEC ? FD_CLOEXEC : 0,
			      fds);
	if (err != OK) {
		file_put(files[0]);
		file_put(files[1]);
		return err;
	}
	err = copy_to_user(to, fds, sizeof(fds));
	if (err != OK) {
		(void)!fd_close(my_files(), fds[0]);
		(void)!fd_close(my_files(), fds[1]);
	}
	return err;
}

int64_t sys_pipe(struct trapframe *frame)
{
	return make_pipe(arg_uaddr(frame, 0), 0);
}

int64_t sys_pipe2(struct trapframe *frame)
{
	return make_pipe(arg_uaddr(frame, 0), arg_u32(frame, 1));
}

#define MFD_CLOEXEC       1u
#define MFD_ALLOW_SEALING 2u
#define MFD_EXEC          16u
#define MFD_PREFIX        "memfd:"
#define MFD_NAME_BYTES    (LIMIT_NAME_BYTES + 1 - sizeof(MFD_PREFIX) + 1)

int64_t sys_memfd_create(struct trapframe *frame)
{
	char name[LIMIT_NAME_BYTES + 1] = MFD_PREFIX;
	uint32_t flags = arg_u32(frame, 1);
	struct file *file;
	int64_t result;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC))
		return ERR_INVAL;
	result = string_from_user(name + sizeof(MFD_PREFIX) - 1, arg_uaddr(frame, 0),
				  MFD_NAME_BYTES);
	if (result < 0)
		return result == ERR_NAMETOOLONG ? ERR_INVAL : result;
	result = memfd_create(name, flags & MFD_ALLOW_SEALING, cred_current(), &file);
	if (result != OK)
		return result;
	result = fd_install(my_files(), file, 0, my_fd_limit(),
			    flags & MFD_CLOEXEC ? FD_CLOEXEC : 0);
	if (result < 0)
		file_put(file);
	return result;
}

static int64_t fcntl_file(struct file *file, uint32_t command, struct trapframe *frame)
{
	if ((file->mode & FILE_PATH) && command != F_GETFL)
		return ERR_BADF;
	switch (command) {
	case F_GETFL:
		return file->flags;
	case F_SETFL:
		return file_set_flags(file, UINT32_MAX, arg_u32(frame, 2));
	case F_GETPIPE_SZ:
		return pipe_capacity(file);
	case F_ADD_SEALS:
		return memfd_add_seals(file, arg_u32(frame, 2));
	case F_GET_SEALS:
		return memfd_seals(file);
	default:
		return fcntl_lock(frame, file, command);
	}
}

int64_t sys_fcntl(struct trapframe *frame)
{
	uint32_t command = arg_u32(frame, 1);
	int32_t fd = arg_int(frame, 0);
	struct file *file;
	int64_t result;

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return fd_dup(my_files(), fd, arg(frame, 2), my_fd_limit(),
			      command == F_DUPFD ? 0 : FD_CLOEXEC);
	case F_GETFD:
		return fd_flags(my_files(), fd);
	case F_SETFD:
		return fd_set_flags(my_files(), fd, arg_u32(frame, 2) & FD_CLOEXEC);
	default:
		break;
	}
	file = my_file_at(fd);
	if (!file)
		return ERR_BADF;
	result = fcntl_file(file, command, frame);
	file_put(file);
	return result;
}
