/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M11-09 with threads: a signal of the process is taken once, by a thread that does not block it,
 * also when the one that was to take it blocks it or ends first; a thread's own is its own; the
 * masks and stacks are each thread's.
 */
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

static struct thread threads[3];
static volatile uint32_t taken, taken_by, ready, go;

static void takes(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)info;
	(void)context;
	taken_by = (uint32_t)gettid();
	taken++;
}

static void begin(void)
{
	taken = taken_by = ready = go = 0;
	CHECK(handle(SIGUSR1, takes, 0) == 0);
	CHECK(mask_change(SIG_SETMASK, bit(SIGUSR1), NULL) == 0);
}

/* Open for the signal until it has come. */
static void is_open(long arg)
{
	(void)arg;
	mask_change(SIG_UNBLOCK, bit(SIGUSR1), NULL);
	ready = 1;
	while (!taken)
		sys0(SYS_sched_yield);
}

static void stays_blocked(long arg)
{
	(void)arg;
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	futex(&go, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL);
}

static void goes_to_the_open_one(void)
{
	begin();
	CHECK(thread_start(&threads[0], stays_blocked, 0) > 0);
	await_change(&ready, 0);
	ready = 0;
	CHECK(thread_start(&threads[1], is_open, 0) > 0);
	await_change(&ready, 0);
	uint32_t open_tid = threads[1].tid;

	CHECK(kill_self(SIGUSR1) == 0);
	thread_join(&threads[1]);
	CHECK(taken == 1 && taken_by == open_tid);
	go = 1;
	futex(&go, FUTEX_WAKE | FUTEX_PRIVATE, 9, NULL);
	thread_join(&threads[0]);
}

/* Pending and blocked by all: who opens takes it. */
static void goes_to_who_opens(void)
{
	begin();
	CHECK(kill_self(SIGUSR1) == 0 && taken == 0);
	CHECK(thread_start(&threads[0], is_open, 0) > 0);
	thread_join(&threads[0]);
	CHECK(taken == 1 && taken_by != (uint32_t)gettid());
	CHECK(mask_change(SIG_UNBLOCK, bit(SIGUSR1), NULL) == 0 && taken == 1);
}

/* Both signals are open for the first thread when they are sent, the second for a sleeper, too. */
static void sleeps_open(long arg)
{
	(void)arg;
	mask_change(SIG_UNBLOCK, bit(SIGUSR2), NULL);
	ready = 1;
	while (!taken)
		futex(&go, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL);
}

static void sends_both(long arg)
{
	(void)arg;
	kill_self(SIGUSR1);
	kill_self(SIGUSR2);
}

static volatile uint32_t in_time;

/* Runs in the first thread, with the other signal blocked: now that one is the sleeper's. */
static void blocks_the_other(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)info;
	(void)context;
	for (int i = 0; i < 10000 && !taken; i++)
		sys0(SYS_sched_yield);
	in_time = taken;
	go = 1;
}

static void goes_on_when_blocked(void)
{
	begin();
	in_time = 0;
	CHECK(action_set(SIGUSR1, (uint64_t)(uintptr_t)blocks_the_other, 0, bit(SIGUSR2)) == 0);
	CHECK(handle(SIGUSR2, takes, 0) == 0);
	CHECK(mask_change(SIG_SETMASK, bit(SIGUSR1) | bit(SIGUSR2), NULL) == 0);
	CHECK(thread_start(&threads[0], sleeps_open, 0) > 0);
	await_change(&ready, 0);
	uint32_t tid = threads[0].tid;

	CHECK(mask_change(SIG_SETMASK, 0, NULL) == 0);
	CHECK(thread_start(&threads[1], sends_both, 0) > 0);
	await_change(&go, 0);
	CHECK(in_time == 1 && taken == 1 && taken_by == tid);
	thread_join(&threads[0]);
	thread_join(&threads[1]);
}

static void ends_with_it(long arg)
{
	(void)arg;
	ready = 1;
	await_change(&go, 0);
}

static void own_signals_die_with_it(void)
{
	begin();
	CHECK(thread_start(&threads[0], ends_with_it, 0) > 0);
	await_change(&ready, 0);
	CHECK(sys3(SYS_tgkill, sys0(SYS_getpid), threads[0].tid, SIGUSR1) == 0);
	go = 1;
	thread_join(&threads[0]);
	CHECK(mask_change(SIG_UNBLOCK, bit(SIGUSR1), NULL) == 0 && taken == 0);
	CHECK(sys3(SYS_tgkill, sys0(SYS_getpid), 32767, SIGUSR1) == -ESRCH);
	CHECK(sys3(SYS_tgkill, 1, gettid(), 0) == -ESRCH);
}

static volatile uint64_t its_mask, its_stack;

static void looks_at_itself(long arg)
{
	struct stack stack = {0};
	uint64_t mask = 0;

	(void)arg;
	sys3(SYS_sigaltstack, 0, (long)&stack, 0);
	mask_change(SIG_BLOCK, bit(SIGUSR2), &mask);
	its_mask = mask;
	its_stack = stack.flags;
}

static void masks_and_stacks_are_own(void)
{
	static uint8_t alternate[4 * PAGE];
	struct stack stack = {(uint64_t)(uintptr_t)alternate, 0, 0, sizeof(alternate)};
	uint64_t mask = 0;

	begin();
	CHECK(sys3(SYS_sigaltstack, (long)&stack, 0, 0) == 0);
	CHECK(thread_start(&threads[0], looks_at_itself, 0) > 0);
	thread_join(&threads[0]);
	CHECK(its_mask == bit(SIGUSR1) && its_stack == SS_DISABLE);
	CHECK(mask_change(SIG_BLOCK, 0, &mask) == 0 && mask == bit(SIGUSR1));
	CHECK(sys3(SYS_sigaltstack, 0, (long)&stack, 0) == 0 && stack.flags == 0);
}

static void waits(long arg)
{
	uint64_t set = bit(SIGUSR1);
	const uint64_t time[2] = {(uint64_t)arg, 0};

	ready = 1;
	if (sys6(SYS_rt_sigtimedwait, (long)&set, 0, (long)time, 8, 0, 0) == SIGUSR1)
		taken++;
}

/* Two wait for it, one gets it. */
static void one_of_the_waiting(void)
{
	begin();
	for (int i = 0; i < 2; i++) {
		ready = 0;
		CHECK(thread_start(&threads[i], waits, 1000) > 0);
		await_change(&ready, 0);
	}
	CHECK(kill_self(SIGUSR1) == 0);
	await_change(&taken, 0);
	for (int i = 0; i < 20; i++)
		sys0(SYS_sched_yield);
	CHECK(taken == 1);
	CHECK(kill_self(SIGUSR1) == 0);
	thread_join(&threads[0]);
	thread_join(&threads[1]);
	CHECK(taken == 2);
}

static void one_round(void)
{
	goes_to_the_open_one();
	goes_to_who_opens();
	goes_on_when_blocked();
	own_signals_die_with_it();
	masks_and_stacks_are_own();
	one_of_the_waiting();
}

void test_main(const uint64_t *stack)
{
	struct state before, after;

	(void)stack;
	one_round();
	before = state_now();
	one_round();
	after = state_now();
	CHECK(same_state(&before, &after));
}
