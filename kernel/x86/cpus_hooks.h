/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Upward: defined in kernel/core/panic_cpus.c. */
#include "kernel/lib/types.h"

/** The end: the CPUs of @silent have not done what this one waits for, @what. Context: any. */
_Noreturn void cpus_silent(uint64_t silent, const char *what);
