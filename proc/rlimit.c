/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/rlimit.h"

#include "kernel/lib/bits.h"

#include "mm/frame.h"
#include "mm/space/space.h"
#include "proc/pid.h"

#define FILES_SOFT 1024u
#define FILES_HARD 1048576u
/* Details of queued signals that a process can have the kernel keep. */
#define SIGNALS_PENDING 1024u
#define STACK_SOFT      MIB(8)
/* A process that does nothing needs about 16 frames: all of one user's fit in a quarter of them. */
#define FRAMES_A_PROCESS 64u

void rlimit_apply(const struct rlimit limits[RLIMIT_COUNT], struct space *space)
{
	const struct space_limits of_space = {
		.address_space = READ_ONCE(limits[RLIMIT_AS].current),
		.data = READ_ONCE(limits[RLIMIT_DATA].current),
		.stack = READ_ONCE(limits[RLIMIT_STACK].current),
	};

	space_set_limits(space, &of_space);
}

void rlimit_init(struct rlimit limits[RLIMIT_COUNT])
{
	for (unsigned i = 0; i < RLIMIT_COUNT; i++)
		limits[i] = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
	limits[RLIMIT_STACK].current = STACK_SOFT;
	limits[RLIMIT_NOFILE] = (struct rlimit){FILES_SOFT, FILES_HARD};
	uint64_t processes = MIN(frame_total_count() / FRAMES_A_PROCESS, (uint64_t)PID_MAX / 2);
	limits[RLIMIT_NPROC] = (struct rlimit){processes, processes};
	limits[RLIMIT_CORE].current = 0;
	limits[RLIMIT_NICE] = limits[RLIMIT_RTPRIO] = (struct rlimit){0, 0};
	limits[RLIMIT_SIGPENDING] = (struct rlimit){SIGNALS_PENDING, SIGNALS_PENDING};
}
