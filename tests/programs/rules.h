/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* One line a rule: its name, and what came of it. */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

static inline void show(const char *rule, long value)
{
	printf("%-58s %ld\n", rule, value);
	fflush(stdout);
}

static inline void show_status(const char *rule, int status)
{
	printf("%-58s ", rule);
	if (WIFEXITED(status))
		printf("exit %d\n", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		printf("signal %d\n", WTERMSIG(status));
	else if (WIFSTOPPED(status))
		printf("stopped %d\n", WSTOPSIG(status));
	else
		printf("%s %x\n", WIFCONTINUED(status) ? "continued" : "?", status);
	fflush(stdout);
}

/* A call's value, or its error as a negative number. */
static inline long result(long value)
{
	return value < 0 ? -errno : value;
}
