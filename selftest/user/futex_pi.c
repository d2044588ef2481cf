/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M11-13: a futex whose owner inherits has one owner at a time, is handed to the most urgent who
 * waits, and outlives its owner; a chain of three stops inversion, a circle is refused.
 */
#include "selftest/user/threads.h"

#define SYS_sched_setscheduler 144
#define SYS_sched_setaffinity  203

#define SCHED_FIFO      1
#define FUTEX_LOCK_PI   (6 | FUTEX_PRIVATE)
#define FUTEX_UNLOCK_PI (7 | FUTEX_PRIVATE)
#define FUTEX_TID_MASK  0x3fffffffu
#define EDEADLK         35
#define CROWD           4

enum { LINKS = 3, BETWEEN = LINKS, WANTS, CROWD_ALL, BEGUN };

static struct thread threads[CROWD_ALL];
static volatile uint32_t chain[LINKS], held, next, order[16];

static long lock(volatile uint32_t *word)
{
	return futex(word, FUTEX_LOCK_PI, 0, NULL);
}

static long unlock(volatile uint32_t *word)
{
	return futex(word, FUTEX_UNLOCK_PI, 0, NULL);
}

static void be_realtime(int priority)
{
	CHECK(sys3(SYS_sched_setscheduler, 0, SCHED_FIFO, (long)&priority) == 0);
}

static void note(uint32_t who)
{
	order[next] = who;
	next++;
}

static void hold(void)
{
	held++;
	futex(&held, FUTEX_WAKE, 1, NULL);
}

/* Holds one of the chain and waits for the one before it. */
static void links(long me)
{
	be_realtime((int)me + 1);
	CHECK(lock(&chain[me]) == 0);
	hold();
	if (me)
		CHECK(lock(&chain[me - 1]) == 0);
	else
		await_change(&next, 0);
	note((uint32_t)me);
	if (me)
		CHECK(unlock(&chain[me - 1]) == 0);
	CHECK(unlock(&chain[me]) == 0);
}

static void between(long me)
{
	be_realtime(20);
	note((uint32_t)me);
}

static void wants(long me)
{
	be_realtime(50);
	note(BEGUN);
	CHECK(lock(&chain[LINKS - 1]) == 0);
	note((uint32_t)me);
	CHECK(unlock(&chain[LINKS - 1]) == 0);
}

/* This thread is before all others until it waits. */
static void chain_of_three(void)
{
	static const uint32_t expected[] = {BEGUN, 0, 1, 2, WANTS, BETWEEN};
	uint64_t cpu = 1;

	CHECK(sys3(SYS_sched_setaffinity, 0, sizeof(cpu), (long)&cpu) == 0);
	be_realtime(90);
	held = 0;
	for (uint32_t i = 0; i < LINKS; i++) {
		CHECK(thread_start(&threads[i], links, i) > 0);
		while (held == i)
			futex(&held, FUTEX_WAIT, i, NULL);
	}
	CHECK(thread_start(&threads[BETWEEN], between, BETWEEN) > 0);
	CHECK(thread_start(&threads[WANTS], wants, WANTS) > 0);
	for (int i = 0; i < CROWD_ALL; i++)
		thread_join(&threads[i]);
	CHECK(next == sizeof(expected) / sizeof(expected[0]));
	for (uint32_t i = 0; i < next; i++)
		CHECK(order[i] == expected[i]);
}

static volatile uint32_t word, other;
static uint32_t guarded;

static void crowds(long rounds)
{
	uint32_t me = (uint32_t)gettid();

	for (long i = 0; i < rounds; i++) {
		uint32_t free = 0;

		if (!__atomic_compare_exchange_n(&word, &free, me, 0, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			CHECK(lock(&word) == 0);
		uint32_t seen = guarded, mine = me;
		if (i % 4 == 0)
			sys0(SYS_sched_yield);
		guarded = seen + 1;
		if (!__atomic_compare_exchange_n(&word, &mine, 0, 0, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			CHECK(unlock(&word) == 0);
	}
}

static void one_at_a_time(void)
{
	long rounds = test_rounds(40);

	for (int i = 0; i < CROWD; i++)
		CHECK(thread_start(&threads[i], crowds, rounds) > 0);
	for (int i = 0; i < CROWD; i++)
		thread_join(&threads[i]);
	CHECK(guarded == (uint32_t)(CROWD * rounds) && word == 0);
}

/* Ends with the word in its hands, once somebody waits for it. */
static void dies(long arg)
{
	(void)arg;
	CHECK(lock(&word) == 0);
	hold();
	while (!(word & FUTEX_WAITERS))
		sys0(SYS_sched_yield);
}

static void owner_dies(void)
{
	held = 0;
	CHECK(thread_start(&threads[0], dies, 0) > 0);
	await_change(&held, 0);
	CHECK(lock(&word) == 0);
	CHECK(word == ((uint32_t)gettid() | FUTEX_WAITERS | FUTEX_OWNER_DIED));
	thread_join(&threads[0]);
	CHECK(unlock(&word) == 0 && word == 0);
}

static void waits(long arg)
{
	(void)arg;
	CHECK(lock(&other) == 0);
	hold();
	CHECK(lock(&word) == 0 && unlock(&word) == 0 && unlock(&other) == 0);
}

static void circle(void)
{
	held = 0;
	CHECK(lock(&word) == 0);
	CHECK(thread_start(&threads[0], waits, 0) > 0);
	while (!(word & FUTEX_WAITERS))
		sys0(SYS_sched_yield);
	/* The bit is set a moment before it stands there. */
	while (futex(&word, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL) == 0)
		sys0(SYS_sched_yield);
	CHECK(lock(&other) == -EDEADLK && lock(&word) == -EDEADLK);
	CHECK(unlock(&word) == 0);
	thread_join(&threads[0]);
	CHECK(word == 0 && (other & FUTEX_TID_MASK) == 0);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	one_at_a_time();
	owner_dies();
	circle();
	chain_of_three();
}
