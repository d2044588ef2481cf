/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "kernel/sched/coverage.h"
#include "kernel/sched/thread.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/sections.h"

static struct coverage records[COVERAGE_RECORDS];
/* Before the first one is used there may be no thread to ask. */
static bool is_used;

const struct coverage *coverage_take(uint32_t number)
{
	thread_self()->coverage = NULL;
	return &records[number % COVERAGE_RECORDS];
}

void coverage_begin(uint32_t number)
{
	struct coverage *record = &records[number % COVERAGE_RECORDS];

	WRITE_ONCE(record->count, 0);
	thread_self()->coverage = record;
	WRITE_ONCE(is_used, true);
}

/* Interrupts are nobody's call. Two threads in one record spoil it, and nothing else. */
void __sanitizer_cov_trace_pc(void)
{
	struct coverage *record;
	uint32_t at;

	if (!READ_ONCE(is_used) || cpu_self()->irq_depth)
		return;
	record = thread_self()->coverage;
	if (!record)
		return;
	at = READ_ONCE(record->count);
	if (at >= COVERAGE_PLACES)
		return;
	record->places[at] =
		(uint32_t)((uint64_t)__builtin_return_address(0) - (uint64_t)text_start);
	WRITE_ONCE(record->count, at + 1);
}
