/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A run queue of a test's own, with threads that never run: time is what the test charges them. So
 * shares and bounds are counted in decisions and nanoseconds of that time.
 */
#include "kernel/sched/runq.h"

#define PRIVATE_THREADS 24u
#define PRIVATE_USERS   2u

struct private_queue {
	struct runq runq;
	struct thread idle, threads[PRIVATE_THREADS];
	struct sched_group users[PRIVATE_USERS];
	struct sched_part parts[PRIVATE_USERS]; /* of the users */
	uint64_t used_ns[PRIVATE_THREADS];
	uint64_t now_ns;
};

/* The one there is, empty; @count runnable threads of the first user, in no queue yet. */
struct private_queue *private_queue(unsigned count);

/* @thread, in no queue, is the user's. */
static inline void private_queue_set_user(struct private_queue *queue, struct thread *thread,
					  unsigned user)
{
	thread->group = &queue->users[user];
	thread->part = &queue->parts[user];
}

/* All of @count wait, but for the first, which runs. */
void private_queue_start(struct private_queue *queue, unsigned count);

/* Who runs uses @ns. */
void private_queue_use(struct private_queue *queue, uint64_t ns);
/* Its slice, in ns. */
uint64_t private_queue_slice(const struct private_queue *queue);
/* The next one runs: at a slice's end, after a yield, or because who ran sleeps. */
void private_queue_exchange(struct private_queue *queue);
void private_queue_yield(struct private_queue *queue);
void private_queue_sleep(struct private_queue *queue);
/* Thread @index, which slept, waits; true when it is to have the CPU at once. */
bool private_queue_wake(struct private_queue *queue, unsigned index, bool is_new);
/* Slices until @end_ns. */
void private_queue_run(struct private_queue *queue, uint64_t end_ns);

/* Whether @value is within @percent of @wanted. */
static inline bool is_near(uint64_t value, uint64_t wanted, uint64_t percent)
{
	uint64_t off = value < wanted ? wanted - value : value - wanted;

	return off * 100 <= wanted * percent;
}
