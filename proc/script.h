/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Scripts: which program a file stands for, whose first line may name another file. */
#include "kernel/lib/errors.h"

struct cred;
struct exec_strings;
struct file;
struct fs_context;

/**
 * Follow `#!` lines to the program that is to be loaded; @strings gets the interpreters' arguments.
 *
 * @name: how the file was named.
 * @out: set on OK, with a reference of its own; the file itself when it is no script.
 *
 * Return: OK; ERR_LOOP after five scripts; ERR_2BIG, ERR_NOMEM, ERR_NOEXEC, and what opening an
 * interpreter gives. Context: a process's thread or the kernel's own, which may sleep.
 */
enum err script_find_program(struct file *file, const char *name, struct fs_context *fs,
			     const struct cred *cred, struct exec_strings *strings,
			     struct file **out);
