/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M9-02: after fork a write on either side stays there, by an instruction and by read() into the
 * page, for each kind of page; a shared page is the counter-example.
 */
#include "selftest/user/user.h"

#define MAP_SHARED 1
#define KINDS      5

static volatile uint64_t data_word = 1, bss_word;
static volatile uint64_t *words[KINDS];
static volatile uint64_t *shared;
static int to_child[2], to_parent[2];

static int send(int fd, uint64_t value)
{
	return sys3(SYS_write, fd, (long)&value, 8) == 8;
}

/* The kernel writes where the program would: its way must break the sharing as well. */
static int receive(int fd, volatile uint64_t *where)
{
	return sys3(SYS_read, fd, (long)where, 8) == 8;
}

static int all_are(uint64_t value)
{
	for (int i = 0; i < KINDS; i++)
		if (*words[i] != value)
			return 0;
	return 1;
}

static void set_all(uint64_t value)
{
	for (int i = 0; i < KINDS; i++)
		*words[i] = value;
}

static void child_writes(long unused)
{
	(void)unused;
	if (!all_are(1))
		sys_exit(2);
	set_all(2);
	*shared = 2;
	sys_exit(all_are(2) ? 0 : 3);
}

static void child_receives(long unused)
{
	(void)unused;
	for (int i = 0; i < KINDS; i++)
		if (!send(to_child[1], 7) || !receive(to_child[0], words[i]))
			sys_exit(4);
	sys_exit(all_are(7) ? 0 : 5);
}

static void child_looks(void)
{
	uint64_t word;

	if (!receive(to_child[0], &word))
		sys_exit(6);
	sys_exit(all_are(1) && *shared == 9 ? 0 : 7);
}

/* The parent writes first, by both ways; the child looks afterwards. */
static void parent_writes(int by_call)
{
	int status = -1;
	long pid = sys_fork();

	if (pid == 0)
		child_looks();
	CHECK(pid > 0);
	for (int i = 0; i < KINDS && by_call; i++)
		CHECK(send(to_parent[1], 5) && receive(to_parent[0], words[i]));
	if (!by_call)
		set_all(5);
	*shared = 9;
	CHECK(all_are(5) && send(to_child[1], 1));
	CHECK(sys_wait(pid, &status) == pid && status == 0);
	set_all(1);
}

/* Grandchildren: a page with three owners. */
static void child_forks(long unused)
{
	(void)unused;
	if (run_child(child_writes, 0) != 0 || !all_are(1))
		sys_exit(8);
	set_all(3);
	if (run_child(child_receives, 0) != 0)
		sys_exit(9);
	sys_exit(all_are(3) ? 0 : 10);
}

static void make_pages(volatile uint64_t *on_stack)
{
	long heap = sys3(SYS_brk, 0, 0, 0);

	CHECK(sys3(SYS_brk, heap + (long)PAGE, 0, 0) == heap + (long)PAGE);
	words[0] = &data_word;
	words[1] = &bss_word;
	words[2] = on_stack;
	words[3] = (uint64_t *)heap;
	words[4] = sys_mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
	shared = sys_mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	CHECK(!mmap_failed((void *)words[4]) && !mmap_failed((void *)shared));
	CHECK(sys3(SYS_pipe2, (long)to_child, 0, 0) == 0);
	CHECK(sys3(SYS_pipe2, (long)to_parent, 0, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	volatile uint64_t on_stack = 1;

	(void)stack;
	make_pages(&on_stack);
	set_all(1);
	CHECK(run_child(child_writes, 0) == 0);
	CHECK(all_are(1) && *shared == 2);
	CHECK(run_child(child_receives, 0) == 0);
	CHECK(all_are(1));
	parent_writes(0);
	parent_writes(1);
	CHECK(run_child(child_forks, 0) == 0);
	CHECK(all_are(1));
}
