/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Shared by kernel/core/kasan_*_san.c. */
#include "kernel/core/kasan.h"

/** The byte at @closed, of an access of @len bytes at @at, may not be accessed. */
_Noreturn void kasan_report_access(uint64_t closed, uint64_t at, size_t len, bool write,
				   const void *from);
/** Nothing is checked any more: a panic reads what it needs. */
void kasan_stop(void);
/** Run the constructors that the compiler has made for instrumented globals. */
void kasan_mark_globals(void);
