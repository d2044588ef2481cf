/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules of Linux's interface as small functions. Each runs in a process and an empty directory of
 * its own and says in one line what the kernel answered; ci/test_rules.py compares the lines of
 * Linux and of Bartizan. So nothing said may depend on time, process numbers, addresses or names of
 * the machine.
 */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

struct rule {
	const char *name;
	void (*check)(void);
};

#define RULE(rule_name)                                                                         \
	static void rule_name(void);                                                            \
	static const struct rule rule_##rule_name                                               \
		__attribute__((section("rules"), used, aligned(16))) = {#rule_name, rule_name}; \
	static void rule_name(void)

/* Appends " text" to the rule's line, from whatever process of the rule. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Appends " what=result", or " what=E<errno>" for -1. */
void ask(const char *what, long result);

/* Runs body in a child; its wait status. */
int in_child(void (*body)(void));

/* Appends how a child ended: " what=exit:3", " what=signal:9". */
void say_status(const char *what, int status);

/* A new file with the text, closed again. */
void make_file(const char *name, const char *text);

/* open(2) with mode 0644 and close(2): 0 or -1. */
int open_and_close(const char *name, int flags);

/* Until the process sleeps in a call, as /proc/PID/stat says. */
void wait_until_asleep(pid_t pid);
