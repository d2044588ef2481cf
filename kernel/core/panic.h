/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The end: a report on every channel that still works, then a clean halt. A panic takes no lock, so
 * it reports whatever is held; a panic inside a panic says so in one line and halts; other CPUs are
 * stopped. A broken assertion or an unexplained kernel fault ends here.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

struct trapframe;

/** Report @format and halt. Context: any. */
_Noreturn void panic(const char *format, ...) __printf(1, 2) __cold;

/** The same with the registers of a trap (may be NULL): its RIP starts the backtrace. */
_Noreturn void panic_trap(const struct trapframe *frame, const char *format, ...)
	__printf(2, 3) __cold;

/**
 * A broken assertion whose condition names two things, e.g. the locks of a rank violation. Goes the
 * way of ASSERT, so that selftests can expect it.
 */
_Noreturn void panic_assert(const char *condition, const char *first, const char *second) __cold;

/** The same for who reports in other words: comes back unless a selftest expects an assertion. */
void panic_expected(const char *condition);

/** Whether a panic report is being written: sinks then take no locks and do not wait long. */
bool panic_in_progress(void);

/**
 * A further part of the report. @print writes lines with panic_print, takes no lock, follows no
 * pointer that may be bad and returns.
 */
struct panic_section {
	const char *title;
	void (*print)(void);
	struct panic_section *next;
};

/** Add @section (static storage) to the report. Context: boot. */
void panic_register(struct panic_section *section);

/**
 * Report by @write too, once the report stands on the first serial port: a line at a time. It takes
 * no lock and may stop half-way. Context: boot.
 */
void panic_show_on(void (*write)(const char *text, size_t len));

/** Write to the channels of the report, without locks. Context: panic. */
void panic_print(const char *format, ...) __printf(1, 2);

/** The functions from @rip (0: left out) and the frame at @rbp on. Context: panic. */
void panic_print_trace(uint64_t rip, uint64_t rbp);

/* Must not return. */
typedef void (*panic_assert_hook_fn)(const char *condition);

/**
 * While a selftest expects an assertion to break (P-M13-09, P-M14-08): @hook is called by
 * assert_failed() instead of the report and must not return. NULL takes it away.
 * Context: selftest code only.
 */
void panic_expect_assert(panic_assert_hook_fn hook);
