/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel gives its pure parts, given by the host. */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/lib/assert_hooks.h"
#include "kernel/lib/string.h"

void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: ASSERT(%s)\n", file, line, condition);
	abort();
}

void memzero_secret(void *at, size_t len)
{
	memset(at, 0, len);
	__asm__ volatile("" : : "r"(at) : "memory");
}
