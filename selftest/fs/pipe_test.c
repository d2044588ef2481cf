/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "fs/pipe.h"
#include "ipc/ring.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"

static bool pipe_pair(struct file *files[2])
{
	return pipe_create(O_NONBLOCK, cred_root(), files) == OK;
}

SELFTEST(M11, 7, ends_of_a_pipe, .needs = M12)
{
	struct file *files[2];
	char text[8];

	CHECK(pipe_pair(files));
	CHECK(fixture_read(files[0], text, 8) == ERR_AGAIN);
	CHECK(file_poll(files[0], NULL) == 0);
	CHECK(file_poll(files[1], NULL) == (POLLOUT | POLLWRNORM));
	CHECK(fixture_write(files[1], "hello", 5) == 5);
	CHECK(fixture_write(files[0], "x", 1) == ERR_BADF);
	CHECK(fixture_read(files[1], text, 1) == ERR_BADF);
	CHECK(file_poll(files[0], NULL) == (POLLIN | POLLRDNORM));
	file_put(files[1]);
	CHECK(file_poll(files[0], NULL) == (POLLIN | POLLRDNORM | POLLHUP));
	CHECK(fixture_read(files[0], text, 8) == 5 && !memcmp(text, "hello", 5));
	CHECK(file_poll(files[0], NULL) == POLLHUP);
	CHECK(fixture_read(files[0], text, 8) == 0);
	file_put(files[0]);

	CHECK(pipe_pair(files));
	file_put(files[0]);
	CHECK(file_poll(files[1], NULL) & POLLERR);
	CHECK(fixture_write(files[1], "x", 1) == ERR_PIPE);
	file_put(files[1]);
	return true;
}

SELFTEST(M11, 7, small_writes_are_whole, .needs = M12)
{
	struct file *files[2];
	char *block = kzalloc(8192);
	uint64_t written = 0;

	CHECK(block && pipe_pair(files));
	/* 4095 a time: the last one does not fit and must not go in by half. */
	while (fixture_write(files[1], block, 4095) == 4095)
		written += 4095;
	CHECK(written == RING_SIZE / 4095 * 4095);
	CHECK(fixture_write(files[1], block, 4095) == ERR_AGAIN);
	CHECK(pipe_bytes(files[0]) == written);
	CHECK(!(file_poll(files[1], NULL) & POLLOUT));
	/* A larger one may be torn: what fits goes in. */
	CHECK(fixture_write(files[1], block, 8192) == (int64_t)(RING_SIZE - written));
	CHECK(fixture_read(files[0], block, 4096) == 4096);
	CHECK(fixture_write(files[1], block, 4096) == 4096);
	CHECK(fixture_write(files[1], block, 1) == ERR_AGAIN);
	file_put(files[0]);
	file_put(files[1]);
	kfree(block);
	return true;
}

/* Odd sizes through the ring many times over: every byte arrives, in order, once. */
SELFTEST(M11, 7, no_byte_is_lost, .needs = M12)
{
	struct file *files[2];
	uint8_t *block = kmalloc(8192);
	uint64_t next_in = 0;
	uint64_t next_out = 0;
	unsigned rounds = selftest_scaled(200);

	CHECK(block && pipe_pair(files));
	for (unsigned i = 0; i < rounds; i++) {
		size_t put = i * 977 % 8192 + 1;
		size_t take = i * 1409 % 6144 + 1; /* less, so that the ring fills up */
		int64_t moved;

		for (size_t at = 0; at < put; at++)
			block[at] = fixture_byte(next_in + at);
		moved = fixture_write(files[1], block, put);
		CHECK(moved > 0 || moved == ERR_AGAIN);
		if (moved > 0)
			next_in += (uint64_t)moved;
		moved = fixture_read(files[0], block, take);
		CHECK(moved > 0 || moved == ERR_AGAIN);
		for (int64_t at = 0; at < moved; at++)
			CHECK(block[at] == fixture_byte(next_out++));
	}
	CHECK(next_in - next_out == pipe_bytes(files[0]));
	file_put(files[0]);
	file_put(files[1]);
	kfree(block);
	return true;
}

SELFTEST(M11, 7, fifo_rules, .needs = M12)
{
	struct fs_fixture fixture;
	struct path_at at;
	struct file *reader;
	struct file *writer;
	char text[4];

	CHECK(fixture_begin(&fixture, 64));
	at = fixture_at(&fixture, "fifo");
	CHECK(path_mknod(&at, S_IFIFO | 0644, 0) == OK);
	CHECK(fixture_open(&fixture, "fifo", O_WRONLY | O_NONBLOCK, &writer) == ERR_NXIO);
	CHECK(fixture_open(&fixture, "fifo", O_RDONLY | O_NONBLOCK, &reader) == OK);
	CHECK(fixture_read(reader, text, 4) == 0);
	CHECK(fixture_open(&fixture, "fifo", O_WRONLY, &writer) == OK);
	CHECK(fixture_read(reader, text, 4) == ERR_AGAIN);
	CHECK(fixture_write(writer, "abc", 3) == 3 && fixture_read(reader, text, 4) == 3);
	CHECK(file_seek(reader, 0, SEEK_CUR, &(uint64_t){0}) == ERR_SPIPE);
	file_put(writer);
	file_put(reader);
	CHECK(fixture_unlink(&fixture, "fifo") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

/* Opened again by its place, a nameless pipe asks for no other side: it would wait for ever. */
SELFTEST(M11, 7, nameless_pipes_wait_for_nobody, .needs = M12)
{
	struct file *files[2], *again;
	struct path path;

	CHECK(pipe_pair(files));
	path = files[0]->path;
	path_get(&path);
	file_put(files[0]);
	enum err err = file_create(&path, &fifo_file_ops, O_WRONLY | O_NONBLOCK, cred_root(), NULL,
				   &again);
	path_put(&path);
	file_put(files[1]);
	CHECK(err == OK);
	file_put(again);
	return true;
}
