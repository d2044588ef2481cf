/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/interleave/frames.h"

#include <string.h>

#include "kernel/core/limits.h"
#include "kernel/x86/cpus.h"
#include "mm/frame_internal.h"
#include "mm/inject.h"
#include "mm/table.h"
#include "tests/interleave/engine.h"

#define PAGES 64u

static struct frame records[1u << FRAME_ORDER_MAX];
static char memory[PAGES * PAGE_SIZE] __aligned(4096);

struct frame_cache frame_caches[LIMIT_CPUS];
struct layout layout;
uint64_t ram_end;
uint64_t inject_countdown;

bool inject_step(void)
{
	return false;
}

uint64_t table_kernel_count(void)
{
	return 0;
}

void frames_reset(unsigned count)
{
	MUST(count <= PAGES);
	memset(records, 0, sizeof(records));
	memset(frame_caches, 0, sizeof(frame_caches));
	memset(&frame_pool, 0, sizeof(frame_pool));
	layout.frames = (uint64_t)records;
	layout.physmap = (uint64_t)memory;
	spin_init(&frame_pool.lock, LOCK_FRAME);
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++)
		list_init(&frame_pool.lists[order]);
	for (unsigned i = 0; i < count; i++) {
		records[i].type = FRAME_FREE;
		buddy_put(&records[i], 0);
	}
	for_each_cpu(id, cpus_online) cpu_at((unsigned)id)->frames = &frame_caches[id];
}

uint64_t frame_free_count(void)
{
	uint64_t count = frame_pool.free;

	for (unsigned i = 0; i < ENGINE_CPUS; i++)
		count += frame_caches[i].count;
	return count;
}
