/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading and writing. As on Linux a bad range is refused whole, before a byte moves. */
#include "kernel/lib/bits.h"

#include "mm/io_iter.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/user.h"

#define IOVECS_SMALL 8u
#define NO_OFFSET    (-1)

static void signal_self(unsigned number)
{
	struct process *me = process_current();

	signal_send_process(me, &(struct signal_info){.signo = (int32_t)number,
						      .code = SI_USER,
						      .by.pid = me->pid->number,
						      .by.uid = cred_current()->uid});
}

/* Writing where nobody reads is told twice: by the error and by the signal. */
static int64_t write_result(int64_t result)
{
	if (unlikely(result == ERR_PIPE))
		signal_self(SIGPIPE);
	return result;
}

/* RLIMIT_FSIZE: the same for a file that may not grow. */
static int64_t write_limited(struct file *file, struct io_iter *iter, int64_t offset)
{
	uint64_t limit = process_current()->limits[RLIMIT_FSIZE].current;

	if (unlikely(limit != RLIM_INFINITY) && file_limit_write(file, iter, offset, limit) != OK) {
		signal_self(SIGXFSZ);
		return ERR_FBIG;
	}
	return offset == NO_OFFSET ? file_write(file, iter) : file_pwrite(file, iter, offset);
}

enum err limit_new_size(const struct inode *inode, int64_t size)
{
	if (!S_ISREG(inode->mode) || size < 0 || (uint64_t)size <= inode_size(inode) ||
	    likely((uint64_t)size <= process_current()->limits[RLIMIT_FSIZE].current))
		return OK;
	signal_self(SIGXFSZ);
	return ERR_FBIG;
}

/* A descriptor that is not open for this is said first. */
static __noinline int64_t refuse_range(struct fd_ref ref, uint32_t mode)
{
	int64_t result = ref.file->mode & mode ? ERR_FAULT : ERR_BADF;

	fd_return(ref);
	return result;
}

int64_t sys_read(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	uint64_t len = arg(frame, 2);
	struct io_iter iter;
	int64_t result;

	if (unlikely(!ref.file))
		return ERR_BADF;
	if (unlikely(!user_range_ok(arg_uaddr(frame, 1), len)))
		return refuse_range(ref, FILE_READ);
	io_iter_init_user(&iter, arg_uaddr(frame, 1), len);
	result = file_read(ref.file, &iter);
	fd_return(ref);
	return result;
}

int64_t sys_write(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	uint64_t len = arg(frame, 2);
	struct io_iter iter;
	int64_t result;

	if (unlikely(!ref.file))
		return ERR_BADF;
	if (unlikely(!user_range_ok(arg_uaddr(frame, 1), len)))
		return refuse_range(ref, FILE_WRITE);
	io_iter_init_user(&iter, arg_uaddr(frame, 1), len);
	result = write_limited(ref.file, &iter, NO_OFFSET);
	fd_return(ref);
	return write_result(result);
}

int64_t sys_pread64(struct trapframe *frame)
{
	int64_t offset = (int64_t)arg(frame, 3), result;
	struct io_iter iter;
	struct fd_ref ref;

	if (offset < 0)
		return ERR_INVAL;
	ref = my_fd(frame, 0);
	if (unlikely(!ref.file))
		return ERR_BADF;
	if (unlikely(!user_range_ok(arg_uaddr(frame, 1), arg(frame, 2))))
		return refuse_range(ref, FILE_READ);
	io_iter_init_user(&iter, arg_uaddr(frame, 1), arg(frame, 2));
	result = file_pread(ref.file, &iter, offset);
	fd_return(ref);
	return result;
}

int64_t sys_pwrite64(struct trapframe *frame)
{
	int64_t offset = (int64_t)arg(frame, 3), result;
	struct io_iter iter;
	struct fd_ref ref;

	if (offset < 0)
		return ERR_INVAL;
	ref = my_fd(frame, 0);
	if (unlikely(!ref.file))
		return ERR_BADF;
	if (unlikely(!user_range_ok(arg_uaddr(frame, 1), arg(frame, 2))))
		return refuse_range(ref, FILE_WRITE);
	io_iter_init_user(&iter, arg_uaddr(frame, 1), arg(frame, 2));
	result = write_limited(ref.file, &iter, offset);
	fd_return(ref);
	return write_result(result);
}

