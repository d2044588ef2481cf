/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M9-06: what one mapping of a file executes, no other writes: in one process or in two. */
#include "selftest/user/mapped_files.h"

static void one_after_the_other(long fd, int first, int second)
{
	uint8_t *one = map_file(fd, first, MAP_SHARED), *other;

	CHECK(!mmap_failed(one));
	CHECK((long)map_file(fd, second, MAP_SHARED) == -EACCES);
	other = map_file(fd, PROT_READ, MAP_SHARED);
	CHECK(!mmap_failed(other) && protect_file(other, second) == -EACCES);
	/* What is gone is no twin. */
	unmap_file(one);
	CHECK(protect_file(other, second) == 0);
	unmap_file(other);
}

/* A private copy is written beside an executable mapping: it is another page. */
static void private_copies(long fd)
{
	uint8_t *code = map_file(fd, PROT_READ | PROT_EXEC, MAP_SHARED);
	uint8_t *copy = map_file(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	CHECK(!mmap_failed(code) && !mmap_failed(copy));
	copy[0] = 'x';
	CHECK(code[0] == 'f' && byte_at(fd, 0) == 'f');
	unmap_file(code);
	unmap_file(copy);
}

/* A private page that was not written is the file's own: executed, it has the same twins. */
static void executed_privately(long fd)
{
	uint8_t *writes = map_file(fd, PROT_READ | PROT_WRITE, MAP_SHARED), *code;

	CHECK(!mmap_failed(writes));
	CHECK((long)map_file(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE) == -EACCES);
	code = map_file(fd, PROT_READ, MAP_PRIVATE);
	CHECK(!mmap_failed(code) && protect_file(code, PROT_READ | PROT_EXEC) == -EACCES);
	unmap_file(writes);
	CHECK(protect_file(code, PROT_READ | PROT_EXEC) == 0);
	CHECK((long)map_file(fd, PROT_READ | PROT_WRITE, MAP_SHARED) == -EACCES);
	unmap_file(code);
}

static void executes(long fd)
{
	sys_exit((long)map_file(fd, PROT_READ | PROT_EXEC, MAP_SHARED) == -EACCES ? 0 : 1);
}

static void in_another_process(long fd)
{
	uint8_t *own = map_file(fd, PROT_READ | PROT_WRITE, MAP_SHARED);

	CHECK(!mmap_failed(own));
	own[0] = 'f';
	CHECK(run_child(executes, fd) == 0);
	unmap_file(own);
}

void test_main(const uint64_t *stack)
{
	long fd = make_mapped();

	(void)stack;
	one_after_the_other(fd, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC);
	one_after_the_other(fd, PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE);
	private_copies(fd);
	executed_privately(fd);
	in_another_process(fd);
	remove_mapped(fd);
}
