/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M9-11: a file that becomes shorter takes its pages out of every mapping; behind its end there
 * is SIGBUS, and EFAULT in calls. Bytes that come back are zero.
 */
#include "selftest/user/mapped_files.h"

#define HALF (PAGE / 2)

static uint8_t *shared, *private;
static int ends[2];

static void touch(long at)
{
	*(volatile uint8_t *)at = *(volatile uint8_t *)at;
	sys_exit(0);
}

static int dies_at(const uint8_t *at)
{
	return killed_by(run_child(touch, (long)at)) == SIGBUS;
}

static void shorter(long fd)
{
	shared[PAGE] = 's';
	private[PAGE] = 'p';
	CHECK(sys3(SYS_ftruncate, fd, HALF, 0) == 0);
	CHECK(dies_at(shared + PAGE) && dies_at(private + PAGE));
	CHECK(!dies_at(shared) && shared[0] == 'f' && private[0] == 'f');
	CHECK(sys3(SYS_write, ends[1], (long)(shared + PAGE), 1) == -EFAULT);
	CHECK(sys3(SYS_pipe2, (long)(shared + PAGE), 0, 0) == -EFAULT);
	/* The rest of the last page is zero. */
	CHECK(shared[HALF - 1] == 'f' && shared[HALF] == 0 && shared[PAGE - 1] == 0);
}

static void longer_again(long fd)
{
	CHECK(sys3(SYS_ftruncate, fd, (long)(FILE_PAGES * PAGE), 0) == 0);
	CHECK(!dies_at(shared + PAGE) && shared[PAGE] == 0 && byte_at(fd, PAGE) == 0);
	CHECK(byte_at(fd, HALF) == 0);
	/* One file, whichever way it is looked at. */
	shared[PAGE] = 'm';
	CHECK(byte_at(fd, PAGE) == 'm');
	CHECK(sys3(SYS_lseek, fd, PAGE + 1, 0) == PAGE + 1);
	CHECK(sys3(SYS_write, fd, (long)"w", 1) == 1 && shared[PAGE + 1] == 'w');
}

void test_main(const uint64_t *stack)
{
	long fd = make_mapped();

	(void)stack;
	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	shared = map_file(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	private = map_file(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	CHECK(!mmap_failed(shared) && !mmap_failed(private));
	shorter(fd);
	longer_again(fd);
	unmap_file(shared);
	unmap_file(private);
	remove_mapped(fd);
}
