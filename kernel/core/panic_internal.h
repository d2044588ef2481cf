/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The inside of panic.c, for its selftests. */
#include "kernel/core/panic.h"

/**
 * Write the report of a panic by @write instead of to the serial port, and come back.
 * Context: selftest code; takes no lock.
 */
void panic_report_to(void (*write)(const char *text, size_t len), const struct trapframe *frame,
		     const char *reason);

/** Have the report tell of the other CPUs. Context: boot, once. */
void panic_cpus_init(void);
