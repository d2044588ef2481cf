/* SPDX-License-Identifier: BSD-2-Clause */
/* sendfile(2): from file to file through a kernel buffer. */
#include "kernel/lib/bits.h"

#include "fs/file.h"
#include "kernel/core/limits.h"
#include "kernel/sched/thread.h"
#include "mm/slab.h"

#define SEND_BUFFER KIB(16)

/* One buffer's worth. Return: bytes that arrived; 0 at the end of @in. */
static int64_t send_step(struct file *out, struct file *in, uint64_t offset, char *buffer,
			 size_t size)
{
	int64_t got = file_read_kernel(in, buffer, size, offset);

	return got > 0 ? file_write_kernel(out, buffer, (size_t)got) : got;
}

static int64_t send_from(struct file *out, struct file *in, int64_t offset, size_t count)
{
	char *buffer = kmalloc(SEND_BUFFER);
	size_t sent = 0;
	int64_t step = 0;

	if (!buffer)
		return ERR_NOMEM;
	while (sent < count) {
		size_t size = MIN(count - sent, SEND_BUFFER);

		step = send_step(out, in, (uint64_t)offset + sent, buffer, size);
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

int64_t file_send(struct file *out, struct file *in, int64_t *offset, size_t count)
{
	int64_t start;
	int64_t sent;

	if (!(in->mode & FILE_READ) || !(out->mode & FILE_WRITE))
		return ERR_BADF;
	if (!(in->mode & FILE_SEEKABLE))
		return offset ? ERR_SPIPE : ERR_INVAL;
	if ((out->flags & O_APPEND) || S_ISDIR(in->inode->mode))
		return ERR_INVAL;
	start = offset ? *offset : (int64_t)in->position;
	if (start < 0)
		return ERR_INVAL;
	sent = send_from(out, in, start, MIN(count, LIMIT_TRANSFER_BYTES));
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
