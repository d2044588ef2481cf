/* SPDX-License-Identifier: BSD-2-Clause */
/* From file to file through a kernel buffer. */
#include "kernel/lib/bits.h"

#include "fs/file.h"
#include "kernel/core/limits.h"
#include "kernel/sched/thread.h"
#include "mm/slab.h"

#define SEND_BUFFER KIB(16)

#define AT_POSITION (-1)

/* Two files, and where in them; @to may be AT_POSITION. */
struct route {
	struct file *in, *out;
	int64_t from, to;
	uint64_t limit; /* of the second's size */
};

static int64_t write_step(const struct route *route, char *buffer, size_t size, size_t done)
{
	struct io_iter iter;

	io_iter_init_kernel(&iter, buffer, size);
	if (route->to == AT_POSITION)
		return file_write_limited(route->out, &iter, route->limit);
	return file_pwrite_limited(route->out, &iter, route->to + (int64_t)done, route->limit);
}

/* One buffer's worth. Return: bytes that arrived; 0 at the end of the first file. */
static int64_t send_step(const struct route *route, char *buffer, size_t size, size_t done)
{
	int64_t got = file_read_kernel(route->in, buffer, size, (uint64_t)route->from + done);

	return got > 0 ? write_step(route, buffer, (size_t)got, done) : got;
}

static int64_t send_along(const struct route *route, size_t count)
{
	char *buffer = kmalloc(SEND_BUFFER);
	size_t sent = 0;
	int64_t step = 0;

	if (!buffer)
		return ERR_NOMEM;
	while (sent < count) {
		size_t size = MIN(count - sent, SEND_BUFFER);

		step = send_step(route, buffer, size, sent);
		if (step <= 0)
			break;
		sent += (size_t)step;
		preempt_point();
		if (thread_work() & WAIT_INTERRUPTIBLE)
			break;
	}
	kfree(buffer);
	return sent ? (int64_t)sent : step;
}

int64_t file_send(struct file *out, struct file *in, int64_t *offset, size_t count, uint64_t limit)
{
	int64_t start;
	int64_t sent;

	if (!(in->mode & FILE_READ) || !(out->mode & FILE_WRITE))
		return ERR_BADF;
	if (!(in->mode & FILE_SEEKABLE))
		return offset ? ERR_SPIPE : ERR_INVAL;
	if ((out->flags & O_APPEND) || S_ISDIR(in->inode->mode))
		return ERR_INVAL;
	start = offset ? *offset : (int64_t)READ_ONCE(in->position);
	if (start < 0)
		return ERR_INVAL;
	sent = send_along(&(struct route){in, out, start, AT_POSITION, limit},
			  MIN(count, LIMIT_TRANSFER_BYTES));
	if (sent <= 0)
		return sent;
	if (offset) {
		*offset = start + sent;
		return sent;
	}
	mutex_lock(&in->position_lock);
	in->position = (uint64_t)(start + sent);
	mutex_unlock(&in->position_lock);
	return sent;
}

static enum err check_copy(const struct route *route, size_t count)
{
	const struct file *in = route->in, *out = route->out;
	int64_t len = (int64_t)count;

	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return ERR_ISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return ERR_INVAL;
	if (!(in->mode & FILE_READ) || !(out->mode & FILE_WRITE) || (out->flags & O_APPEND))
		return ERR_BADF;
	if (route->from < 0 || route->to < 0 || route->from > INT64_MAX - len ||
	    route->to > INT64_MAX - len)
		return route->from < 0 || route->to < 0 ? ERR_INVAL : ERR_OVERFLOW;
	if (in->inode == out->inode && route->from < route->to + len &&
	    route->to < route->from + len)
		return ERR_INVAL;
	return OK;
}

int64_t file_copy_range(struct file *in, int64_t from, struct file *out, int64_t to, size_t count,
			uint64_t limit)
{
	const struct route route = {in, out, from, to, limit};
	enum err error = check_copy(&route, count);

	return error || !count ? error : send_along(&route, count);
}
