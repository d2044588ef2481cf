/* SPDX-License-Identifier: BSD-2-Clause */
/* From a faulting address to a leaf. The space is locked for reading; only a growing stack needs
 * it for writing. */
#include "mm/space/fault.h"

#include "kernel/lib/bits.h"

#include "kernel/core/limits.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/trap_hooks.h"
#include "mm/claim.h"
#include "mm/init.h"
#include "mm/oom_hooks.h"
#include "mm/space/cow.h"
#include "mm/space/space_internal.h"

/* Pages around a faulting one that are mapped with it when the object has them. */
#define AROUND_PAGES 16u

struct frame *zero_frame;
static struct {
	enum fault_result value;
} __aligned(CACHE_LINE) last_result[LIMIT_CPUS];

static inline struct area *find_area(struct space *space, uint64_t addr)
{
	struct vm_area *recent = __atomic_load_n(&space->recent, __ATOMIC_RELAXED);
	struct area *area;

	if (likely(recent != NULL && addr >= recent->area.start && addr < recent->area.end))
		return &recent->area;
	area = area_find(&space->areas, addr);
	if (area != NULL)
		__atomic_store_n(&space->recent, vm_area_of(area), __ATOMIC_RELAXED);
	return area;
}

/* What x86 cannot tell apart is allowed together: writing and executing imply reading. */
static inline bool access_allowed(const struct area *area, uint32_t access)
{
	if (access & FAULT_WRITE)
		return area->prot & PROT_WRITE;
	if (access & FAULT_EXEC)
		return area->prot & PROT_EXEC;
	return area->prot & PROT_ALL;
}

/* Fill an empty leaf, unless another thread did meanwhile. Takes over the reference. */
static inline void set_leaf(struct space *space, pte_t *leaf, struct frame *frame, pte_t value)
{
	bool taken;

	spin_lock(&space->leaf_lock);
	taken = *leaf != 0;
	if (likely(!taken)) {
		table_leaf_set(leaf, value);
		if (frame->type == FRAME_ANON)
			space->anon_pages++;
		else
			space->object_pages++;
	}
	spin_unlock(&space->leaf_lock);
	if (unlikely(taken))
		frame_put(frame);
}

static enum fault_result fault_anonymous(struct space *space, const struct area *area, pte_t *leaf,
					 uint32_t access)
{
	bool write = access & FAULT_WRITE;
	struct frame *frame = zero_frame;

	if (write) {
		frame = frame_alloc(FRAME_ANON, FRAME_ZERO);
		if (frame == NULL)
			return FAULT_OOM;
	}
	set_leaf(space, leaf, frame, leaf_of(frame, area->prot, write));
	return FAULT_OK;
}

/* Map what the object has around the page, within one table: programs run on from there. */
static void map_around(struct space *space, const struct area *area, const pte_t *leaf,
		       uint64_t addr, bool write)
{
	uint64_t window = AROUND_PAGES * PAGE_SIZE;
	uint64_t from = MAX(align_down(addr, window), area->start);
	uint64_t to = MIN(align_down(addr, window) + window, area->end);
	uint64_t object_end = align_up(READ_ONCE(area->object->size), PAGE_SIZE);

	for (uint64_t at = from; at < to; at += PAGE_SIZE) {
		pte_t *near = (pte_t *)(uint64_t)leaf + (int64_t)(at - addr) / (int64_t)PAGE_SIZE;
		uint64_t index = area_page_index(area, at);
		struct frame *frame;

		if (READ_ONCE(*near) != 0 || index >= object_end >> PAGE_SHIFT ||
		    mem_object_frame(area->object, index, false, &frame) != OK)
			continue;
		set_leaf(space, near, frame, leaf_of(frame, area->prot, write));
	}
}

static enum fault_result fault_object(struct space *space, const struct area *area, pte_t *leaf,
				      uint64_t addr, uint32_t access)
{
	uint64_t index = area_page_index(area, addr);
	bool shared = area->flags & AREA_SHARED;
	bool write = shared && area->prot & PROT_WRITE;
	struct frame *frame;
	enum err err;

	if (index >= DIV_ROUND_UP(READ_ONCE(area->object->size), PAGE_SIZE))
		return FAULT_BUS;
	err = mem_object_frame(area->object, index, true, &frame);
	if (err != OK)
		return err == ERR_NOMEM ? FAULT_OOM : FAULT_BUS;
	set_leaf(space, leaf, frame, leaf_of(frame, area->prot, write));
	if (!shared && access & FAULT_WRITE)
		return cow_break(space, area, leaf, addr);
	map_around(space, area, leaf, addr, write);
	return FAULT_OK;
}

