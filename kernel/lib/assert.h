/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* ASSERT is always on: a caller's bug stops the kernel with a report. */
#include "kernel/lib/assert_hooks.h"
#include "kernel/lib/compiler.h"

#define ASSERT(condition)                                              \
	do {                                                           \
		if (unlikely(!(condition)))                            \
			assert_failed(#condition, __FILE__, __LINE__); \
	} while (0)
