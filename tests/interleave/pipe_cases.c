/* SPDX-License-Identifier: BSD-2-Clause */
/* fs/pipe: what is written is read, in order; nobody waits for what is there, or for an end that is
 * gone. */
#include <string.h>

#include "fs/pipe.h"
#include "ipc/ring.h"
#include "mm/slab.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/frames.h"
#include "tests/interleave/machine.h"

#define MESSAGE 3000u

static struct inode inode;
static struct dentry dentry;
static struct file reader, writer;
static char pipe_memory[4096] __aligned(64);
static char out[RING_SIZE], in[RING_SIZE + 2 * MESSAGE];
static char messages[2][MESSAGE];
static uint64_t received;

void *slab_alloc_zero(struct slab_cache *cache)
{
	(void)cache;
	return memset(pipe_memory, 0, sizeof(pipe_memory));
}

void slab_free(struct slab_cache *cache, void *object)
{
	(void)cache;
	(void)object;
}

size_t io_iter_read(struct io_iter *it, void *to, size_t n)
{
	memcpy(to, it->kernel, n);
	it->kernel += n;
	it->left -= n;
	return n;
}

size_t io_iter_write(struct io_iter *it, const void *from, size_t n)
{
	memcpy(it->kernel, from, n);
	it->kernel += n;
	it->left -= n;
	return n;
}

static void open_end(struct file *file, uint32_t mode)
{
	memset(file, 0, sizeof(*file));
	file->mode = mode;
	file->inode = &inode;
	file->path.dentry = &dentry;
	MUST(fifo_file_ops.open(file) == OK);
}

static void setup(void)
{
	frames_reset(RING_PAGES + 4);
	memset(&inode, 0, sizeof(inode));
	mutex_init(&inode.lock, LOCK_INODE);
	dentry.flags = DENTRY_ANON;
	open_end(&reader, FILE_READ);
	open_end(&writer, FILE_WRITE);
	if (!out[1])
		for (unsigned i = 0; i < sizeof(out); i++)
			out[i] = (char)(i % 251);
	memset(in, 0, sizeof(in));
	received = 0;
}

static int64_t move(struct file *file, char *buffer, uint64_t len)
{
	struct io_iter iter = {
		.kind = IO_KERNEL, .left = len, .current_left = len, .kernel = buffer};
	uint64_t pos = 0;

	return file == &reader ? fifo_file_ops.read(file, &iter, &pos)
			       : fifo_file_ops.write(file, &iter, &pos);
}

static void read_to_the_end(uint64_t step)
{
	int64_t got;

	while ((got = move(&reader, in + received, step)) > 0)
		received += (uint64_t)got;
	MUST(got == 0);
}

/* A reader that comes to an empty pipe, and one that sees its end. */
static void write_and_close(unsigned cpu)
{
	if (cpu) {
		read_to_the_end(MESSAGE);
		return;
	}
	MUST(move(&writer, out, MESSAGE) == MESSAGE);
	fifo_file_ops.release(&writer);
}

static void setup_full(void)
{
	setup();
	for (unsigned i = 0; i < 2; i++)
		memset(messages[i], (int)(i + 1), MESSAGE);
	MUST(move(&writer, out, RING_SIZE) == RING_SIZE);
}

/* Writers that come to a full one; neither is torn. */
static void two_writers(unsigned cpu)
{
	if (cpu < 2) {
		MUST(move(&writer, messages[cpu], MESSAGE) == MESSAGE);
		return;
	}
	while (received < RING_SIZE + 2 * MESSAGE) {
		int64_t got = move(&reader, in + received, sizeof(in) - received);

		MUST(got > 0);
		received += (uint64_t)got;
	}
}

static void check(void)
{
	MUST(received == MESSAGE && memcmp(in, out, MESSAGE) == 0);
}

static void check_full(void)
{
	const char *rest = in + RING_SIZE;
	unsigned first = rest[0] == 1 ? 0 : 1;

	MUST(received == RING_SIZE + 2 * MESSAGE && pipe_bytes(&reader) == 0);
	MUST(memcmp(in, out, RING_SIZE) == 0);
	MUST(memcmp(rest, messages[first], MESSAGE) == 0);
	MUST(memcmp(rest + MESSAGE, messages[!first], MESSAGE) == 0);
}

const struct scenario pipe_end = {"pipe end", 2, 3, setup, write_and_close, check};
const struct scenario pipe_full = {"pipe full", 3, 2, setup_full, two_writers, check_full};
