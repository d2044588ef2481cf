/* SPDX-License-Identifier: BSD-2-Clause */
/* The fuzzer's call, in a build that records coverage only. */
#include "kernel/sched/coverage.h"
#include "mm/usercopy.h"
#include "syscall/syscalls.h"

/* coverage(record, places, how many): what the record holds; it begins anew, as the caller's. */
int64_t sys_native_coverage(struct trapframe *frame)
{
	const struct coverage *record = coverage_take(arg_u32(frame, 0));
	uint64_t count = READ_ONCE(record->count);
	enum err err;

	if (count > COVERAGE_PLACES)
		count = COVERAGE_PLACES;
	if (count > arg(frame, 2))
		count = arg(frame, 2);
	err = copy_to_user(arg_uaddr(frame, 1), record->places, count * sizeof(uint32_t));
	coverage_begin(arg_u32(frame, 0));
	return err ? err : (int64_t)count;
}
