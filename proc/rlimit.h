/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Resource limits, with Linux's numbers. */
#include "kernel/lib/types.h"

enum rlimit_number {
	RLIMIT_CPU = 0,
	RLIMIT_FSIZE = 1,
	RLIMIT_DATA = 2,
	RLIMIT_STACK = 3,
	RLIMIT_CORE = 4,
	RLIMIT_RSS = 5,
	RLIMIT_NPROC = 6,
	RLIMIT_NOFILE = 7,
	RLIMIT_MEMLOCK = 8,
	RLIMIT_AS = 9,
	RLIMIT_LOCKS = 10,
	RLIMIT_SIGPENDING = 11,
	RLIMIT_MSGQUEUE = 12,
	RLIMIT_NICE = 13,
	RLIMIT_RTPRIO = 14,
	RLIMIT_RTTIME = 15,
	RLIMIT_COUNT = 16,
};

#define RLIM_INFINITY (~0ull)

/* struct rlimit64 of prlimit64(2). */
struct rlimit {
	uint64_t current;
	uint64_t maximum;
};

struct space;

/** Let @space keep to those of @limits that are about memory. */
void rlimit_apply(const struct rlimit limits[RLIMIT_COUNT], struct space *space);

/** The limits PID 1 starts with. */
void rlimit_init(struct rlimit limits[RLIMIT_COUNT]);
