/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Where ring-3 selftests report. Resident, because the calls are: outside a run of the selftests,
 * and for a process that the runner did not mark, they answer ENOSYS.
 */
#include "kernel/lib/types.h"

struct test_summary {
	uint64_t reports;
	uint64_t checks;
	uint64_t failed_line; /* of the first failure, or 0 */
};

/* What the runner does for a program that asks by the native call test_service. */
typedef int64_t test_service(uint64_t what, uint64_t value);

/** One program begins to be tested, with @serve for it. Context: the boot thread. */
void test_report_begin(test_service *serve);
/** It has ended. */
void test_report_end(struct test_summary *out);

/** Whether the running process may report now. */
bool test_report_allowed(void);
/** The native call test_service. Context: test_report_allowed() holds. */
int64_t test_report_serve(uint64_t what, uint64_t value);

/** The native call: @line of the check, @passed, @checks made so far. Numbers only. */
void test_report_add(uint64_t line, bool passed, uint64_t checks);
