/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What threads and processes have used: for getrusage(2), wait4(2) and /proc. */
#include "kernel/lib/types.h"

struct thread;
struct process;

struct usage {
	uint64_t cpu_ns;
	uint64_t faults;    /* none of them read a disk */
	uint64_t voluntary; /* switches to wait */
	uint64_t forced;    /* switches while it could have gone on */
	uint64_t max_pages; /* resident at a time, of the largest */
};

/** Sums, and the larger of the memories. */
void usage_add(struct usage *to, const struct usage *from);

/** Of one thread; the memory is left at 0. */
void usage_of_thread(const struct thread *thread, struct usage *out);

/** Of all its threads, dead or alive, and its memory. Context: takes process_lock. */
void process_usage(struct process *process, struct usage *out);
/** The same without the memory of a live one. Context: process_lock held. */
void process_usage_locked(const struct process *process, struct usage *out);
