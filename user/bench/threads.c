/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, futexes and yields. */
#include <errno.h>
#include <pthread.h>

#include "user/bench/bench.h"

/* From linux/futex.h, which musl-gcc does not see. */
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

enum { YIELDS_MAX = 100 * 1000 };

static long start_thread(void *(*body)(void *))
{
	pthread_t thread;
	return -pthread_create(&thread, NULL, body, NULL);
}

static long futex_await(int mine, int theirs)
{
	while (atomic_load(&st.turn) != mine) {
		long ret = sys_futex(&st.turn, FUTEX_WAIT_PRIVATE, theirs);
		if (ret < 0 && ret != -EAGAIN && ret != -EINTR)
			return ret;
	}
	return 0;
}

static long futex_hand_over(int mine, int theirs)
{
	atomic_store(&st.turn, theirs);
	TRY(sys_futex(&st.turn, FUTEX_WAKE_PRIVATE, 1));
	return futex_await(mine, theirs);
}

static void *futex_partner(void *arg)
{
	if (!futex_await(1, 0))
		while (!futex_hand_over(1, 0))
			;
	return arg;
}

static long setup_futex_pair(long arg)
{
	(void)arg;
	return start_thread(futex_partner);
}

static int64_t run_futex_rt(unsigned n)
{
	return TIMED(n, TRY(futex_hand_over(0, 1)));
}

static int64_t run_futex_wake_none(unsigned n)
{
	return TIMED(n, TRY(sys_futex(&st.turn, FUTEX_WAKE_PRIVATE, 1)));
}

static int64_t run_yield(unsigned n)
{
	return TIMED(n, TRY(sys0(SYS_sched_yield)));
}

/* Bounded, lest it spin for ever where a yield never lets the other one run. */
static long yield_await(int mine)
{
	for (int tries = 0; atomic_load(&st.turn) != mine; tries++) {
		if (tries == YIELDS_MAX)
			return -ETIMEDOUT;
		TRY(sys0(SYS_sched_yield));
	}
	return 0;
}

static long yield_hand_over(int mine, int theirs)
{
	atomic_store(&st.turn, theirs);
	return yield_await(mine);
}

static void *yield_partner(void *arg)
{
	if (!yield_await(1))
		while (!yield_hand_over(1, 0))
			;
	return arg;
}

static long setup_yield_pair(long arg)
{
	(void)arg;
	return start_thread(yield_partner);
}

/* There and back: a kernel may answer a yield with the same thread, so both must have run. */
static int64_t run_yield_pair(unsigned n)
{
	return TIMED(n, TRY(yield_hand_over(0, 1)));
}

static void *thread_nothing(void *arg)
{
	return arg;
}

static int64_t run_thread(unsigned n)
{
	return TIMED(n, {
		pthread_t thread;
		int err = pthread_create(&thread, NULL, thread_nothing, NULL);
		if (!err)
			err = pthread_join(thread, NULL);
		if (err)
			return -err;
	});
}

const struct op thread_ops[] = {
	OP(futex_wake_none, futex_wake_none),
	OP(futex_rt, futex_rt, .setup = setup_futex_pair),
	OP(yield_alone, yield),
	OP(yield_2thr_pair, yield_pair, .setup = setup_yield_pair),
	OP(thread_create_join, thread),
	OPS_END,
};
