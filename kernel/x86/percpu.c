/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/percpu.h"

/* `current` points at something from the start, so that an early fault's report can look. */
struct cpu_home percpu_boot = {.cpu = {.self = &percpu_boot.cpu}};
