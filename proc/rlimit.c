/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/rlimit.h"

#include "kernel/lib/bits.h"
#include "proc/pid.h"

#define FILES_SOFT 1024u
#define FILES_HARD 1048576u
#define STACK_SOFT MIB(8)

void rlimit_init(struct rlimit limits[RLIMIT_COUNT])
{
	for (unsigned i = 0; i < RLIMIT_COUNT; i++)
		limits[i] = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
	limits[RLIMIT_STACK].current = STACK_SOFT;
	limits[RLIMIT_NOFILE] = (struct rlimit){FILES_SOFT, FILES_HARD};
	limits[RLIMIT_NPROC] = (struct rlimit){PID_MAX / 2, PID_MAX / 2};
	limits[RLIMIT_CORE].current = 0;
}
