/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * `make SAN=1`: the compiler has each access and each risky computation checked
 * (docs/detectors.md). Code asks `if (CONFIG_SAN)`; a file called *_san.c is part of such a build
 * only, and is itself compiled without the checks.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/san_hooks.h"

#ifndef CONFIG_SAN
#define CONFIG_SAN 0
#endif

/* A function that touches on purpose what nobody may touch: say at the place why. */
#if CONFIG_SAN
#define __unchecked_memory __attribute__((no_sanitize_address))
#else
#define __unchecked_memory
#endif

/* What the compiler does not see: accesses of assembly and of memory's string instructions. */
static __always_inline void san_read(const void *at, size_t len)
{
	if (CONFIG_SAN)
		san_check(at, len, false, __builtin_return_address(0));
}

static __always_inline void san_write(const void *at, size_t len)
{
	if (CONFIG_SAN)
		san_check(at, len, true, __builtin_return_address(0));
}
