/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What a ring-3 selftest program can have done by the runner; its side is selftest/user/service.h.
 */
#include "kernel/lib/types.h"

enum program_service {
	SERVICE_FAIL_ALLOCATION = 1, /* number @value of this thread from now on, once */
	SERVICE_END_FAILURE,         /* disarm; returns whether it has failed */
	SERVICE_DRAIN,               /* give back what only caches hold: free counts are exact */
	SERVICE_WALK,                /* judge the program's page tables; 1 when they are right */
	SERVICE_FETCHES,             /* structures and values read from user memory so far */
	SERVICE_POISON_STACK, /* fill what is unused of the caller's kernel stack with 0xa5 */
	SERVICE_POISON_SLABS, /* fill free kernel objects with it */
};

/** The native call test_service. Context: a program's system call. Return: as above, or an error.
 */
int64_t program_serve(uint64_t what, uint64_t value);
