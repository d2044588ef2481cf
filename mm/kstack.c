/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/kstack.h"

#include "kernel/lib/bits.h"

#include "kernel/core/spinlock.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/table.h"

#define PAGES  (KSTACK_SIZE / PAGE_SIZE)
#define KEPT   32u
#define WORDS  (KSTACK_LIMIT / 64)
#define RIGHTS (PTE_W | PTE_NX | PTE_G)

static struct {
	struct spinlock lock;
	uint32_t kept_count;
	uint32_t hint; /* no free slot in words below this one */
	void *kept[KEPT];
	uint64_t used[WORDS]; /* one bit a slot */
} stacks = {.lock = SPINLOCK_INIT(LOCK_KSTACK)};

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

void *kstack_alloc(void)
{
	void *stack = NULL;

	if (inject_fails())
		return NULL;
	spin_lock(&stacks.lock);
	if (stacks.kept_count != 0)
		stack = stacks.kept[--stacks.kept_count];
	spin_unlock(&stacks.lock);
	return stack != NULL ? stack : make_stack();
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
	bool keep;

	if (stack == NULL)
		return;
	/* Not the one that this runs on. */
	ASSERT((uint64_t)__builtin_frame_address(0) - (uint64_t)stack >= KSTACK_SIZE);
	ASSERT(stacks.used[stack_slot(stack) / 64] >> stack_slot(stack) % 64 & 1);
	spin_lock(&stacks.lock);
	keep = stacks.kept_count < KEPT;
	if (keep)
		stacks.kept[stacks.kept_count++] = stack;
	spin_unlock(&stacks.lock);
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
	while (stacks.kept_count != 0) {
		void *stack;

		spin_lock(&stacks.lock);
		stack = stacks.kept[--stacks.kept_count];
		spin_unlock(&stacks.lock);
		destroy(stack);
	}
}
