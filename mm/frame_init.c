/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/frame_init.h"

#include "kernel/lib/bits.h"

#include "kernel/core/limits.h"
#include "kernel/core/panic.h"
#include "kernel/x86/percpu.h"
#include "mm/boot_alloc.h"
#include "mm/frame_internal.h"
#include "mm/shadow_map.h"
#include "mm/slab_internal.h"
#include "mm/table_internal.h"

/* Whole blocks of the largest order have records, so that every buddy has one. */
#define BLOCK_BYTES   (PAGE_SIZE << FRAME_ORDER_MAX)
#define RECORD_RIGHTS (PTE_W | PTE_NX | PTE_G)

__ro_after_init uint64_t ram_end;

struct frame_cache frame_caches[LIMIT_CPUS];

static bool is_ram(const struct mem_range *range)
{
	return range->class == MEM_USABLE || range->class == MEM_KERNEL ||
	       range->class == MEM_INITRD || range->class == MEM_BOOT;
}

static void map_records(uint64_t base, uint64_t end)
{
	uint64_t from = (uint64_t)frame_of(phys(align_down(base, BLOCK_BYTES)));
	uint64_t to = (uint64_t)frame_of(phys(align_up(end, BLOCK_BYTES)));
	phys_addr_t there;

	for (uint64_t at = from; at < to; at += PAGE_SIZE) {
		if (table_kernel_phys(at, &there) == OK)
			continue;
		if (table_map_kernel(at, boot_alloc_page(), PAGE_SIZE, RECORD_RIGHTS, false) != OK)
			panic("mm: cannot map the frame database");
	}
}

void frame_database_map(const struct mem_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!is_ram(&ranges[i]))
			continue;
		map_records(ranges[i].base, ranges[i].end);
		ram_end = MAX(ram_end, ranges[i].end);
	}
}

void frame_cpu_init(struct cpu *cpu)
{
	cpu->frames = &frame_caches[cpu->id];
	slab_cpu_init(cpu);
}

static enum frame_type type_of_class(uint32_t class)
{
	switch (class) {
	case MEM_USABLE:
		return FRAME_FREE;
	case MEM_KERNEL:
		return FRAME_IMAGE;
	case MEM_INITRD:
		return FRAME_INITRD;
	case MEM_BOOT:
		return FRAME_BOOT;
	default:
		return FRAME_RESERVED;
	}
}

/* Free frames [from, to) in the largest aligned blocks. */
static void put_run(uint64_t from, uint64_t to)
{
	while (from < to) {
		unsigned order = FRAME_ORDER_MAX;

		while (!is_aligned(from, 1ull << order) || to - from < 1ull << order)
			order--;
		if (CONFIG_SAN)
			shadow_free_frames(frame_at(from), order, NULL);
		buddy_put(frame_at(from), order);
		from += 1ull << order;
	}
}

static void fill_range(const struct mem_range *range)
{
	enum frame_type type = type_of_class(range->class);
	int64_t *used = cpu_self()->frames->used;
	uint64_t from = MAX(range->base >> PAGE_SHIFT, 1); /* frame 0 is never anybody's */
	uint64_t to = range->end >> PAGE_SHIFT;
	uint64_t run = from;

	for (uint64_t number = from; number < to; number++) {
		struct frame *frame = frame_at(number);

		frame->type = (uint8_t)type;
		if (type == FRAME_FREE && boot_alloc_owns(frame_phys(frame))) {
			frame->type = FRAME_IMAGE;
			put_run(run, number);
			run = number + 1;
		}
		used[frame->type] += frame->type != FRAME_FREE;
	}
	frame_pool.total += to - from;
	if (type == FRAME_FREE)
		put_run(run, to);
}

/* What boot made as tables is of the table class, so that the walker can tell. */
static void mark_tables(uint64_t table, unsigned level)
{
	const pte_t *entries = table_at(table);
	struct frame *frame = frame_of(phys(table & PTE_ADDR));

	if (frame->type == FRAME_IMAGE) {
		cpu_self()->frames->used[FRAME_IMAGE]--;
		cpu_self()->frames->used[FRAME_TABLE]++;
	}
	frame->type = FRAME_TABLE;
	refcount_init(&frame->count, 1);
	if (level == 1)
		return;
	for (unsigned i = 0; i < PTE_COUNT; i++)
		if (entries[i] & PTE_P && !(entries[i] & PTE_LARGE))
			mark_tables(entries[i], level - 1);
}

void frame_database_fill(const struct mem_range *ranges, size_t count)
{
	frame_cpu_init(cpu_self());
	boot_alloc_end();
	frame_pool.limit = ram_end >> PAGE_SHIFT;
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++)
		list_init(&frame_pool.lists[order]);
	for (size_t i = 0; i < count; i++)
		if (is_ram(&ranges[i]))
			fill_range(&ranges[i]);
	mark_tables(kernel_root.pml4_phys, TABLE_LEVELS);
	frame_pool.reserve = 32 + frame_pool.total / 512;
}

void frame_release_range(uint64_t base, uint64_t end)
{
	for (uint64_t at = align_up(base, PAGE_SIZE); at + PAGE_SIZE <= end; at += PAGE_SIZE) {
		struct frame *frame = frame_of(phys(at));

		if (frame->type < FRAME_IMAGE || frame->type > FRAME_BOOT)
			continue;
		cpu_self()->frames->used[frame->type]--;
		frame->type = FRAME_FREE;
		refcount_init(&frame->count, 0);
		frame_poison(frame);
		if (CONFIG_SAN)
			shadow_free_frames(frame, 0, __builtin_return_address(0));
		spin_lock(&frame_pool.lock);
		buddy_put(frame, 0);
		spin_unlock(&frame_pool.lock);
	}
}

struct frame *frame_lookup(phys_addr_t address)
{
	phys_addr_t record;

	if (address.raw >> PAGE_SHIFT >= frame_pool.limit ||
	    table_kernel_phys((uint64_t)frame_of(address), &record) != OK)
		return NULL;
	return frame_of(address);
}

uint64_t frame_total_count(void)
{
	return frame_pool.total;
}

uint64_t frame_free_count(void)
{
	uint64_t count = READ_ONCE(frame_pool.free);

	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		count += READ_ONCE(frame_caches[i].count);
	return count;
}

bool frame_is_short(void)
{
	return READ_ONCE(frame_pool.free) <= frame_pool.reserve;
}

uint64_t frame_type_count(enum frame_type type)
{
	int64_t count = 0;

	if (type == FRAME_FREE)
		return frame_free_count();
	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		count += READ_ONCE(frame_caches[i].used[type]);
	return (uint64_t)count;
}
