/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/kstack.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/debug.h"

#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"
#include "kernel/x86/percpu.h"
#include "mm/claim.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/shadow_map.h"
#include "mm/table.h"

#define PAGES  (KSTACK_SIZE / PAGE_SIZE)
#define KEPT   15u /* by each CPU */
#define WORDS  (KSTACK_LIMIT / 64)
#define RIGHTS (PTE_W | PTE_NX | PTE_G)

static struct {
	struct spinlock lock;
	uint32_t hint;        /* no free slot in words below this one */
	uint64_t used[WORDS]; /* one bit a slot */
} stacks = {.lock = SPINLOCK_INIT(LOCK_KSTACK)};

static struct kept {
	struct claim claim;
	uint32_t count;
	void *stacks[KEPT];
} __aligned(CACHE_LINE) kept_by[LIMIT_CPUS];

/* Each slot: guard below, stack above it; the next slot's guard ends it. */
static void *slot_stack(uint64_t slot)
{
	return (void *)(layout.stacks + slot * KSTACK_STEP + KSTACK_GUARD);
}

static uint64_t stack_slot(const void *stack)
{
	uint64_t offset = (uint64_t)stack - layout.stacks - KSTACK_GUARD;

	ASSERT(offset % KSTACK_STEP == 0 && offset / KSTACK_STEP < KSTACK_LIMIT);
	return offset / KSTACK_STEP;
}

static bool take_slot(uint64_t *slot)
{
	for (uint32_t word = stacks.hint; word < WORDS; word++) {
		unsigned bit;

		stacks.hint = word;
		if (~stacks.used[word] == 0)
			continue;
		bit = (unsigned)__builtin_ctzll(~stacks.used[word]);
		stacks.used[word] |= 1ull << bit;
		*slot = word * 64ull + bit;
		return true;
	}
	return false;
}

static void give_slot(uint64_t slot)
{
	uint32_t word = (uint32_t)(slot / 64);

	stacks.used[word] &= ~(1ull << slot % 64);
	stacks.hint = MIN(stacks.hint, word);
}

/* Take the first @pages pages of a stack away and free their frames. */
static void unmap_pages(void *stack, uint64_t pages)
{
	struct frame *frames[PAGES];
	phys_addr_t page;

	for (uint64_t i = 0; i < pages; i++) {
		ASSERT(table_kernel_phys((uint64_t)stack + i * PAGE_SIZE, &page) == OK);
		frames[i] = frame_of(page);
	}
	if (pages != 0)
		table_unmap_kernel((uint64_t)stack, pages * PAGE_SIZE);
	for (uint64_t i = 0; i < pages; i++)
		frame_put(frames[i]);
}

static enum err map_pages(void *stack)
{
	for (uint64_t i = 0; i < PAGES; i++) {
		struct frame *frame = frame_alloc(FRAME_STACK, FRAME_ZERO);
		enum err err = ERR_NOMEM;

		if (frame != NULL)
			err = table_map_kernel((uint64_t)stack + i * PAGE_SIZE, frame_phys(frame),
					       PAGE_SIZE, RIGHTS, false);
		if (err == OK)
			continue;
		if (frame != NULL)
			frame_put(frame);
		unmap_pages(stack, i);
		return err;
	}
	return OK;
}

static void *make_stack(void)
{
	uint64_t slot = 0;
	bool found;

	spin_lock(&stacks.lock);
	found = take_slot(&slot);
	spin_unlock(&stacks.lock);
	if (!found)
		return NULL;
	if (map_pages(slot_stack(slot)) == OK)
		return slot_stack(slot);
	spin_lock(&stacks.lock);
	give_slot(slot);
	spin_unlock(&stacks.lock);
	return NULL;
}

static void *take_kept(struct kept *kept)
{
	void *stack = NULL;

	claim_take(&kept->claim);
	if (kept->count != 0)
		stack = kept->stacks[--kept->count];
	claim_drop(&kept->claim);
	return stack;
}

void *kstack_alloc(void)
{
	void *stack;

	if (inject_fails())
		return NULL;
	stack = take_kept(&kept_by[cpu_id()]);
	if (stack == NULL)
		stack = make_stack();
	if (CONFIG_SAN && stack != NULL)
		shadow_open(stack, KSTACK_SIZE);
	return stack;
}

static void destroy(void *stack)
{
	unmap_pages(stack, PAGES);
	spin_lock(&stacks.lock);
	give_slot(stack_slot(stack));
	spin_unlock(&stacks.lock);
}

void kstack_free(void *stack)
{
	struct kept *kept = &kept_by[cpu_id()];
	bool keep;

	if (stack == NULL)
		return;
	/* Not the one that this runs on. */
	ASSERT((uint64_t)__builtin_frame_address(0) - (uint64_t)stack >= KSTACK_SIZE);
	ASSERT(READ_ONCE(stacks.used[stack_slot(stack) / 64]) >> stack_slot(stack) % 64 & 1);
	if (CONFIG_DEBUG)
		kstack_measure(stack);
	if (CONFIG_SAN)
		shadow_poison(stack, KSTACK_SIZE, SHADOW_DEAD_STACK);
	claim_take(&kept->claim);
	keep = kept->count < KEPT;
	if (keep)
		kept->stacks[kept->count++] = stack;
	claim_drop(&kept->claim);
	if (!keep)
		destroy(stack);
}

bool kstack_is_guard(uint64_t address)
{
	uint64_t offset = address - layout.stacks;

	return offset < (uint64_t)KSTACK_LIMIT * KSTACK_STEP && offset % KSTACK_STEP < KSTACK_GUARD;
}

void kstack_drain(void)
{
	for (unsigned i = 0; i < LIMIT_CPUS; i++) {
		void *stack;

		while (READ_ONCE(kept_by[i].count) != 0 && (stack = take_kept(&kept_by[i])) != NULL)
			destroy(stack);
	}
}
