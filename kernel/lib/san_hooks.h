/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Defined by kernel/core/kasan_san.c. */
#include "kernel/lib/types.h"

/** SAN builds: report unless all of [@at, @at + @len) may be accessed, by who returns to @from.
 *  Context: any. */
void san_check(const void *at, size_t len, bool write, const void *from);
