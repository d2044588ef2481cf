/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Defined by kernel/core/panic.c (and by tests/ on the host). */

/* Reports a broken assertion and does not come back, unless a selftest expects it. */
_Noreturn void assert_failed(const char *condition, const char *file, int line);
