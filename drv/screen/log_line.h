/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A line of the log in colours, for the screen. Pure. */
#include "kernel/lib/types.h"

#define LOG_LINE_COLOURED_MAX 320u

/**
 * Put colours into a line as kernel/core/log.c writes it: its time grey, an error red, a warning
 * yellow, "[ OK ]" green and "[FAIL]" red. The line feed becomes CR LF.
 *
 * Return: the bytes in @to, which holds LOG_LINE_COLOURED_MAX; a longer line is cut.
 */
size_t log_line_colour(const char *line, size_t len, uint8_t *to);
