/* SPDX-License-Identifier: BSD-2-Clause */
#include "syscall/test_report.h"

#include "proc/process.h"

static bool active;
static struct test_summary summary;

void test_report_begin(void)
{
	summary = (struct test_summary){0};
	active = true;
}

void test_report_end(struct test_summary *out)
{
	active = false;
	*out = summary;
}

bool test_report_allowed(void)
{
	return active && (process_current()->flags & PROCESS_TEST);
}

void test_report_add(uint64_t line, bool passed, uint64_t checks)
{
	summary.reports++;
	summary.checks = checks;
	if (!passed && !summary.failed_line)
		summary.failed_line = line ? line : 1;
}
