/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M9-13, P-M10-04: allocation 1, 2, … of fork and of execve fails; the caller sees the error, has
 * all that it had, and nothing stays behind.
 */
#include "selftest/user/service.h"

#define SYS_pause                 34
#define WNOHANG                   1
#define VICTIM_BYTES              0x400000ul
#define SECOND_LIFE               7
#define ALL_THE_SAME              8 /* the same, though an allocation had failed on the way */
#define MOST_TRIES                400
#define LATE_ALLOCATION           1600 /* when the new program is larger than the victim */
#define killed_for_memory(status) (killed_by(status) == SIGKILL || killed_by(status) == SIGBUS)

static int ready[2];
static int was_killed; /* by the rule for no memory, which is for the largest alone */
static volatile uint64_t canary[512];

static void fill_canary(void)
{
	for (uint64_t i = 0; i < 512; i++)
		canary[i] = i * 0x9e3779b97f4a7c15ul;
}

static int canary_holds(void)
{
	for (uint64_t i = 0; i < 512; i++)
		if (canary[i] != i * 0x9e3779b97f4a7c15ul)
			return 0;
	return 1;
}

/* Forks with allocation @n failing: exits with 1 when it failed and all is well, 0 when none did.
 */
static void fork_in_child(long n)
{
	long fired, pid;

	if (service(FAIL_ALLOCATION, n) != 0)
		sys_exit(3);
	pid = sys_fork();
	if (pid == 0)
		sys_exit(0);
	fired = service(END_FAILURE, 0);
	if (!canary_holds() || (pid < 0 && (fired != 1 || (pid != -ENOMEM && pid != -EAGAIN))))
		sys_exit(3);
	if (pid > 0 && sys_wait(pid, NULL) != pid)
		sys_exit(3);
	sys_exit(fired ? 1 : 0);
}

/* Returns whether the allocation failed: in fork, or at the first touch of what it shared. */
static int fork_once(long n)
{
	int status = run_child(fork_in_child, n);

	CHECK(service(END_FAILURE, 0) >= 0);
	CHECK(status == 0 || exit_code(status) == 1 || killed_for_memory(status));
	was_killed = killed_by(status) == SIGKILL;
	return status != 0;
}

/* The child's execve has allocation @n failing: it exits with 1 when that was seen and all is well.
 */
static void exec_in_child(long n)
{
	long result;

	if (service(FAIL_ALLOCATION, n) != 0)
		sys_exit(3);
	result = exec_path(OWN_PATH, "again");
	if (service(END_FAILURE, 0) != 1 || result != -ENOMEM || !canary_holds())
		sys_exit(3);
	sys_exit(service(WALK, 0) == 1 ? 1 : 4);
}

/* Returns whether an allocation failed, before or behind the point of no return. */
static int exec_once(long n)
{
	int status = run_child(exec_in_child, n);

	if (exit_code(status) == SECOND_LIFE)
		return 0;
	CHECK(exit_code(status) == 1 || exit_code(status) == ALL_THE_SAME ||
	      killed_for_memory(status));
	CHECK(service(END_FAILURE, 0) >= 0);
	was_killed = killed_by(status) == SIGKILL;
	return 1;
}

/* The largest process here: where a first touch finds no memory, the rule ends this one. */
static void be_large(void)
{
	uint8_t *at =
		sys_mmap(NULL, VICTIM_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);

	for (uint64_t i = 0; !mmap_failed(at) && i < VICTIM_BYTES; i += PAGE)
		at[i] = 1;
	sys3(SYS_write, ready[1], (long)at, 1);
	for (;;)
		sys0(SYS_pause);
}

static long start_victim(void)
{
	char byte;
	long pid = sys_fork();

	if (pid == 0)
		be_large();
	CHECK(pid > 0 && sys3(SYS_read, ready[0], (long)&byte, 1) == 1);
	return pid;
}

static void end_victim(long pid)
{
	sys3(SYS_kill, pid, SIGKILL, 0);
	sys_wait(pid, NULL);
}

static int has_ended(long pid)
{
	return sys6(SYS_wait4, pid, 0, WNOHANG, 0, 0, 0) == pid;
}

static void each_allocation_of(int (*once)(long))
{
	struct state before, after;
	long n = 1, victim;

	/* The first time round this process touches what it will keep. */
	for (n = 1; n < 30; n++)
		once(n + MOST_TRIES * 10);
	n = 1;
	end_victim(start_victim());
	state_now();
	before = state_now();
	victim = start_victim();
	while (n < MOST_TRIES && once(n)) {
		n++;
		if (has_ended(victim))
			victim = start_victim();
		else
			CHECK(!was_killed);
	}
	CHECK(n > 5 && n < MOST_TRIES);
	end_victim(victim);
	after = state_now();
	CHECK(same_state(&before, &after));
}

/* Where the new program runs already and its memory ends, it is killed and nobody else. */
static _Noreturn void touch_much(void)
{
	uint8_t *at = sys_mmap(NULL, 2 * VICTIM_BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS);

	for (uint64_t i = 0; !mmap_failed(at) && i < 2 * VICTIM_BYTES; i += PAGE)
		at[i] = 1;
	sys_exit(3);
}

static void exec_large(long n)
{
	if (service(FAIL_ALLOCATION, n) == 0)
		exec_path(OWN_PATH, "large");
	sys_exit(4);
}

static void killed_behind_the_point(void)
{
	struct state before, after;
	long victim;

	run_child(exec_large, LATE_ALLOCATION);
	end_victim(start_victim());
	before = state_now();
	victim = start_victim();
	CHECK(killed_by(run_child(exec_large, LATE_ALLOCATION)) == SIGKILL);
	CHECK(service(END_FAILURE, 0) == 1 && canary_holds() && !has_ended(victim));
	end_victim(victim);
	after = state_now();
	CHECK(same_state(&before, &after));
}

void test_main(const uint64_t *stack)
{
	if (stack[0] == 2 && *(const char *)stack[2] == 'l')
		touch_much();
	if (stack[0] == 2) {
		long fired = service(END_FAILURE, 0);

		sys_exit(service(WALK, 0) != 1 ? 5 : fired ? ALL_THE_SAME : SECOND_LIFE);
	}
	/* What is ignored has a table of handlers to itself in the next life. */
	const uint64_t ignored[4] = {1};

	fill_canary();
	CHECK(sys6(SYS_rt_sigaction, SIGUSR1, (long)ignored, 0, 8, 0, 0) == 0);
	CHECK(sys3(SYS_pipe2, (long)ready, 0, 0) == 0);
	each_allocation_of(fork_once);
	each_allocation_of(exec_once);
	killed_behind_the_point();
	CHECK(canary_holds());
}
