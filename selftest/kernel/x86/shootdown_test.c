/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread on CPU 1 runs in a space that CPU 0 changes: no old leaf is used, no frame goes early.
 */
#include "kernel/core/time.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/root.h"
#include "kernel/x86/tlb.h"
#include "kernel/x86/usercopy_raw.h"
#include "mm/claim.h"
#include "mm/frame.h"
#include "mm/space/mman.h"
#include "mm/space/space.h"
#include "mm/table.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define AT      0x10000000ull
#define OLD     0x01d01d01d01d01d0ull
#define NEW     0x2e32e32e32e32e32ull
#define FEW     1u
#define MANY    100u /* more than a flush takes page by page */
#define SHARED  4u   /* each is copied, and flushed, alone */
#define READS   50u  /* behind the change */
#define ROUNDS  6u
#define HOLD_NS (5 * NS_PER_MS)

static struct space *space;
static uint32_t pages;   /* that are read, one after the other */
static uint32_t reads;   /* so far */
static uint32_t changed; /* the change has returned */
static uint32_t stale, elsewhere;

/* Whether the page shows its old contents. */
static bool reads_old(uint32_t page)
{
	uint64_t value = 0;

	return usercopy_get_u64(&value, (const uint64_t *)(AT + page * PAGE_SIZE)) == 0 &&
	       value == OLD;
}

static void read_on(void *arg)
{
	uint32_t behind = 0;

	(void)arg;
	elsewhere += cpu_id() != 1;
	space_activate(space);
	while (behind < READS + pages) {
		bool over = __atomic_load_n(&changed, __ATOMIC_ACQUIRE);
		bool old = reads_old(reads % pages);

		stale += over && old;
		behind += over;
		__atomic_fetch_add(&reads, 1, __ATOMIC_RELEASE);
	}
	space_activate(NULL);
}

static bool write_all(uint64_t value)
{
	for (uint32_t i = 0; i < pages; i++)
		if (space_write(space, AT + i * PAGE_SIZE, &value, sizeof(value)) != OK)
			return false;
	return true;
}

static bool map_pages(void)
{
	struct map_request request = {.addr = AT,
				      .len = pages * PAGE_SIZE,
				      .prot = PROT_READ | PROT_WRITE,
				      .flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS};
	uint64_t at;

	return space_map(space, &request, &at) == OK && write_all(OLD);
}

static bool unmap(void)
{
	return space_unmap(space, AT, pages * PAGE_SIZE) == OK;
}

static bool protect(void)
{
	return space_protect(space, AT, pages * PAGE_SIZE, PROT_NONE) == OK;
}

static bool move(void)
{
	uint64_t at;

	return space_remap(space, AT, pages * PAGE_SIZE, pages * PAGE_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, 2 * AT, &at) == OK;
}

/* The pages are shared with a child when they are written. */
static bool break_cow(void)
{
	return write_all(NEW);
}

static bool change_while_read(bool (*change)(void))
{
	struct workers workers;
	bool ok;

	reads = changed = 0;
	if (!workers_start_on(&workers, 1, read_on))
		return false;
	workers_await(&reads, 2 * pages);
	ok = change();
	__atomic_store_n(&changed, 1, __ATOMIC_RELEASE);
	workers_join(&workers);
	return ok;
}

/* In a space of its own, @count pages are changed by @change. */
static bool one_round(bool (*change)(void), uint32_t count)
{
	struct space *child = NULL;
	bool ok;

	pages = count;
	space = space_create(NULL);
	if (!space)
		return false;
	ok = map_pages() && (change != break_cow || space_fork(space, &child) == OK) &&
	     change_while_read(change);
	if (child)
		space_put(child);
	space_put(space);
	return ok;
}

static bool never_stale(bool (*change)(void), uint32_t many)
{
	stale = elsewhere = 0;
	for (unsigned i = 0; i < selftest_scaled(ROUNDS); i++)
		if (!one_round(change, i & 1 ? many : FEW))
			return false;
	return stale == 0 && elsewhere == 0;
}

SELFTEST(M14, 1, unmapped_pages_are_gone_on_every_cpu, .skip = "no-smp")
{
	if (cpu_count() == 1)
		SELFTEST_SKIP();
	CHECK(never_stale(unmap, MANY));
	CHECK(never_stale(move, MANY));
	return true;
}

SELFTEST(M14, 1, protected_pages_are_so_on_every_cpu, .skip = "no-smp")
{
	if (cpu_count() == 1)
		SELFTEST_SKIP();
	CHECK(never_stale(protect, MANY));
	return true;
}

SELFTEST(M14, 1, broken_sharing_shows_on_every_cpu, .skip = "no-smp")
{
	if (cpu_count() == 1)
		SELFTEST_SKIP();
	CHECK(never_stale(break_cow, SHARED));
	return true;
}

/* --- the frame of a page that CPU 1 has not let go of --- */

static struct frame *held;
static uint32_t ready, returned, early;

/* Holds its answer back, and looks meanwhile whether the frame is free or the call is over. */
static void answer_late(void *arg)
{
	uint64_t sent = tlb_interrupt_count(), until;

	(void)arg;
	space_activate(space);
	elsewhere += cpu_id() != 1 || !reads_old(0);
	uint64_t flags = irq_save();

	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	while (tlb_interrupt_count() == sent && !__atomic_load_n(&returned, __ATOMIC_ACQUIRE))
		cpu_relax();
	until = time_now_ns() + HOLD_NS;
	while (time_now_ns() < until)
		early += refcount_read(&held->count) == 0 ||
			 __atomic_load_n(&returned, __ATOMIC_ACQUIRE);
	irq_restore(flags);
	space_activate(NULL);
}

static bool unmap_while_held(void)
{
	struct workers workers;
	bool ok;

	ready = returned = early = elsewhere = 0;
	pages = 1;
	if (!map_pages())
		return false;
	held = frame_of(phys(*table_leaf_find(space_root(space), AT) & PTE_ADDR));
	if (!workers_start_on(&workers, 1, answer_late))
		return false;
	workers_await(&ready, 1);
	ok = unmap();
	__atomic_store_n(&returned, 1, __ATOMIC_RELEASE);
	workers_join(&workers);
	return ok;
}

/* Before those of M14 that would meet a frame given back too early by chance. */
SELFTEST(M14, 2, frames_wait_for_every_answer, .place = SELFTEST_FIRST, .skip = "no-smp")
{
	bool ok;

	if (cpu_count() == 1)
		SELFTEST_SKIP();
	space = space_create(NULL);
	CHECK(space);
	ok = unmap_while_held();
	space_put(space);
	CHECK(ok && elsewhere == 0 && early == 0);
	return true;
}

/* --- a flush while CPU 1 waits for a claim, interrupts off --- */

static struct claim claim;

static void wait_for_claim(void *arg)
{
	uint64_t flags = irq_save();

	(void)arg;
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	claim_take(&claim);
	claim_drop(&claim);
	irq_restore(flags);
}

SELFTEST(M14, 2, flushes_pass_who_waits_for_a_claim, .skip = "no-smp")
{
	struct workers workers;

	if (cpu_count() == 1)
		SELFTEST_SKIP();
	ready = 0;
	claim_take(&claim);
	bool started = workers_start_on(&workers, 1, wait_for_claim);
	if (started)
		workers_await(&ready, 1);
	/* Comes back only if CPU 1 answers. */
	tlb_flush_page(&kernel_root, layout.stacks);
	claim_drop(&claim);
	if (started)
		workers_join(&workers);
	CHECK(started);
	return true;
}
