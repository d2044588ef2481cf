/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M11-08: no wake is lost over many rounds between two threads, two processes, and among many
 * threads on one lock; a private word is its process's, a shared one everybody's who maps it.
 */
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

#define SYS_ftruncate 77

#define MAP_SHARED 1
#define ROUNDS     2000
#define CROWD      6

/* Far more than any round takes: a wait that lasts so long has lost its wake. */
static const uint64_t too_long[2] = {50, 0};

static struct thread threads[CROWD];
static volatile uint32_t lost;

struct ball {
	volatile uint32_t turn, rounds;
};

/* Waits until it is the turn of @me, and hands it over. */
static void play(struct ball *ball, uint32_t me, long flag)
{
	for (uint32_t i = 0; i < ball->rounds && !lost; i++) {
		while (ball->turn != me && !lost)
			if (futex(&ball->turn, FUTEX_WAIT | flag, !me, too_long) == -ETIMEDOUT)
				lost = 1;
		ball->turn = !me;
		futex(&ball->turn, FUTEX_WAKE | flag, 1, NULL);
	}
}

static struct ball between_threads;

static void plays(long arg)
{
	(void)arg;
	play(&between_threads, 1, FUTEX_PRIVATE);
}

static void two_threads(void)
{
	between_threads.rounds = test_rounds(ROUNDS);
	CHECK(thread_start(&threads[0], plays, 0) > 0);
	play(&between_threads, 0, FUTEX_PRIVATE);
	thread_join(&threads[0]);
	CHECK(!lost);
}

static void two_processes(void)
{
	struct ball *ball = (struct ball *)sys_mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
						    MAP_SHARED | MAP_ANONYMOUS);
	int status = -1;
	long pid;

	CHECK(!mmap_failed(ball));
	ball->rounds = test_rounds(ROUNDS / 4);
	pid = sys_fork();
	play(ball, pid == 0, 0);
	if (pid == 0)
		sys_exit(lost ? 1 : 0);
	CHECK(pid > 0 && sys_wait(pid, &status) == pid && status == 0 && !lost);
}

/* A mutex of three states: free, held, held and waited for. */
static volatile uint32_t mutex;
static uint32_t guarded;

static void lock(void)
{
	uint32_t free = 0;

	if (__atomic_compare_exchange_n(&mutex, &free, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	while (__atomic_exchange_n(&mutex, 2, __ATOMIC_SEQ_CST) != 0 && !lost)
		if (futex(&mutex, FUTEX_WAIT | FUTEX_PRIVATE, 2, too_long) == -ETIMEDOUT)
			lost = 1;
}

static void unlock(void)
{
	if (__atomic_exchange_n(&mutex, 0, __ATOMIC_SEQ_CST) == 2)
		futex(&mutex, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
}

static void crowds(long rounds)
{
	for (long i = 0; i < rounds && !lost; i++) {
		lock();
		uint32_t seen = guarded;
		if (i % 8 == 0)
			sys0(SYS_sched_yield);
		guarded = seen + 1;
		unlock();
	}
}

static void many_threads(void)
{
	long rounds = test_rounds(ROUNDS / 10);

	for (int i = 0; i < CROWD; i++)
		CHECK(thread_start(&threads[i], crowds, rounds) > 0);
	for (int i = 0; i < CROWD; i++)
		thread_join(&threads[i]);
	CHECK(!lost && guarded == (uint32_t)(CROWD * rounds));
}

/* A child that sleeps on a word until it is killed or woken. */
static long sleeper(volatile uint32_t *at, long flag, volatile uint32_t *ready)
{
	long pid;

	*ready = 0;
	pid = sys_fork();
	if (pid == 0) {
		*ready = 1;
		sys_exit(futex(at, FUTEX_WAIT | flag, *at, too_long) == 0 ? 0 : 1);
	}
	await_change(ready, 0);
	return pid;
}

static volatile uint32_t *map_file(long fd)
{
	return (volatile uint32_t *)sys6(SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
					 0);
}

static void keys(void)
{
	long fd = sys3(SYS_open, (long)"/.futex", O_RDWR | O_CREAT, 0600);
	volatile uint32_t *common = map_file(fd), *twin = map_file(fd);
	static volatile uint32_t own;
	int status = -1;
	long pid;

	CHECK(sys3(SYS_unlink, (long)"/.futex", 0, 0) == 0);
	CHECK(sys3(SYS_ftruncate, fd, PAGE, 0) == 0 && sys3(SYS_close, fd, 0, 0) == 0);
	CHECK(!mmap_failed((const void *)common) && !mmap_failed((const void *)twin));
	/* The same address of two processes: nobody here sleeps on it. */
	pid = sleeper(&own, FUTEX_PRIVATE, &common[1]);
	for (int i = 0; i < 20; i++) {
		sys0(SYS_sched_yield);
		CHECK(futex(&own, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL) == 0);
		CHECK(futex(&own, FUTEX_WAKE, 1, NULL) == 0);
	}
	CHECK(sys3(SYS_kill, pid, SIGKILL, 0) == 0 && sys_wait(pid, NULL) == pid);
	/* What is shared is one word, under whatever address. */
	pid = sleeper(common, 0, &common[1]);
	while (futex(twin, FUTEX_WAKE, 1, NULL) == 0)
		sys0(SYS_sched_yield);
	CHECK(sys_wait(pid, &status) == pid && status == 0);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	two_threads();
	two_processes();
	many_threads();
	keys();
}
