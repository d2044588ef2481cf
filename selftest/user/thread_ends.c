/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M8-02: threads leave nothing behind, whatever they do when their process ends and whoever ends
 * it: by exit of all, of the first, by exec, by a crash, by SIGKILL.
 */
#include "selftest/user/again.h"
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

#define ROUNDS  1
#define CROWD   12
#define SECONDS 60

enum ending { EXIT_GROUP, OF_ANOTHER, CRASH, KILLED, FIRST_LEAVES, ALL_LEAVE, EXEC, EXEC_IN_FIRST };

static const uint64_t *first_stack;
static struct thread threads[CROWD];
static volatile uint32_t running, never;
static int ends[2];

static void in_futex(void)
{
	futex(&never, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL);
}

static void in_read(void)
{
	char byte;

	sys3(SYS_read, ends[0], (long)&byte, 1);
}

static void in_sleep(void)
{
	const uint64_t long_time[2] = {SECONDS, 0};

	sys3(SYS_nanosleep, (long)long_time, 0, 0);
}

/* A thread in each state that it can be in. */
static void be(long state)
{
	__atomic_fetch_add(&running, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		if (state == 0)
			in_futex();
		if (state == 1)
			in_read();
		if (state == 2)
			in_sleep();
	}
}

static void ends_it(long how)
{
	switch (how) {
	case OF_ANOTHER:
	case FIRST_LEAVES:
		sys_exit(20 + (int)how);
	case CRASH:
		__asm__ volatile("ud2");
		break;
	case KILLED:
		kill_self(SIGKILL);
		break;
	case EXEC:
		again(first_stack, 'x');
	default:
		break;
	}
}

/* Where the ending has nothing to do with who runs, nobody computes: that takes a quantum. */
static void start_states(long how)
{
	uint32_t states = how == OF_ANOTHER || how == KILLED ? 4 : 3;

	for (uint32_t i = 0; i < states; i++)
		child_check(thread_start(&threads[i], be, (long)i) > 0, 90);
	while (running < states)
		sys0(SYS_sched_yield);
}

static void end_with_threads(long how)
{
	start_states(how);
	if (how == EXIT_GROUP)
		sys_exit(20);
	if (how == EXEC_IN_FIRST)
		again(first_stack, 'x');
	child_check(thread_start(&threads[4], ends_it, how) > 0, 91);
	if (how == FIRST_LEAVES)
		sys3(SYS_exit, 1, 0, 0);
	for (;;)
		sys0(SYS_sched_yield);
}

static void nothing(long arg)
{
	(void)arg;
}

static void all_leave(long arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		child_check(thread_start(&threads[i], nothing, 0) > 0, 92);
	sys3(SYS_exit, 20 + ALL_LEAVE, 0, 0);
}

/* 0: all ended as they should, none is left, their memory is told. */
static void come_and_go(long arg)
{
	(void)arg;
	for (int i = 0; i < CROWD; i++)
		child_check(thread_start(&threads[i], nothing, 0) > 0, 93);
	for (int i = 0; i < CROWD; i++)
		thread_join(&threads[i]);
}

static void one_round(void)
{
	static const int exits[] = {EXIT_GROUP, OF_ANOTHER, FIRST_LEAVES, EXEC, EXEC_IN_FIRST};
	int status;

	for (unsigned i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		status = run_child(end_with_threads, exits[i]);
		CHECK(exit_code(status) == (exits[i] < EXEC ? 20 + exits[i] : 70));
	}
	CHECK(killed_by(run_child(end_with_threads, CRASH)) == SIGILL);
	CHECK(killed_by(run_child(end_with_threads, KILLED)) == SIGKILL);
	/* The last one's status counts: a plain end, or the first's own when it was the last. */
	status = exit_code(run_child(all_leave, 0));
	CHECK(status == 0 || status == 20 + ALL_LEAVE);
	CHECK(run_child(come_and_go, 0) == 0);
	come_and_go(0);
}

void test_main(const uint64_t *stack)
{
	struct state before, after;

	first_stack = stack;
	/* The second life has one thread, which has the number of the process. */
	if (again_word(stack) == 'x')
		sys_exit(gettid() == sys0(SYS_getpid) ? 70 : 71);
	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	one_round();
	before = state_now();
	for (unsigned i = 0; i < test_rounds(ROUNDS); i++)
		one_round();
	after = state_now();
	CHECK(same_state(&before, &after));
}
