/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Random system calls. An input is a row of calls with their arguments as plain numbers, so that it
 * means the same in each process: pointers are into an arena of a fixed address.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syscall/arg_types.h"

#define CALLS_MAX        16
#define INPUTS_PER_BATCH 16
#define ARGS             6

struct call {
	uint32_t row; /* of call_rows */
	uint64_t args[ARGS];
};

struct input {
	uint32_t count;
	struct call calls[CALLS_MAX];
};

struct options {
	uint64_t seed;
	uint64_t calls; /* to be made in all */
	long only;      /* this batch alone, or -1 */
	unsigned side_by_side;
	bool as_root, trace, feedback;
};
extern struct options options;

/* --- rows.c: what can be called */
extern const struct arg_row call_rows[];
extern const uint32_t call_row_count;

/** Whether the fuzzer may make this call: not what ends the machine, or the harness beside it. */
bool row_allowed(const struct arg_row *row);

/* --- draw.c: numbers, and inputs made of them */
uint64_t next_of(uint64_t *state);
uint64_t below(uint64_t *state, uint64_t bound);
void draw_input(uint64_t *state, struct input *input);

/** A few changes: an argument, a call less, a call more, the end of another input. */
void change_input(uint64_t *state, struct input *input, const struct input *other);

/* --- arena.c: the memory that pointers point into */
#define ARENA       0x20000000UL
#define ARENA_PAGES 16
#define ARENA_READ  (ARENA + 0x20000) /* read-only, a page behind a hole */
#define NAMES       (ARENA + 0x8000)  /* as texts, NAME_STEP apart */
#define NAME_STEP   64
#define NAME_COUNT  24
#define VECTORS     (ARENA + 0x9000) /* iovecs, then argv arrays */
#define ARRAYS      (ARENA + 0xa000)
bool arena_begin(void);

/* --- batch.c: a process that makes some inputs' calls */
_Noreturn void run_batch(uint64_t number, unsigned slot);

/* --- feedback.c: inputs that reached something new are kept, for all processes */
struct shared {
	uint64_t calls; /* made so far */
	uint64_t errors;
	uint32_t kept, edges, places;
};
extern struct shared *shared;
bool feedback_begin(void);

/** In a batch's process: begins recording; false: this kernel does not record. */
bool coverage_begin(unsigned slot);

/** What the input has reached; it is kept if that was new. */
void coverage_judge(unsigned slot, const struct input *input);

/** A kept input, chosen at random; NULL if there is none. */
const struct input *kept_input(uint64_t *state);

/** The places reached, as offsets into the kernel's text, one a line. */
void print_places(const char *path);
