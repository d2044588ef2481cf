/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the scenarios share: how a promise is told, and how far off a share is. */
#include "tests/sim/sim.h"

#define MS NS_PER_MS

extern bool is_long;

void promise(bool kept, const char *what, uint64_t value, uint64_t bound);
/* The distance of a share from @wanted, in thousandths of it; of @count threads the greatest. */
uint64_t off(uint64_t used, uint64_t wanted);
uint64_t worst_share(const struct sim_thread *threads, uint32_t count, uint64_t wanted);
void start(struct sim_thread *threads, uint32_t count);
/* Uses a little, sleeps for long. */
enum sim_next interactive(struct sim_thread *self);
/* Wakes its peer and sleeps until it is woken. */
enum sim_next hand_over(struct sim_thread *self);

/* Of SCHED_DEADLINE. */
void budgets_kept(void);
/* On several CPUs. */
void several_cpus(void);
