/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on open files: reading, writing, positions, descriptors. */
#include "fs/pipe.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"
#include "mm/io_iter.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "proc/signal_numbers.h"
#include "syscall/user.h"

#define F_DUPFD         0u
#define F_GETFD         1u
#define F_SETFD         2u
#define F_GETFL         3u
#define F_SETFL         4u
#define F_GETLK         5u
#define F_SETLK         6u
#define F_SETLKW        7u
#define F_DUPFD_CLOEXEC 1030u
#define F_GETPIPE_SZ    1032u

#define IOVECS_SMALL     8u
#define DIRENTS_MAX      32768u

/* Writing where nobody reads is told twice: by the error and by the signal. */
static int64_t write_result(int64_t result)
{
	struct process *me = process_current();

	if (unlikely(result == ERR_PIPE))
		signal_send_process(me, &(struct signal_info){.signo = SIGPIPE,
							       .code = SI_USER,
							       .by.pid = me->pid->number,
							       .by.uid = 0});
	return result;
}

int64_t sys_read(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	struct io_iter iter;
	int64_t result;

	if (unlikely(!file))
		return ERR_BADF;
	io_iter_init_user(&iter, arg_uaddr(frame, 1), MIN(arg(frame, 2), LIMIT_TRANSFER_BYTES));
	result = file_read(file, &iter);
	file_put(file);
	return result;
}

int64_t sys_write(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	struct io_iter iter;
	int64_t result;

	if (unlikely(!file))
		return ERR_BADF;
	io_iter_init_user(&iter, arg_uaddr(frame, 1), MIN(arg(frame, 2), LIMIT_TRANSFER_BYTES));
	result = file_write(file, &iter);
	file_put(file);
	return write_result(result);
}

int64_t sys_pread64(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	struct io_iter iter;
	int64_t result;

	if (unlikely(!file))
		return ERR_BADF;
	io_iter_init_user(&iter, arg_uaddr(frame, 1), MIN(arg(frame, 2), LIMIT_TRANSFER_BYTES));
	result = file_pread(file, &iter, (int64_t)arg(frame, 3));
	file_put(file);
	return result;
}

int64_t sys_pwrite64(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	struct io_iter iter;
	int64_t result;

	if (unlikely(!file))
		return ERR_BADF;
	io_iter_init_user(&iter, arg_uaddr(frame, 1), MIN(arg(frame, 2), LIMIT_TRANSFER_BYTES));
	result = file_pwrite(file, &iter, (int64_t)arg(frame, 3));
	file_put(file);
	return result;
}

static enum err check_vectors(const struct io_vec *vectors, uint64_t count)
{
	uint64_t total = 0;

	for (uint64_t i = 0; i < count; i++)
		if (vectors[i].len > INT64_MAX || add_overflows(total, vectors[i].len, &total) ||
		    total > INT64_MAX)
			return ERR_INVAL;
	return OK;
}

static int64_t move_vectors(struct file *file, const struct io_vec *vectors, uint32_t count,
			    bool write)
{
	struct io_iter iter;

	io_iter_init_vector(&iter, vectors, count);
	io_iter_truncate(&iter, LIMIT_TRANSFER_BYTES);
	return write ? write_result(file_write(file, &iter)) : file_read(file, &iter);
}

static int64_t transfer_vectors(struct trapframe *frame, bool write)
{
	struct io_vec small[IOVECS_SMALL], *vectors = small;
	struct file *file = my_file(frame, 0);
	uint64_t count = arg(frame, 2);
	int64_t result = ERR_INVAL;

	if (!file)
		return ERR_BADF;
	if (count > LIMIT_IOVECS)
		goto out;
	if (count > IOVECS_SMALL)
		vectors = kmalloc(count * sizeof(*vectors));
	result = ERR_NOMEM;
	if (!vectors)
		goto out;
	result = copy_from_user(vectors, arg_uaddr(frame, 1), count * sizeof(*vectors));
	if (result == OK)
		result = check_vectors(vectors, count);
	if (result == OK)
		result = move_vectors(file, vectors, (uint32_t)count, write);
	if (vectors != small)
		kfree(vectors);
out:
	file_put(file);
	return result;
}

int64_t sys_readv(struct trapframe *frame)
{
	return transfer_vectors(frame, false);
}

int64_t sys_writev(struct trapframe *frame)
{
	return transfer_vectors(frame, true);
}

