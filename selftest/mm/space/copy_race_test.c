/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU 1 is stopped inside a copy to user memory, by a timer of its own, while CPU 0 takes the rest
 * of the pages away: the copy ends at the hole, and the frames, which are free then, are not
 * written to any more.
 */
#include "kernel/lib/san.h"
#include "kernel/lib/string.h"

#include "kernel/core/time.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/tlb.h"
#include "kernel/x86/usercopy_raw.h"
#include "mm/frame_internal.h"
#include "mm/space/mman.h"
#include "mm/space/space.h"
#include "mm/table.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define AT      0x10000000ull
#define ORDER   7u
#define PAGES   (1u << ORDER)
#define BYTES   (PAGES * PAGE_SIZE)
#define HOLE    (PAGES / 2) /* the first page that goes */
#define ROUNDS  40u
#define HITS    3u
#define PATTERN 0x5a5a5a5a5a5a5a5aull
#define WAIT_NS (100 * NS_PER_US)

static struct space *space;
static struct frame *source, *taken;
static struct timer timer;
static uint32_t copying, stopped, changed, finished;
static size_t left;

/* In an interrupt of CPU 1; it answers flushes as who spins for a lock does. */
static void stop_inside(struct timer *it)
{
	if (!READ_ONCE(copying)) {
		timer_start(it, time_now_ns() + WAIT_NS);
		return;
	}
	__atomic_store_n(&stopped, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&changed, __ATOMIC_ACQUIRE)) {
		tlb_serve();
		cpu_relax();
	}
}

/* Again and again until it is stopped: nearly all the time it is inside, as often before the hole
 * as behind it. */
static void copy_there(void *arg)
{
	(void)arg;
	space_activate(space);
	/* From here on it knows the leaf of every page. */
	left = usercopy_raw((void *)AT, frame_virt(source), BYTES);
	timer_start(&timer, time_now_ns() + WAIT_NS);
	while (!READ_ONCE(stopped)) {
		WRITE_ONCE(copying, 1);
		left = usercopy_raw((void *)AT, frame_virt(source), BYTES);
		WRITE_ONCE(copying, 0);
	}
	space_activate(NULL);
	__atomic_store_n(&finished, 1, __ATOMIC_RELEASE);
}

static bool map_pages(void)
{
	struct map_request request = {.addr = AT,
				      .len = BYTES,
				      .prot = PROT_READ | PROT_WRITE,
				      .flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS};
	uint64_t at, zero = 0;

	if (space_map(space, &request, &at) != OK)
		return false;
	for (uint32_t i = 0; i < PAGES; i++)
		if (space_write(space, AT + i * PAGE_SIZE, &zero, sizeof(zero)) != OK)
			return false;
	taken = frame_of(
		phys(*table_leaf_find(space_root(space), AT + HOLE * PAGE_SIZE) & PTE_ADDR));
	return true;
}

static __unchecked_memory bool is_free(void)
{
	const uint64_t *words = frame_virt(taken);

	return refcount_read(&taken->count) == 0 && words[0] == FRAME_POISON_WORD &&
	       words[FRAME_WORDS - 1] == FRAME_POISON_WORD;
}

/* False: the rules are broken. *@hits: the copy was stopped, and before the hole. */
static bool one_round(uint32_t *hits)
{
	struct workers workers;
	bool ok;

	copying = stopped = changed = finished = 0;
	left = BYTES;
	if (!map_pages() || !workers_start_on(&workers, 1, copy_there))
		return false;
	workers_await(&stopped, 1);
	ok = space_unmap(space, AT + HOLE * PAGE_SIZE, BYTES - HOLE * PAGE_SIZE) == OK && is_free();
	__atomic_store_n(&changed, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&finished, __ATOMIC_ACQUIRE))
		cpu_relax();
	ok = ok && is_free() && left <= BYTES - HOLE * PAGE_SIZE;
	*hits += ok && left == BYTES - HOLE * PAGE_SIZE;
	workers_join(&workers);
	return space_unmap(space, AT, BYTES) == OK && ok;
}

SELFTEST(M4, 10, copy_ends_where_another_cpu_unmaps, .needs = M14, .skip = "no-smp")
{
	uint32_t hits = 0;
	bool ok = true;

	if (cpu_count() == 1)
		SELFTEST_SKIP();
	timer_init(&timer, stop_inside);
	space = space_create(NULL);
	source = frame_alloc_order(ORDER, FRAME_KERNEL, FRAME_ZERO);
	CHECK(space && source);
	memset(frame_virt(source), PATTERN & 0xff, BYTES);
	for (unsigned i = 0; i < ROUNDS && ok && hits < HITS; i++)
		ok = one_round(&hits);
	frame_free_order(source, ORDER);
	space_put(space);
	CHECK(ok);
	CHECK(hits == HITS);
	return true;
}