static enum fault_result fault_locked(struct space *space, struct area *area, uint64_t addr,
				      uint32_t access)
{
	pte_t *leaf;
	pte_t seen;

	if (!access_allowed(area, access))
		return FAULT_ACCERR;
	leaf = table_leaf_create(space->root, addr);
	if (leaf == NULL)
		return FAULT_OOM;
	seen = READ_ONCE(*leaf);
	if (seen == 0)
		return area->object == NULL ? fault_anonymous(space, area, leaf, access)
					    : fault_object(space, area, leaf, addr, access);
	if (access & FAULT_WRITE && !(seen & PTE_W))
		return cow_break(space, area, leaf, addr);
	space_forget_narrower(space, addr);
	return FAULT_OK;
}

/* Tables that a fault made for nothing; other threads may walk them until nobody reads. */
static void trim_tables(struct space *space, uint64_t addr)
{
	rwlock_write(&space->lock);
	table_trim(space->root, addr);
	rwlock_write_done(&space->lock);
}

/* The address lies below the stack, within its limit and away from what is below it. */
static bool may_grow(const struct space *space, const struct area *stack, uint64_t addr)
{
	uint64_t below = 0;
	const struct area *prev;

	if (!(stack->flags & AREA_STACK) || stack->end - addr > space->limits.stack)
		return false;
	prev = area_prev(stack);
	if (prev != NULL)
		below = prev->end;
	return addr >= USER_START + STACK_GAP_BYTES && addr - STACK_GAP_BYTES >= below;
}

static enum fault_result grow_stack(struct space *space, uint64_t addr)
{
	enum fault_result result = FAULT_MAPERR;
	struct area *stack;

	rwlock_write(&space->lock);
	stack = area_at_or_after(&space->areas, addr);
	if (stack != NULL && stack->start <= addr)
		result = FAULT_OK; /* another thread was faster */
	else if (stack != NULL && may_grow(space, stack, addr) &&
		 vm_area_resize(space, vm_area_of(stack), addr, stack->end) == OK)
		result = FAULT_OK;
	rwlock_write_done(&space->lock);
	return result;
}

static enum fault_result fault_once(struct space *space, uint64_t addr, uint32_t access)
{
	enum fault_result result = FAULT_MAPERR;
	struct area *area;

	rwlock_read(&space->lock);
	area = find_area(space, addr);
	if (likely(area != NULL))
		result = fault_locked(space, area, addr, access);
	rwlock_read_done(&space->lock);
	if (unlikely(result == FAULT_OOM || result == FAULT_BUS))
		trim_tables(space, addr);
	if (unlikely(area == NULL))
		result = grow_stack(space, addr) == FAULT_OK ? fault_once(space, addr, access)
							     : FAULT_MAPERR;
	return result;
}

enum fault_result fault_resolve(struct space *space, uint64_t addr, uint32_t access)
{
	uint64_t page = align_down(addr, PAGE_SIZE);
	enum fault_result result;

	if (addr < USER_START || addr >= USER_END)
		return FAULT_MAPERR;
	do {
		result = fault_once(space, page, access);
	} while (unlikely(result == FAULT_OOM) && (mm_relieve() || oom_kill_one()));
	return result;
}

bool trap_page_fault(struct trapframe *frame, uint64_t address)
{
	struct space *space = space_current();
	bool user = frame->cs & 3;
	enum fault_result result;

	if (space == NULL || (!user && cpu_self()->nofault_depth != 0))
		return false;
	result = fault_resolve(space, address, (uint32_t)frame->error);
	if (likely(result == FAULT_OK)) {
		thread_self()->fault_count++;
		return true;
	}
	last_result[cpu_id()].value = result;
	return false;
}

enum fault_result fault_last_result(void)
{
	return last_result[cpu_id()].value;
}
