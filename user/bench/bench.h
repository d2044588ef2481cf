/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the operations share: how one is described, prepared, timed and measured. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "user/bench/calls.h"

#define PAGE 4096L
#define KIB  1024L
#define MIB  (1024L * KIB)

/* Leave the enclosing function with the error if a call answers one. */
#define TRY(call)                    \
	do {                         \
		long try_ = (call);  \
		if (try_ < 0)        \
			return try_; \
	} while (0)

/* Ticks that `count` runs of `body` take. */
#define TIMED(count, body)                               \
	({                                               \
		uint64_t start_ = rdtsc();               \
		for (unsigned i = 0; i < (count); i++) { \
			body;                            \
		}                                        \
		(int64_t)(rdtsc() - start_);             \
	})

/* One operation: a line of the output. */
struct op {
	const char *name;
	int64_t (*run)(unsigned n); /* ticks for n operations, or a negated errno */
	long (*setup)(long arg);    /* NULL: nothing to prepare */
	long arg;
	unsigned max;     /* most operations in a batch, 0: MAX_ITERATIONS */
	unsigned per_run; /* what a run's operation counts for, 0: 1 */
	void (*teardown)(void);
};

#define OP(title, function, ...)                                   \
	{                                                          \
		.name = #title, .run = run_##function, __VA_ARGS__ \
	}
#define OPS_END              \
	{                    \
		.name = NULL \
	}

/* Each file's operations, in the order of the output, ended by OPS_END. */
extern const struct op call_ops[], file_ops[], talk_ops[], wait_ops[], thread_ops[], process_ops[],
	memory_ops[], signal_ops[], ring_ops[];
/* Those that need two CPUs: measured when named. */
extern const struct op cpu_ops[];

/* What one operation's setup leaves for its run; one process, one operation. */
struct state {
	int in, out;
	int fds[10];
	uint8_t *page;
	size_t len;
	int processes;
	const char *exec_path;
	atomic_int turn;
	uint8_t sink;
};
extern struct state st;

extern uint8_t buffer[64 * 1024];
extern const char work_file[];

/* The programs to exec, which lie beside bench. */
extern char tiny_path[256], musl_path[256];

/* The loop alone: its cost is taken off every figure. */
int64_t run_nothing(unsigned n);

/* This much private memory, every page written, no huge pages. */
long setup_touched(long len);

/* Wait for a child. Return: 0, or the negated status with which it exited. */
long reap(long pid);

/* "name what value" and a newline, in one write. */
void say(const char *name, const char *what, uint64_t value);

/* Measure and report one operation, in a child where there are processes. Return: is it supported?
 */
int measure_guarded(const struct op *op);

/* Let the console drain and orphans leave. Return: negative without nanosleep. */
long nap(void);
