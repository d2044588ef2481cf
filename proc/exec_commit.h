/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between the files of execve(2). */
#include "proc/exec_image.h"
#include "proc/process.h"
#include "sec/cred.h"

/* Everything that the new program gets, made before anything of the old one is given up. */
struct successor {
	struct exec_image image;
	struct signal_handlers *handlers;
	struct file_table *files; /* NULL: nobody shares the old one, it stays */
	struct fs_context *fs;    /* the same */
	struct cred *cred;
	bool is_private; /* others of its user may not look inside */
};

static inline bool ids_differ(const struct cred *cred)
{
	return cred->uid != cred->euid || cred->gid != cred->egid;
}

/**
 * Make the program of @file the running process's, which has no other thread; its file is counted,
 * all else of @next is taken over. @frame holds the new first state afterwards.
 */
void exec_commit(struct file *file, const char *name, const struct successor *next,
		 struct trapframe *frame);
