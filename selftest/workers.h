/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A few kernel threads for a test. */
#include "kernel/sched/thread.h"

#define WORKERS_MAX 4u

struct workers {
	unsigned count;
	void *stacks[WORKERS_MAX];
	uint64_t quantum_ticks; /* to be put back; 0: it was not changed */
};

/* Starts @count threads that run @run(their index). False without memory: none is left then. */
bool workers_start(struct workers *workers, unsigned count, void (*run)(void *arg));
/*
 * The same with a quantum that nobody uses up, for tests of an exact order: on an emulator whose
 * host is busy, any stretch of instructions may last a quantum.
 */
bool workers_start_exact(struct workers *workers, unsigned count, void (*run)(void *arg));
/* One thread, which runs on @cpu only. False also when that CPU runs no threads. */
bool workers_start_on(struct workers *workers, unsigned cpu, void (*run)(void *arg));
/* Gives the CPU away until *@at is @wanted or more. */
void workers_await(const uint32_t *at, uint32_t wanted);
/* Waits for all of them and frees their stacks. */
void workers_join(struct workers *workers);
/* The thread of one. */
struct thread *workers_thread(unsigned index);
