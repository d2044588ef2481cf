/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A few kernel threads for a test. */
#include "kernel/sched/thread.h"

#define WORKERS_MAX 4u

struct workers {
	unsigned count;
	void *stacks[WORKERS_MAX];
};

/* Starts @count threads that run @run(their index). False without memory: none is left then. */
bool workers_start(struct workers *workers, unsigned count, void (*run)(void *arg));
/* Waits for all of them and frees their stacks. */
void workers_join(struct workers *workers);
/* The thread of one. */
struct thread *workers_thread(unsigned index);
