/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* START frames, and the program which one of them starts. */
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/types.h>

#include "user/agent/frame.h"

/* Room for the pointers of the longest START: every string takes a byte at least. */
enum { START_STRINGS_MAX = FRAME_MAX };

/* A decoded START; the strings stay in the frame's bytes. */
struct start {
	uid_t uid;
	char **argv;
	char **envp;
	const char *cwd;
	bool terminal;
	struct winsize size;
};

/*
 * A running program and this side's ends of its pipes, -1 when closed. With a terminal, in and out
 * are its master, and its slave is kept open too: what the program leaves there can be read.
 */
struct program {
	pid_t pid;
	int in, out, err;
	int slave;
};

/*
 * Decode a START. The pointer arrays are static: one START at a time.
 * Return: false if the frame is malformed; then *start holds nothing of use.
 */
bool start_decode(const struct frame *frame, struct start *start);

/*
 * Start the program in a process group of its own; with a terminal, as the leader of a session that
 * has it. What keeps it from being executed it says
 * itself, by one line on its standard error and status 126 or 127. Return: false without pipes,
 * terminals or processes.
 */
bool program_start(const struct start *start, struct program *program);
