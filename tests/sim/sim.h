/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The machine that the scheduler's own code runs on in the simulator: CPUs, their timers and
 * interrupts, threads that use time and sleep. Everything happens in the order of a simulated clock
 * in ns; nothing depends on the host's time.
 */
#include "kernel/lib/bits.h"

#include "kernel/core/time.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/weight.h"

enum sim_next { SIM_GO, SIM_SLEEP, SIM_YIELD };

struct sim_user {
	struct sched_group group;
	struct sched_part *parts;
};

/* One thread. When it has used @burst_ns it is asked what it does next. */
struct sim_thread {
	struct thread thread;
	/* Sets @burst_ns, and @sleep_ns for SIM_SLEEP (0: until it is woken). */
	enum sim_next (*behave)(struct sim_thread *self);
	uint64_t burst_ns, sleep_ns, random, rounds;
	struct sim_thread *peer;

	uint64_t ready_since;  /* when it was woken or lost the CPU last */
	uint64_t longest_wait; /* for the CPU */
	uint64_t longest_wake; /* of these, behind a wake */
	bool is_woken;
};

/* A machine of @cpus CPUs, one second after the clock began, in the place of the one before. */
void sim_boot(uint32_t cpus);
struct sim_user *sim_user(void);
/* @count threads of @user, asleep; each begins with asking @behave. */
struct sim_thread *sim_threads(uint32_t count, struct sim_user *user,
			       enum sim_next (*behave)(struct sim_thread *self));
/* Makes it runnable by something that happens on CPU @cpu. */
void sim_wake(struct sim_thread *thread, uint32_t cpu);
void sim_run(uint64_t end_ns);

uint64_t sim_used_ns(const struct sim_thread *thread);
/* The longest wait for the CPU, also one that has not ended. */
uint64_t sim_longest_wait(const struct sim_thread *thread);
uint64_t sim_random(uint64_t *state, uint64_t below);
enum sim_next sim_hog(struct sim_thread *self);

extern uint64_t sim_now;
/* Since sim_boot(): steps of the scheduler, and what they cost on this host. */
extern uint64_t sim_steps, sim_host_ticks;
/* The longest time that a CPU was idle while a thread waited that it might have run. */
extern uint64_t sim_longest_idleness;
