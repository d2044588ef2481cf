/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M9-07: a file is written through a mapping only where it was opened for writing. */
#include "selftest/user/mapped_files.h"

#define SYS_madvise 28
#define MADV_REMOVE 9

static void opened_for_reading(void)
{
	long fd = open_mapped(O_RDONLY);
	uint8_t *at = map_file(fd, PROT_READ, MAP_SHARED);

	CHECK(fd >= 0 && !mmap_failed(at) && at[0] == 'f');
	CHECK((long)map_file(fd, PROT_READ | PROT_WRITE, MAP_SHARED) == -EACCES);
	CHECK((long)map_file(fd, PROT_WRITE, MAP_SHARED) == -EACCES);
	CHECK(protect_file(at, PROT_READ | PROT_WRITE) == -EACCES);
	/* Nor behind the descriptor's back: by a child, or when it is closed. */
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
	CHECK(protect_file(at, PROT_READ | PROT_WRITE) == -EACCES);
	CHECK(protect_file(at, 0) == 0 && protect_file(at, PROT_READ) == 0);
	/* The kernel's own writes are refused, too. */
	CHECK(sys3(SYS_pipe2, (long)at, 0, 0) == -EFAULT && at[0] == 'f');
	/* Nor is it emptied. */
	CHECK(sys3(SYS_madvise, (long)at, PAGE, MADV_REMOVE) == -EACCES && at[0] == 'f');
	unmap_file(at);
}

static void private_of_reading(void)
{
	long fd = open_mapped(O_RDONLY);
	uint8_t *at = map_file(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	CHECK(fd >= 0 && !mmap_failed(at));
	at[0] = 'p';
	CHECK(at[0] == 'p' && byte_at(fd, 0) == 'f');
	unmap_file(at);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

static void opened_for_writing(long both)
{
	long fd = open_mapped(O_WRONLY);
	uint8_t *at = map_file(both, PROT_READ, MAP_SHARED);

	CHECK(fd >= 0 && (long)map_file(fd, PROT_READ, MAP_SHARED) == -EACCES);
	CHECK((long)map_file(fd, PROT_WRITE, MAP_SHARED) == -EACCES);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
	CHECK(!mmap_failed(at) && protect_file(at, PROT_READ | PROT_WRITE) == 0);
	at[PAGE] = 'w';
	CHECK(byte_at(both, PAGE) == 'w');
	at[PAGE] = 'f';
	unmap_file(at);
}

void test_main(const uint64_t *stack)
{
	long fd = make_mapped();

	(void)stack;
	opened_for_reading();
	private_of_reading();
	opened_for_writing(fd);
	remove_mapped(fd);
}
