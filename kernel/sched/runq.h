/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The run queue of a CPU: which threads wait for it. Private to kernel/sched and its selftests. */
#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"
#include "kernel/sched/thread.h"

struct runq {
	struct spinlock lock; /* LOCK_RUN_QUEUE */
	uint32_t filled;      /* bit n: levels[n] is not empty */
	uint8_t boost;        /* counts boosts; a thread that has missed one starts at the top */
	struct list_node levels[THREAD_LEVELS];
	uint64_t waiting;
	struct thread *idle;
	struct thread *previous; /* who gave the CPU away in the switch under way */
	struct timer quantum;
	uint64_t boost_ns; /* when the next boost is due */
	uint64_t quantum_ticks;
	uint64_t switches;
};

struct runq *runq_self(void);

void runq_init(struct runq *runq, struct thread *idle);

/** Queue @thread behind its level. Context: the lock. */
void runq_push(struct runq *runq, struct thread *thread);

/** Take the first thread of the best level, or the idle thread. Context: the lock. */
struct thread *runq_pop(struct runq *runq);

/** Let everybody start at the top again. Context: the lock. */
void runq_boost(struct runq *runq);
