/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* printf-like formatting into a buffer, without floating point. */
#include <stdarg.h>

#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

/*
 * Understands %% %c %s %d %i %u %x %X %p with l, ll, z, h, hh, width, precision, '-', '0' and '*'.
 * Always ends the buffer with NUL if size > 0; returns the length the whole text would have.
 */
size_t format_text(char *buffer, size_t size, const char *format, ...) __printf(3, 4);
size_t format_text_va(char *buffer, size_t size, const char *format, va_list args) __printf(3, 0);
