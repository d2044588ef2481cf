/* SPDX-License-Identifier: BSD-2-Clause */
#include "syscall/test_report.h"

#include "proc/process.h"

static bool active;
static test_service *service;
static struct test_summary summary;

void test_report_begin(test_service *serve)
{
	service = serve;
	summary = (struct test_summary){0};
	active = true;
}

void test_report_end(struct test_summary *out)
{
	active = false;
	service = NULL;
	*out = summary;
}

bool test_report_allowed(void)
{
	return active && (process_current()->flags & PROCESS_TEST);
}

int64_t test_report_serve(uint64_t what, uint64_t value)
{
	return service(what, value);
}

void test_report_add(uint64_t line, bool passed, uint64_t checks)
{
	summary.reports++;
	summary.checks = checks;
	if (!passed && !summary.failed_line)
		summary.failed_line = line ? line : 1;
}
