/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes between threads: who sleeps is woken by the byte, the room or the end it waits for. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "fs/pipe.h"
#include "ipc/ring.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"
#include "selftest/workers.h"

#define STREAM_BYTES KIB(512)
#define BLOCK_BYTES  KIB(16)

static struct file *ends[2];
static int64_t result;
static volatile bool finished;

static void read_one(void *arg)
{
	char byte;

	(void)arg;
	result = fixture_read(ends[0], &byte, 1);
	finished = true;
}

static bool start(struct workers *workers, void (*run)(void *arg))
{
	finished = false;
	if (!workers_start_exact(workers, 1, run))
		return false;
	thread_yield();
	return true;
}

SELFTEST(M11, 7, sleeping_reader_is_woken, .needs = M12)
{
	struct workers workers;
	bool slept;

	CHECK(pipe_create(0, cred_root(), ends) == OK);
	CHECK(start(&workers, read_one));
	slept = !finished;
	CHECK(fixture_write(ends[1], "x", 1) == 1);
	workers_join(&workers);
	CHECK(slept && result == 1);
	/* The last writer's end is an event too. */
	CHECK(start(&workers, read_one));
	slept = !finished;
	file_put(ends[1]);
	workers_join(&workers);
	CHECK(slept && result == 0);
	file_put(ends[0]);
	return true;
}

#define LARGE_BYTES ((int64_t)(RING_SIZE + PAGE_SIZE))

static void read_large(void *arg)
{
	char *block = kmalloc(PAGE_SIZE);
	int64_t got = 1;

	(void)arg;
	for (result = 0; block && got > 0 && result < LARGE_BYTES; result += got)
		got = fixture_read(ends[0], block, PAGE_SIZE);
	kfree(block);
	finished = true;
}

/* A write that waits for room itself has woken the reader before. */
SELFTEST(M11, 7, large_write_wakes_the_reader, .needs = M12)
{
	char *block = kzalloc((size_t)LARGE_BYTES);
	struct workers workers;
	bool slept;

	CHECK(block && pipe_create(0, cred_root(), ends) == OK);
	CHECK(start(&workers, read_large));
	slept = !finished;
	CHECK(fixture_write(ends[1], block, (size_t)LARGE_BYTES) == LARGE_BYTES);
	workers_join(&workers);
	CHECK(slept && result == LARGE_BYTES);
	file_put(ends[0]);
	file_put(ends[1]);
	kfree(block);
	return true;
}

SELFTEST(M11, 7, signal_ends_a_read, .needs = M12)
{
	struct workers workers;
	bool slept;

	CHECK(pipe_create(0, cred_root(), ends) == OK);
	CHECK(start(&workers, read_one));
	slept = !finished;
	thread_interrupt(workers_thread(0), THREAD_SIGNAL);
	workers_join(&workers);
	CHECK(slept && result == ERR_RESTARTSYS);
	file_put(ends[0]);
	file_put(ends[1]);
	return true;
}

static void write_block(void *arg)
{
	static char block[PAGE_SIZE];

	(void)arg;
	result = fixture_write(ends[1], block, sizeof(block));
	finished = true;
}

SELFTEST(M11, 7, full_pipe_holds_the_writer, .needs = M12)
{
	char *block = kzalloc(RING_SIZE);
	struct workers workers;
	bool slept;

	CHECK(block && pipe_create(0, cred_root(), ends) == OK);
	CHECK(fixture_write(ends[1], block, RING_SIZE) == RING_SIZE);
	CHECK(start(&workers, write_block));
	/* Room for a part of an atomic write is no room. */
	CHECK(fixture_read(ends[0], block, PAGE_SIZE - 1) == PAGE_SIZE - 1);
	thread_yield();
	slept = !finished && pipe_bytes(ends[0]) == RING_SIZE - PAGE_SIZE + 1;
	CHECK(fixture_read(ends[0], block, 1) == 1);
	workers_join(&workers);
	CHECK(slept && result == PAGE_SIZE && pipe_bytes(ends[0]) == RING_SIZE);
	/* The last reader goes while a writer sleeps. */
	CHECK(start(&workers, write_block));
	slept = !finished;
	file_put(ends[0]);
	workers_join(&workers);
	CHECK(slept && result == ERR_PIPE);
	file_put(ends[1]);
	kfree(block);
	return true;
}

static void write_stream(void *arg)
{
	uint8_t *block = kmalloc(BLOCK_BYTES);
	uint64_t sent = 0;

	(void)arg;
	while (block && sent < STREAM_BYTES) {
		size_t len = MIN(sent * 31 % BLOCK_BYTES + 1, STREAM_BYTES - sent);

		for (size_t i = 0; i < len; i++)
			block[i] = fixture_byte(sent + i);
		if (fixture_write(ends[1], block, len) != (int64_t)len)
			break;
		sent += len;
	}
	kfree(block);
	file_put(ends[1]);
	result = (int64_t)sent;
}

/* The writer outruns the ring again and again; all bytes come, in order, and then the end. */
SELFTEST(M11, 7, stream_between_threads, .needs = M12)
{
	uint8_t *block = kmalloc(BLOCK_BYTES);
	struct workers workers;
	uint64_t got = 0;
	int64_t len;

	CHECK(block && pipe_create(0, cred_root(), ends) == OK);
	CHECK(workers_start(&workers, 1, write_stream));
	while ((len = fixture_read(ends[0], block, BLOCK_BYTES - got % 977)) > 0) {
		bool same = true;

		for (int64_t i = 0; i < len; i++)
			same &= block[i] == fixture_byte(got + (uint64_t)i);
		CHECK(same);
		got += (uint64_t)len;
	}
	workers_join(&workers);
	CHECK(len == 0 && got == STREAM_BYTES && result == (int64_t)STREAM_BYTES);
	file_put(ends[0]);
	kfree(block);
	return true;
}

static struct fs_fixture fixture;

static void do_nothing(void *arg)
{
	(void)arg;
}

static void open_fifo_for_writing(void *arg)
{
	(void)arg;
	result = fixture_open(&fixture, "fifo", O_WRONLY, &ends[1]);
	finished = true;
}

SELFTEST(M11, 7, fifo_open_waits_for_the_other_side, .needs = M12)
{
	struct workers workers;
	struct path_at at;
	bool slept;

	/* Stacks are kept when they are freed: the first one is no leak. */
	CHECK(start(&workers, do_nothing));
	workers_join(&workers);
	CHECK(fixture_begin(&fixture, 64));
	at = fixture_at(&fixture, "fifo");
	CHECK(path_mknod(&at, S_IFIFO | 0644, 0) == OK);
	CHECK(start(&workers, open_fifo_for_writing));
	slept = !finished;
	CHECK(fixture_open(&fixture, "fifo", O_RDONLY, &ends[0]) == OK);
	workers_join(&workers);
	CHECK(slept && result == OK);
	CHECK(fixture_write(ends[1], "x", 1) == 1);
	file_put(ends[0]);
	file_put(ends[1]);
	CHECK(fixture_unlink(&fixture, "fifo") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}
