/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* From an executable file to an address space that is ready to run; nothing of the caller changes.
 */
#include "fs/file.h"
#include "proc/exec_strings.h"
#include "proc/process.h"

struct exec_image {
	struct space *space;
	uint64_t entry; /* where the first instruction is: the interpreter's, if there is one */
	uint64_t sp;
	struct process_strings strings;
};

/* What a new program is told about itself: the auxiliary vector's sources. */
struct exec_facts {
	uint64_t phdr;
	uint64_t phnum;
	uint64_t program_entry;
	uint64_t interpreter_base;
	uint64_t stack_top;
	uint64_t vdso;
	bool secure; /* ids differ: AT_SECURE */
	const struct cred *cred;
	const char *name; /* AT_EXECFN */
};

/**
 * Build a space for @file with its strings on the stack.
 * @process: whose limits hold and who pays. @cred: what the program will run with.
 * Return: OK, or Linux's errno of execve; nothing is left behind.
 */
enum err exec_image_build(struct file *file, const char *name, struct exec_strings *strings,
			  struct process *process, const struct cred *cred, bool secure,
			  struct exec_image *out);

/** proc/exec_stack.c: writes strings, auxv and pointers; the stack is mapped already. */
enum err exec_stack_build(struct space *space, const struct exec_strings *strings,
			  const struct exec_facts *facts, struct exec_image *image);
