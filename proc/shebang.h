/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The `#!` line of a script, cut as Linux cuts it: interpreter, then the rest of the line as
 * one argument. Pure; slices of the caller's buffer.
 *
 * Context: any.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

/* What is looked at: a line of 255 bytes and its newline. */
#define SHEBANG_BYTES 256

struct shebang {
	const char *interpreter; /* neither part is NUL-ended */
	size_t interpreter_len;  /* at least 1 */
	const char *argument;
	size_t argument_len; /* 0: there is none */
};

/**
 * Parse the first @len bytes of a file; @len < SHEBANG_BYTES only when the file is that short.
 *
 * Return: OK; ERR_NOEXEC when this is no script, names no interpreter, or its name may have
 *         been cut off. @out is untouched unless OK.
 */
enum err shebang_parse(const void *data, size_t len, struct shebang *out);
