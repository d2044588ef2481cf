/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The kernel's own limits, but for the CPUs. */
#include_next "kernel/core/limits.h"
#undef LIMIT_CPUS
#define LIMIT_CPUS 1024u