int64_t sys_lseek(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	uint64_t position = 0;
	enum err err;

	if (!file)
		return ERR_BADF;
	err = file_seek(file, (int64_t)arg(frame, 1), arg_u32(frame, 2), &position);
	file_put(file);
	return err == OK ? (int64_t)position : err;
}

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
	err = pipe_create(flags & O_NONBLOCK, process_current()->cred, files);
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

/* Record locks: one process at a time is what there is, so a lock is always granted. */
static int64_t fcntl_lock(uint32_t command, struct uaddr at)
{
	struct {
		int16_t type, whence;
		int32_t pad;
		int64_t start, len;
		int32_t pid, pad2;
	} lock;
	enum err err = copy_from_user(&lock, at, sizeof(lock));

	if (err != OK || command != F_GETLK)
		return err;
	lock.type = 2; /* F_UNLCK */
	return copy_to_user(at, &lock, sizeof(lock));
}

static int64_t fcntl_file(struct file *file, uint32_t command, struct trapframe *frame)
{
	switch (command) {
	case F_GETFL:
		return file->flags;
	case F_SETFL:
		return file_set_flags(file, arg_u32(frame, 2));
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
		return fcntl_lock(command, arg_uaddr(frame, 2));
	case F_GETPIPE_SZ:
		return pipe_capacity(file);
	default:
		return ERR_INVAL;
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

int64_t sys_getdents64(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	size_t size = MIN(arg_u32(frame, 2), DIRENTS_MAX);
	int64_t result = ERR_NOMEM;
	void *buffer;

	if (!file)
		return ERR_BADF;
	buffer = size ? kmalloc(size) : NULL;
	if (buffer)
		result = file_getdents(file, buffer, size);
	else if (!size)
		result = ERR_INVAL;
	if (result > 0 && copy_to_user(arg_uaddr(frame, 1), buffer, (size_t)result) != OK)
		result = ERR_FAULT;
	kfree(buffer);
	file_put(file);
	return result;
}

static int64_t sync_file(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	enum err err;

	if (!file)
		return ERR_BADF;
	err = file_sync(file);
	file_put(file);
	return err;
}

int64_t sys_fsync(struct trapframe *frame)
{
	return sync_file(frame);
}

int64_t sys_fdatasync(struct trapframe *frame)
{
	return sync_file(frame);
}

int64_t sys_syncfs(struct trapframe *frame)
{
	return sync_file(frame);
}

int64_t sys_sync(struct trapframe *frame)
{
	(void)frame;
	return 0;
}

int64_t sys_ftruncate(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	enum err err;

	if (!file)
		return ERR_BADF;
	err = file_truncate(file, process_current()->cred, (int64_t)arg(frame, 1));
	file_put(file);
	return err;
}

int64_t sys_fallocate(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);
	enum err err;

	if (!file)
		return ERR_BADF;
	err = file_allocate(file, arg_u32(frame, 1), (int64_t)arg(frame, 2), (int64_t)arg(frame, 3));
	file_put(file);
	return err;
}

int64_t sys_fadvise64(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);

	if (!file)
		return ERR_BADF;
	file_put(file);
	return arg_u32(frame, 3) > 5 ? ERR_INVAL : 0;
}

int64_t sys_flock(struct trapframe *frame)
{
	struct file *file = my_file(frame, 0);

	if (!file)
		return ERR_BADF;
	file_put(file);
	return 0;
}

static int64_t send(struct file *out, struct file *in, struct uaddr offset_at, size_t count)
{
	int64_t offset = 0, result;
	enum err err;

	if (!offset_at.raw)
		return file_send(out, in, NULL, count);
	err = get_user_u64((uint64_t *)&offset, offset_at);
	if (err != OK)
		return err;
	result = file_send(out, in, &offset, count);
	if (result >= 0 && put_user_u64(offset_at, (uint64_t)offset) != OK)
		return ERR_FAULT;
	return result;
}

int64_t sys_sendfile(struct trapframe *frame)
{
	struct file *out = my_file(frame, 0), *in = my_file(frame, 1);
	int64_t result = ERR_BADF;

	if (out && in)
		result = send(out, in, arg_uaddr(frame, 2),
			      MIN(arg(frame, 3), LIMIT_TRANSFER_BYTES));
	file_put(in);
	file_put(out);
	return write_result(result);
}
