/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What happens when: a binary heap, equal times in the order they were added. */
#include "kernel/lib/types.h"

struct sim_thread;
struct timer;

struct event {
	uint64_t at_ns, order;
	struct sim_thread *thread; /* wakes; NULL: something happens on @cpu */
	struct timer *timer;       /* goes off there, if it still stands for @at_ns */
	uint32_t cpu, generation;  /* one of an older generation is void */
};

void events_clear(void);
void events_add(struct event event);
/* The first one not after @end_ns; false: none. */
bool events_take(uint64_t end_ns, struct event *out);
