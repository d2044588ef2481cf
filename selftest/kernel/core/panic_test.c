/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/backtrace.h"
#include "kernel/core/ksyms.h"
#include "kernel/core/panic_internal.h"
#include "kernel/core/spinlock.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

static char report[8192];
static size_t report_len;
static const struct trapframe *report_frame;

static void report_add(const char *text, size_t len)
{
	size_t now = MIN(len, sizeof(report) - 1 - report_len);

	memcpy(report + report_len, text, now);
	report_len += now;
	report[report_len] = '\0';
}

static bool report_says(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i + len <= report_len; i++)
		if (memcmp(report + i, text, len) == 0)
			return true;
	return false;
}

static void write_report(void *arg)
{
	report_len = 0;
	panic_report_to(report_add, report_frame, arg);
}

/* A lock of the highest rank is held: whatever lock the report took would break an assertion. */
static bool report_without_locks(const char *reason)
{
	static struct spinlock highest = SPINLOCK_INIT(LOCK_LEAF_IRQ);
	uint64_t flags = spin_lock_irqsave(&highest);
	bool asserted = expect_assert(write_report, (void *)(uintptr_t)reason);

	spin_unlock_irqrestore(&highest, flags);
	return !asserted;
}

SELFTEST(M2, 10, report_takes_no_lock)
{
	report_frame = NULL;
	CHECK(report_without_locks("planted for the report"));
	CHECK(report_says("KERNEL PANIC on CPU 0: planted for the report\n"));
	CHECK(report_says("backtrace:\n") && report_says("] selftest_run+0x"));
	CHECK(report_says("rbp ") && report_says("last log lines:\n") && report_says("audit: ") &&
	      report_says("what next: ") && report_says("halted\n"));
	return true;
}

SELFTEST(M2, 10, report_survives_a_broken_stack)
{
	/* Frame pointers of nobody: null, ring 3, unaligned, a hole, the frame of itself. */
	uint64_t own[2] = {(uint64_t)own, (uint64_t)report_add};
	const uint64_t broken[] = {0, 0x7ffffffff000, (uint64_t)own + 1, ~0ull, (uint64_t)own};
	struct trapframe frame = {.rip = (uint64_t)report_add, .cs = KERNEL_CS};
	struct fault got;

	for (unsigned i = 0; i < ARRAY_SIZE(broken); i++) {
		frame.rbp = broken[i];
		report_frame = &frame;
		CHECK(!catch_fault(&got, write_report, (void *)(uintptr_t) "broken"));
		CHECK(report_says("] report_add+0x0\n") && report_says("halted\n"));
	}
	return true;
}

SELFTEST(M2, 10, addresses_have_names)
{
	uint64_t offset = 99;
	const char *name = ksyms_name((uint64_t)panic_report_to + 3, &offset);

	CHECK(name && strcmp(name, "panic_report_to") == 0 && offset == 3);
	CHECK(!ksyms_name((uint64_t)&report_len, &offset)); /* data */
	CHECK(!ksyms_name(0, &offset) && !ksyms_name(~0ull, &offset));
	return true;
}
