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

void signal_self(unsigned number)
{
	struct process *me = process_current();

	signal_send_process(me, &(struct signal_info){.signo = (int32_t)number,
						      .code = SI_USER,
						      .by.pid = me->pid->number,
						      .by.uid = cred_current()->uid});
}

/* Writing where nobody reads is told twice: by the error and by the signal. */
int64_t write_result(int64_t result)
{
	if (unlikely(result == ERR_PIPE))
		signal_self(SIGPIPE);
	return result;
}

/* RLIMIT_FSIZE: the same for a file that may not grow. */
int64_t limited_result(int64_t result, uint64_t limit)
{
	if (unlikely(result == ERR_FBIG) && limit <= INT64_MAX)
		signal_self(SIGXFSZ);
	return result;
}

static int64_t write_limited(struct file *file, struct io_iter *iter, int64_t offset)
{
	uint64_t limit = process_current()->limits[RLIMIT_FSIZE].current;
	int64_t result = offset == NO_OFFSET ? file_write_limited(file, iter, limit)
					     : file_pwrite_limited(file, iter, offset, limit);

	return limited_result(result, limit);
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

/* Where a transfer of vectors starts, and how. */
struct vector_call {
	bool write;
	int64_t offset; /* NO_OFFSET: at the file's position */
};

static int64_t move_vectors(struct file *file, const struct io_vec *vectors, uint32_t count,
			    const struct vector_call *call)
{
	struct io_iter iter;

	io_iter_init_vector(&iter, vectors, count);
	if (call->write)
		return write_result(write_limited(file, &iter, call->offset));
	return call->offset == NO_OFFSET ? file_read(file, &iter)
					 : file_pread(file, &iter, call->offset);
}

static int64_t copy_and_move(const struct trapframe *frame, struct file *file,
			     struct io_vec *vectors, const struct vector_call *call)
{
	uint64_t count = arg(frame, 2);
	enum err err = copy_from_user(vectors, arg_uaddr(frame, 1), count * sizeof(*vectors));

	if (err == OK)
		err = check_vectors(vectors, count);
	return err == OK ? move_vectors(file, vectors, (uint32_t)count, call) : err;
}

static int64_t transfer_many(const struct trapframe *frame, struct file *file,
			     const struct vector_call *call)
{
	uint64_t count = arg(frame, 2);
	struct io_vec *vectors;
	int64_t result;

	if (count > LIMIT_IOVECS)
		return ERR_INVAL;
	vectors = kmalloc(count * sizeof(*vectors));
	if (!vectors)
		return ERR_NOMEM;
	result = copy_and_move(frame, file, vectors, call);
	kfree(vectors);
	return result;
}

static int64_t transfer_vectors(const struct trapframe *frame, const struct vector_call *call)
{
	__uninitialized struct io_vec vectors[IOVECS_SMALL];
	struct fd_ref ref = my_fd(frame, 0);
	int64_t result;

	if (!ref.file)
		return ERR_BADF;
	if (call->offset != NO_OFFSET && !(ref.file->mode & FILE_SEEKABLE))
		result = ref.file->mode & FILE_PATH ? ERR_BADF : ERR_SPIPE;
	else if (arg(frame, 2) <= IOVECS_SMALL)
		result = copy_and_move(frame, ref.file, vectors, call);
	else
		result = transfer_many(frame, ref.file, call);
	fd_return(ref);
	return result;
}

int64_t sys_readv(struct trapframe *frame)
{
	return transfer_vectors(frame, &(struct vector_call){false, NO_OFFSET});
}

int64_t sys_writev(struct trapframe *frame)
{
	return transfer_vectors(frame, &(struct vector_call){true, NO_OFFSET});
}

static int64_t transfer_vectors_at(const struct trapframe *frame, bool write)
{
	const struct vector_call call = {write, (int64_t)arg(frame, 3)};

	return call.offset < 0 ? ERR_INVAL : transfer_vectors(frame, &call);
}

int64_t sys_preadv(struct trapframe *frame)
{
	return transfer_vectors_at(frame, false);
}

int64_t sys_pwritev(struct trapframe *frame)
{
	return transfer_vectors_at(frame, true);
}

/* Hints that memory need not look at; NOWAIT and APPEND would change what is done. */
#define RWF_HINTS 0x7u /* HIPRI, DSYNC, SYNC */

static int64_t transfer_vectors_flags(const struct trapframe *frame, bool write)
{
	const struct vector_call here = {write, NO_OFFSET};

	if (arg_u32(frame, 5) & ~RWF_HINTS)
		return ERR_OPNOTSUPP;
	return (int64_t)arg(frame, 3) == NO_OFFSET ? transfer_vectors(frame, &here)
						   : transfer_vectors_at(frame, write);
}

int64_t sys_preadv2(struct trapframe *frame)
{
	return transfer_vectors_flags(frame, false);
}

int64_t sys_pwritev2(struct trapframe *frame)
{
	return transfer_vectors_flags(frame, true);
}
