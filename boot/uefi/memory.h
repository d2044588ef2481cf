/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What gcc calls by itself, and nothing more. */
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
