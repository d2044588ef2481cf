/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A program's arguments and environment on their way from the old memory to the new: one buffer of
 * NUL-ended strings, arguments first.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "mm/addr.h"

struct exec_strings {
	char *text;
	size_t used;
	size_t size;
	size_t limit; /* bytes that text and pointers may take together: ERR_2BIG beyond */
	size_t arg_bytes;
	uint32_t argc;
	uint32_t envc;
};

/** @limit: a quarter of the stack limit, as on Linux. Return: OK or ERR_NOMEM. */
enum err exec_strings_begin(struct exec_strings *strings, uint64_t stack_limit);
void exec_strings_free(struct exec_strings *strings);

/**
 * Append one string; arguments until the first environment string.
 * Return: OK, ERR_2BIG, ERR_FAULT, ERR_NOMEM.
 */
enum err exec_strings_add_user(struct exec_strings *strings, struct uaddr from, bool is_env);
enum err exec_strings_add(struct exec_strings *strings, const char *text, size_t len, bool is_env);

/** For a script: the first argument (if any) makes way for interpreter, its argument, and script.
 */
enum err exec_strings_put_script(struct exec_strings *strings, const char *interpreter, size_t len,
				 const char *argument, size_t argument_len, const char *script);
