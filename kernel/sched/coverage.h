/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * `make COVERAGE=1`: the places in the kernel's text that the calls of a thread go through, in a
 * record that its program reads by a native call. There are some records; a thread says which is
 * its own.
 */
#include "kernel/lib/types.h"

#define COVERAGE_RECORDS 16u
#define COVERAGE_PLACES  16384u

struct coverage {
	uint32_t count;
	uint32_t places[COVERAGE_PLACES]; /* offsets into the kernel's text */
};

/** Record @number, which nothing of the running thread goes into any more. */
const struct coverage *coverage_take(uint32_t number);

/** From now on the running thread's places go into record @number, which is empty again. */
void coverage_begin(uint32_t number);

/* What the compiler calls at each block of an instrumented file. */
void __sanitizer_cov_trace_pc(void);
