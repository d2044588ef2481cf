/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/kmap.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"

#include "kernel/core/spinlock.h"
#include "kernel/x86/cpu.h"
#include "mm/frame.h"
#include "mm/shadow_map.h"
#include "mm/table.h"

/* Addresses are never used twice: 512 GiB outlast every device that is plugged in. */
static struct spinlock window_lock = SPINLOCK_INIT(LOCK_KSTACK);
static uint64_t next_offset;

static pte_t rights_of(enum kmap_kind kind)
{
	switch (kind) {
	case KMAP_READONLY:
		return PTE_NX | PTE_G;
	case KMAP_FRAMES:
		return PTE_NX | PTE_G | PTE_W | (cpu_has(CPU_PAT) ? PTE_WC : PTE_UC);
	case KMAP_DEVICE:
		break;
	}
	return PTE_NX | PTE_G | PTE_W | PTE_UC;
}

/* Our own memory is reached through the physmap only, with one set of rights. */
static bool holds_ram(uint64_t base, uint64_t end)
{
	for (uint64_t at = base; at < end; at += PAGE_SIZE) {
		const struct frame *frame = frame_lookup(phys(at));

		if (frame != NULL && frame->type != FRAME_RESERVED)
			return true;
	}
	return false;
}

void *kmap(phys_addr_t at, uint64_t len, enum kmap_kind kind)
{
	uint64_t base = align_down(at.raw, PAGE_SIZE);
	uint64_t end, va;

	if (len == 0 || add_overflows(at.raw, len, &end) || end > 1ull << cpu_phys_bits())
		return NULL;
	end = align_up(end, PAGE_SIZE);
	if (kind != KMAP_READONLY && holds_ram(base, end))
		return NULL;
	spin_lock(&window_lock);
	va = layout.devices + next_offset;
	if (end - base + PAGE_SIZE <= LAYOUT_REGION_SIZE - next_offset)
		next_offset += end - base + PAGE_SIZE; /* a page between windows stays empty */
	else
		va = 0;
	spin_unlock(&window_lock);
	if (va == 0 || table_map_kernel(va, phys(base), end - base, rights_of(kind), false) != OK)
		return NULL;
	if (CONFIG_SAN)
		shadow_window(va, end - base, at.raw - base, len);
	return (void *)(va + (at.raw - base));
}

void kunmap(void *pointer, uint64_t len)
{
	uint64_t base = align_down((uint64_t)pointer, PAGE_SIZE);

	ASSERT(base - layout.devices < next_offset);
	if (CONFIG_SAN)
		shadow_poison((void *)base, (uint64_t)pointer + len - base, SHADOW_WINDOW);
	table_unmap_kernel(base, align_up((uint64_t)pointer + len, PAGE_SIZE) - base);
}
