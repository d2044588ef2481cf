/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Attacks: what a hostile program would try, as a table. Each row runs in a child of its own, as an
 * unprivileged user, and what it got is compared with what must happen.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE        4096UL
#define USER_LIMIT  0x7ffffffff000UL /* the first address that is no program's */
#define KERNEL_HALF 0xffff800000000000UL
#define KERNEL_TEXT 0xffffffff80000000UL

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* One row. In `expect` a * stands for any text. */
struct attack {
	const char *name; /* subject/what is tried */
	void (*run)(void);
	const char *expect;   /* what must happen */
	const char *by;       /* which protection stops it */
	const char *on_linux; /* what Linux lets happen, where that differs; NULL: the same */
	bool shown_only;      /* nothing is promised, so there is no verdict */
};

#define ATTACKS_END          \
	{                    \
		.name = NULL \
	}

/* Each file's rows, ended by ATTACKS_END. */
extern const struct attack privileged_attacks[], flags_attacks[], segments_attacks[],
	frames_attacks[], memory_attacks[], pointers_attacks[], others_attacks[],
	exhaustion_attacks[], flood_attacks[], elf_attacks[], timing_attacks[];

extern const char *self_path; /* of this program */

/** Inside an attack: says what happened, and ends the child. */
_Noreturn void saw(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The same for what a call answered: the errno's name, or that it was granted. */
_Noreturn void saw_answer(long result);

/** Inside an attack: what `run` comes to in a child of its own. */
const char *outcome_of(void (*run)(long), long arg);

/** Runs a row in a child and returns what happened; the text is good until the next call. */
const char *attack_outcome(const struct attack *attack);

const char *errno_name(int error);

bool on_bartizan(void);

/* A fault inside faults() is caught and described here. */
struct fault {
	int signo, code;
	uint64_t address, error;
};
extern struct fault fault;

/** Whether `run` faults: then `fault` says how, and the attack goes on. */
bool faults(void (*run)(uint64_t), uint64_t arg);

/** "n of m WHAT", and the end of the child. */
_Noreturn void saw_count(size_t n, size_t m, const char *what);

/** Waits for a child and returns its wait status. */
int status_of(pid_t pid);

/** The whole of a file of /proc, as a text; empty if it cannot be read. */
const char *text_of(const char *path);

/** The number behind `name` in /proc/meminfo, in KiB. */
long meminfo(const char *name);
