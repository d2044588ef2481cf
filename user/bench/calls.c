/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls which do nothing, and the instructions of user mode which show how all are counted. */
#include <errno.h>
#include <time.h>

#include "user/bench/bench.h"

int64_t run_nothing(unsigned n)
{
	return TIMED(n, __asm__ volatile(""));
}

static int64_t run_getppid(unsigned n)
{
	return TIMED(n, TRY(sys0(SYS_getppid)));
}

static int64_t run_getpid(unsigned n)
{
	return TIMED(n, TRY(sys0(SYS_getpid)));
}

static int64_t run_clock_gettime(unsigned n)
{
	struct timespec now;
	return TIMED(n, if (clock_gettime(CLOCK_MONOTONIC, &now)) return -errno);
}

static int64_t run_memset_4k(unsigned n)
{
	return TIMED(n, {
		void *to = buffer;
		long words = PAGE / 8;
		__asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(0L) : "memory");
	});
}

const struct op call_ops[] = {
	OP(memset_4k, memset_4k),
	OP(null_getppid, getppid),
	OP(getpid, getpid),
	OP(clock_gettime, clock_gettime),
	OPS_END,
};
