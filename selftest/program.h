/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The ring-3 programs of selftest/user/: each runs as a marked process and reports numbers by the
 * native call test_report (selftest/report.h keeps them).
 */
#include "kernel/lib/types.h"

/* What a program said; it ran well when it exited with 0, failed nothing and checked something. */
struct program_result {
	int32_t status;   /* as wait4 gives it; -1: it could not be started, or its children stay */
	uint64_t checks;  /* CHECKs that passed before the end */
	uint64_t line;    /* of the CHECK that failed, or 0 */
	uint64_t reports; /* how often it reported */
};

/** Run one program to its end, and to that of all processes that it has started. Context: the boot thread, after milestone 7 is up. */
struct program_result program_run(const char *name);

/** The same without the log: for one that makes the kernel say the same thing many times. */
struct program_result program_run_muted(const char *name);

/* The body of most tests: the program's own line is in the report when it failed. */
#define CHECK_PROGRAM(name)       CHECK_PROGRAM_BY(program_run, name)
#define CHECK_PROGRAM_MUTED(name) CHECK_PROGRAM_BY(program_run_muted, name)
#define CHECK_PROGRAM_BY(run, name)                                                \
	do {                                                                       \
		struct program_result result_ = run(name);                         \
		if (result_.line)                                                  \
			selftest_note_failure(name, name ".c", (int)result_.line); \
		if (result_.line)                                                  \
			return false;                                              \
		if (result_.status != 0)                                           \
			selftest_note_failure("status", name, result_.status);     \
		if (result_.status != 0)                                           \
			return false;                                              \
		CHECK(result_.reports == 1);                                       \
		CHECK(result_.checks > 0);                                         \
	} while (0)