/* Linux's checks of an iovec array; what is beyond its cap in all is cut off by the iterator. */
static enum err check_vectors(struct io_vec *vectors, uint64_t count)
{
	uint64_t left = LIMIT_TRANSFER_BYTES;

	for (uint64_t i = 0; i < count; i++)
		if ((int64_t)vectors[i].len < 0)
			return ERR_INVAL;
	for (uint64_t i = 0; i < count; i++) {
		if (!user_range_ok(vectors[i].base, vectors[i].len))
			return ERR_FAULT;
		vectors[i].len = MIN(vectors[i].len, left);
		left -= vectors[i].len;
	}
	return OK;
}

static int64_t move_vectors(struct file *file, const struct io_vec *vectors, uint32_t count,
			    bool write)
{
	struct io_iter iter;

	io_iter_init_vector(&iter, vectors, count);
	return write ? write_result(write_limited(file, &iter, NO_OFFSET)) : file_read(file, &iter);
}

static int64_t copy_and_move(const struct trapframe *frame, struct file *file,
			     struct io_vec *vectors, bool write)
{
	uint64_t count = arg(frame, 2);
	enum err err = copy_from_user(vectors, arg_uaddr(frame, 1), count * sizeof(*vectors));

	if (err == OK)
		err = check_vectors(vectors, count);
	return err == OK ? move_vectors(file, vectors, (uint32_t)count, write) : err;
}

static int64_t transfer_many(const struct trapframe *frame, struct file *file, bool write)
{
	uint64_t count = arg(frame, 2);
	struct io_vec *vectors;
	int64_t result;

	if (count > LIMIT_IOVECS)
		return ERR_INVAL;
	vectors = kmalloc(count * sizeof(*vectors));
	if (!vectors)
		return ERR_NOMEM;
	result = copy_and_move(frame, file, vectors, write);
	kfree(vectors);
	return result;
}

static int64_t transfer_vectors(const struct trapframe *frame, bool write)
{
	__uninitialized struct io_vec vectors[IOVECS_SMALL];
	struct fd_ref ref = my_fd(frame, 0);
	int64_t result;

	if (!ref.file)
		return ERR_BADF;
	if (arg(frame, 2) <= IOVECS_SMALL)
		result = copy_and_move(frame, ref.file, vectors, write);
	else
		result = transfer_many(frame, ref.file, write);
	fd_return(ref);
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
	if (put_user_u64(offset_at, (uint64_t)offset) != OK)
		return ERR_FAULT;
	return result;
}

/* The same limit for what is sent; a file that cannot send says so itself. */
static int64_t send_limited(struct file *out, struct file *in, struct uaddr offset_at, size_t count)
{
	uint64_t limit = process_current()->limits[RLIMIT_FSIZE].current;
	struct io_iter room;

	if (likely(limit == RLIM_INFINITY) || !(in->mode & FILE_READ))
		return send(out, in, offset_at, count);
	io_iter_init_kernel(&room, NULL, count);
	if (file_limit_write(out, &room, NO_OFFSET, limit) != OK) {
		signal_self(SIGXFSZ);
		return ERR_FBIG;
	}
	return send(out, in, offset_at, io_iter_left(&room));
}

int64_t sys_sendfile(struct trapframe *frame)
{
	struct fd_ref out = my_fd(frame, 0), in = my_fd(frame, 1);
	int64_t result = ERR_BADF;

	if (out.file && in.file)
		result = send_limited(out.file, in.file, arg_uaddr(frame, 2),
				      MIN(arg(frame, 3), LIMIT_TRANSFER_BYTES));
	fd_return(in);
	fd_return(out);
	return write_result(result);
}
