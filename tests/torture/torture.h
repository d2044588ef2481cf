/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Torture: PROCESSES processes of THREADS threads, each doing operations at random by its own
 * seeded sequence and checking what it must see. What is shared by all lies in `all`.
 */
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 8
#define THREADS	  8
#define WORKERS	  (PROCESSES * THREADS)
#define PAGE	  4096UL
#define FOLDER	  "/tmp/torture"

/* Shared by all processes. */
struct all {
	pthread_mutex_t lock; /* guards counter, which is written without atomics */
	uint64_t counter;
	uint64_t counted[WORKERS];  /* what each has added to counter */
	uint64_t appended[WORKERS]; /* records each has written to the common file */
};

struct worker {
	uint64_t state; /* of its random sequence */
	int id;		/* among all workers */
	int operation;	/* the number of the present one */
	const char *doing;
};

extern struct all *all;
extern const char *self; /* the path of this program */

/* Ends everything, naming the worker and the operation, if `good` is not so. */
#define CHECK(worker, good)                                                                        \
	do {                                                                                       \
		if (!(good))                                                                       \
			fail(worker, #good, __LINE__);                                             \
	} while (0)

_Noreturn void fail(const struct worker *worker, const char *what, int line);
uint64_t draw(struct worker *worker, uint64_t below);
uint64_t next_of(uint64_t *state);

/* Waits for the child and returns its wait status. */
int status_of(struct worker *worker, pid_t pid);

typedef void operation(struct worker *worker);

operation fork_and_exit, fork_and_exec, fork_and_kill, own_session, make_thread;
operation map_and_check, common_pages, copy_on_write;
operation own_pipe, stream_of_child, count_under_lock, ping_pong;
operation signal_myself, queue_signal;
operation own_file, append_record, rename_over, many_descriptors;

void memory_begin(void);
void signals_begin(void);
void signals_end(struct worker *worker);
void files_begin(void);
void files_end(struct worker *worker);
