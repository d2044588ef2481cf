/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * `make DEBUG=1`: detectors that are too dear for every boot. Code asks `if (CONFIG_DEBUG)`; a file
 * called *_debug.c is part of such a build only.
 */
#include "kernel/lib/types.h"

#ifndef CONFIG_DEBUG
#define CONFIG_DEBUG 0
#endif

/* Where a macro stands, "fs/fd.c:33"; NULL unless the build is for debugging. */
#define SOURCE_PLACE                (CONFIG_DEBUG ? SOURCE_PLACE_OF(__FILE__, __LINE__) : (const char *)NULL)
#define SOURCE_PLACE_OF(file, line) file ":" SOURCE_PLACE_TEXT(line)
#define SOURCE_PLACE_TEXT(line)     #line
