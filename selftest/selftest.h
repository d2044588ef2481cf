/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Selftests register themselves: SELFTEST(M3, 6, name) { CHECK(...); return true; } makes one line
 * "P-M3-06 name" of the report. Row numbers are those of docs/promises.md.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

enum milestone_number {
#define MILESTONE(number, name) M##number = (number),
#include "selftest/milestones.def"
#undef MILESTONE
};

/* 16 bytes: the harness reads these arrays from the ELF (ci/vm/elf.py). */
struct milestone {
	const char *name;
	uint32_t number;
	uint32_t flags;
};
static_assert(sizeof(struct milestone) == 16, "ci/vm/elf.py");

/* Places: before or behind all others that run at the end of the same milestone. */
#define SELFTEST_FIRST (-1)
#define SELFTEST_LAST  1

/* 64 bytes; a test runs at the end of milestone max(milestone, needs). */
struct selftest {
	const char *name;
	bool (*run)(void);
	uint16_t milestone;
	uint16_t row;
	uint16_t needs;
	int16_t place;
	const char *skip;     /* what a CPU or machine may lack, "no-smap"; NULL = never skipped */
	uint32_t deadline_ms; /* 0 = SELFTEST_DEADLINE_MS */
	uint8_t reserved[28];
};
static_assert(sizeof(struct selftest) == 64, "ci/vm/elf.py");

/* A hundred times what the slowest takes on an idle host: an emulator's clock goes on while its host
 * does something else, and a hang is for ever. */
#define SELFTEST_DEADLINE_MS 60000

/*
 * The optional arguments are designated initialisers of struct selftest: .needs = M9,
 * .skip = "no-smap", .deadline_ms = 50.
 */
#define SELFTEST(milestone_, row_, what, ...)                                                   \
	static bool selftest_##milestone_##_##row_##_##what(void);                              \
	static const struct selftest entry_##milestone_##_##row_##_##what __used __section(     \
		".selftest.entries")                                                            \
		__attribute__((aligned(64))) = {.name = #what,                                  \
						.run = selftest_##milestone_##_##row_##_##what, \
						.milestone = (milestone_),                      \
						.row = (row_),                                  \
						##__VA_ARGS__};                                 \
	static bool selftest_##milestone_##_##row_##_##what(void)

/* Every test checks something: one without a single CHECK is counted as failed. */
#define CHECK(condition)                                                       \
	do {                                                                   \
		selftest_count_check();                                        \
		if (!(condition)) {                                            \
			selftest_note_failure(#condition, __FILE__, __LINE__); \
			return false;                                          \
		}                                                              \
	} while (0)

/* Leaves a test whose entry declares .skip: the machine lacks what it is about. */
#define SELFTEST_SKIP()               \
	do {                          \
		selftest_note_skip(); \
		return true;          \
	} while (0)

void selftest_count_check(void);
void selftest_note_failure(const char *condition, const char *file, int line);
void selftest_note_skip(void);

/* From the boot word selftest.scale=N (percent; 100 by default): how often loops go round. */
unsigned selftest_scaled(unsigned rounds);

/* Reads the boot words selftest= and selftest.scale=, writes the version and plan lines. */
void selftest_begin(const char *cmdline);

/*
 * Runs the tests that belong to the end of one milestone and reports them.
 * Return: whether boot may go on: all green, or selftest=continue.
 */
bool selftest_run(enum milestone_number number);

/*
 * Writes the summary and the seal. With selftest=only it ends the machine and does not return.
 * Return: whether init may start.
 */
bool selftest_end(void);
