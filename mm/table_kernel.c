/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel half, shared by all roots: its top-level entries are made by mm_init() and never
 * change afterwards, so that a mapping made here is seen everywhere.
 */
#include "kernel/lib/bits.h"

#include "kernel/core/spinlock.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/tlb.h"
#include "mm/boot_alloc.h"
#include "mm/shadow_map.h"
#include "mm/table_internal.h"

/* Tables made behind boot; they stay. */
static uint64_t kernel_tables;

static struct spinlock kernel_table_lock = SPINLOCK_INIT(LOCK_KERNEL_TABLE);

uint64_t table_kernel_new(void)
{
	struct frame *frame;

	if (boot_alloc_active())
		return boot_alloc_page().raw;
	frame = frame_alloc(FRAME_TABLE, FRAME_ZERO);
	if (frame == NULL)
		return 0;
	kernel_tables++;
	return frame_phys(frame).raw;
}

uint64_t table_kernel_count(void)
{
	return READ_ONCE(kernel_tables);
}

void table_kernel_grown(uint64_t frames)
{
	spin_lock(&kernel_table_lock);
	kernel_tables += frames;
	spin_unlock(&kernel_table_lock);
}

/* The entry of @va at @level, tables above made when @create, under the lock; NULL: none (or a
 * larger leaf). Tables of the kernel half stay, so that who only looks needs no lock. */
static pte_t *kernel_entry(uint64_t va, unsigned level, bool create)
{
	pte_t *table = table_at(kernel_root.pml4_phys);

	for (unsigned at = TABLE_LEVELS; at > level; at--) {
		pte_t *entry = &table[level_index(va, at)];
		pte_t value = READ_ONCE(*entry);

		if (!(value & PTE_P)) {
			uint64_t made = create ? table_kernel_new() : 0;

			if (made == 0)
				return NULL;
			value = made | PTE_P | PTE_W;
			WRITE_ONCE(*entry, value);
		}
		if (value & PTE_LARGE)
			return NULL;
		table = table_at(value);
	}
	return &table[level_index(va, level)];
}

/* The largest page that fits at this place. */
static unsigned leaf_level(uint64_t va, uint64_t pa, uint64_t len, bool large)
{
	unsigned level = !large ? 1 : cpu_has(CPU_PDPE1GB) ? 3 : 2;

	while (level > 1 && (!is_aligned(va | pa, level_size(level)) || len < level_size(level)))
		level--;
	return level;
}

static bool rights_allowed(pte_t rights)
{
	return !(rights & PTE_U) && (!(rights & PTE_W) || rights & PTE_NX);
}

static void unmap_locked(uint64_t va, uint64_t len);

static enum err map_locked(uint64_t va, uint64_t pa, uint64_t len, pte_t rights, bool large)
{
	uint64_t done = 0;
	enum err err = OK;

	while (done < len) {
		unsigned level = leaf_level(va + done, pa + done, len - done, large);
		pte_t *entry = kernel_entry(va + done, level, true);

		if (entry == NULL || *entry & PTE_P) {
			err = entry == NULL ? ERR_NOMEM : ERR_EXIST;
			break;
		}
		*entry = (pa + done) | rights | PTE_P | (level > 1 ? PTE_LARGE : 0);
		done += level_size(level);
	}
	if (err != OK)
		unmap_locked(va, done);
	return err;
}

enum err table_map_kernel(uint64_t va, phys_addr_t pa, uint64_t len, pte_t rights, bool large)
{
	enum err err;

	if (!is_aligned(va | pa.raw | len, PAGE_SIZE) || va < KERNEL_HALF_START ||
	    va + len - 1 < va)
		return ERR_INVAL;
	if (!rights_allowed(rights))
		return ERR_INVAL;
	if (CONFIG_SAN && !shadow_holds(va) && shadow_cover(va, len) != OK)
		return ERR_NOMEM;
	spin_lock(&kernel_table_lock);
	err = map_locked(va, pa.raw, len, rights, large);
	spin_unlock(&kernel_table_lock);
	if (unlikely(err != OK))
		tlb_flush_range(&kernel_root, va, va + len);
	return err;
}

/* The leaf that maps @va and its level, or NULL. */
static pte_t *kernel_leaf(uint64_t va, unsigned *level)
{
	for (*level = 1; *level < TABLE_LEVELS; (*level)++) {
		pte_t *entry = kernel_entry(va, *level, false);

		if (entry != NULL && *entry & PTE_P && (*level == 1 || *entry & PTE_LARGE))
			return entry;
	}
	return NULL;
}

static void unmap_locked(uint64_t va, uint64_t len)
{
	for (uint64_t done = 0; done < len;) {
		unsigned level;
		pte_t *leaf = kernel_leaf(va + done, &level);

		if (leaf == NULL) {
			done += PAGE_SIZE;
			continue;
		}
		WRITE_ONCE(*leaf, 0);
		done += level_size(level);
	}
}

/* The caller has the addresses for himself until it returns: others need not wait for the flush. */
void table_unmap_kernel(uint64_t va, uint64_t len)
{
	spin_lock(&kernel_table_lock);
	unmap_locked(va, len);
	spin_unlock(&kernel_table_lock);
	tlb_flush_range(&kernel_root, va, va + len);
}

void table_protect_kernel(uint64_t va, uint64_t len, pte_t rights)
{
	ASSERT(rights_allowed(rights));
	spin_lock(&kernel_table_lock);
	for (uint64_t done = 0; done < len; done += PAGE_SIZE) {
		unsigned level;
		pte_t *leaf = kernel_leaf(va + done, &level);

		ASSERT(leaf != NULL && level == 1);
		WRITE_ONCE(*leaf, (*leaf & PTE_ADDR) | rights | PTE_P);
	}
	spin_unlock(&kernel_table_lock);
	tlb_flush_range(&kernel_root, va, va + len);
}

enum err table_kernel_phys(uint64_t va, phys_addr_t *pa)
{
	unsigned level;
	const pte_t *leaf = kernel_leaf(va, &level);
	pte_t value = leaf != NULL ? READ_ONCE(*leaf) : 0;

	if (!(value & PTE_P))
		return ERR_FAULT;
	*pa = phys((value & PTE_ADDR & ~(level_size(level) - 1)) | (va & (level_size(level) - 1)));
	return OK;
}
