/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The two steps of mm_init() that make the frame database. */
#include "kernel/core/memmap.h"

struct cpu;

/** Map the records of all RAM into the kernel root that is being built. */
void frame_database_map(const struct mem_range *ranges, size_t count);
/** Give every frame its class, on the final tables, and open the allocator. */
void frame_database_fill(const struct mem_range *ranges, size_t count);
/** Hand a CPU its frame cache and its magazines, before its first thread. */
void frame_cpu_init(struct cpu *cpu);
