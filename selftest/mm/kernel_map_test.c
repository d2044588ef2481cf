/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's root maps, and with which rights. */
#include "kernel/lib/bits.h"
#include "kernel/lib/san.h"
#include "kernel/lib/string.h"

#include "kernel/core/boot_info.h"
#include "kernel/x86/root.h"
#include "kernel/x86/sections.h"
#include "mm/frame_internal.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "mm/table_internal.h"
#include "mm/walker.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

SELFTEST(M1, 5, kernel_root_obeys_the_rules)
{
	struct walk_violation found;

	CHECK(walk_check(&kernel_root, &found));
	return true;
}

/* One bit a frame: reached by an executable leaf, by a writable one. */
struct rights_maps {
	uint64_t *execute;
	uint64_t *write;
	uint64_t executable; /* frames */
};

static bool note_rights(const struct walk_leaf *leaf, void *arg)
{
	struct rights_maps *maps = arg;

	for (uint64_t at = leaf->pa; at < leaf->pa + leaf->size; at += PAGE_SIZE) {
		uint64_t number = at >> PAGE_SHIFT;

		if (number >= frame_pool.limit)
			break;
		if (leaf->execute) {
			maps->execute[number / 64] |= 1ull << number % 64;
			maps->executable++;
		}
		if (leaf->write)
			maps->write[number / 64] |= 1ull << number % 64;
	}
	return true;
}

SELFTEST(M1, 6, executable_frames_are_not_writable)
{
	uint64_t words = frame_pool.limit / 64 + 1;
	uint64_t both = 0;
	struct rights_maps maps = {.execute = kcalloc(words, 8), .write = kcalloc(words, 8)};

	CHECK(maps.execute != NULL && maps.write != NULL);
	walk_root(&kernel_root, 0, 0, note_rights, &maps);
	for (uint64_t i = 0; i < words; i++)
		both |= maps.execute[i] & maps.write[i];
	kfree(maps.execute);
	kfree(maps.write);
	CHECK(maps.executable >= (uint64_t)(text_end - text_start) / PAGE_SIZE);
	CHECK(both == 0);
	return true;
}

/* Among other bytes of a SAN build, ones between variables. */
static __unchecked_memory bool protected_from_writes(const char *start, const char *end)
{
	const char *const places[] = {start, start + (end - start) / 2, end - 1};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		uint64_t alias = layout.physmap + boot_info()->image_phys +
				 (uint64_t)(places[i] - image_start);
		char before = *places[i];

		if (!expect_write_fault((uint64_t)places[i], PF_PRESENT | PF_WRITE) ||
		    !expect_write_fault(alias, PF_PRESENT | PF_WRITE) || *places[i] != before)
			return false;
	}
	return true;
}

SELFTEST(M1, 7, text_and_rodata_cannot_be_written)
{
	static char writable;

	CHECK(protected_from_writes(text_start, text_end));
	CHECK(protected_from_writes(rodata_start, rodata_end));
	CHECK(protected_from_writes(init_text_start, init_text_end));
	probe_write(&writable);
	CHECK(writable == 0x5a);
	return true;
}

SELFTEST(M1, 8, user_half_is_empty)
{
	const pte_t *top = table_at(kernel_root.pml4_phys);

	for (unsigned i = 0; i < PML4_KERNEL; i++)
		CHECK(top[i] == 0);
	CHECK(expect_read_fault(MIB(1), 0));
	CHECK(expect_read_fault(boot_info()->image_phys, 0));
	return true;
}

static bool any_leaf(const struct walk_leaf *leaf, void *arg)
{
	(void)leaf;
	(void)arg;
	return false;
}

SELFTEST(M1, 9, first_64_kib_are_mapped_nowhere)
{
	CHECK(walk_root(&kernel_root, 0, USER_START, any_leaf, NULL));
	CHECK(!walk_root(&kernel_root, layout.physmap, 0, any_leaf, NULL));
	CHECK(expect_read_fault(0, 0));
	return true;
}

static bool is_plain_ram(const struct walk_leaf *leaf, void *arg)
{
	uint64_t cache_bits = PTE_PCD | PTE_PWT | (leaf->size > PAGE_SIZE ? PTE_PAT_BIG : PTE_PAT);

	(void)arg;
	if (leaf->execute || leaf->va != layout.physmap + leaf->pa || leaf->entry & cache_bits)
		return false;
	for (uint64_t at = leaf->pa; at < leaf->pa + leaf->size; at += PAGE_SIZE) {
		bool look = at == leaf->pa || (at >> PAGE_SHIFT) % (PAGE_SIZE >> FRAME_SHIFT) == 0;

		if (look && frame_lookup(phys(at)) == NULL)
			return false;
		if (frame_of(phys(at))->type == FRAME_RESERVED)
			return false;
	}
	return true;
}

SELFTEST(M1, 11, physmap_is_ram_only)
{
	CHECK(walk_root(&kernel_root, layout.physmap, layout.frames, is_plain_ram, NULL));
	return true;
}

SELFTEST(M1, 11, device_windows_refuse_ram)
{
	struct walk_leaf leaf;
	void *window = kmap(phys(0xfee00000), PAGE_SIZE, KMAP_DEVICE);

	CHECK(window != NULL && walk_address(&kernel_root, (uint64_t)window, &leaf));
	CHECK(leaf.pa == 0xfee00000 && leaf.write && !leaf.execute && leaf.entry & PTE_PCD);
	kunmap(window, PAGE_SIZE);
	CHECK(!walk_address(&kernel_root, (uint64_t)window, &leaf));
	CHECK(kmap(phys(boot_info()->image_phys), PAGE_SIZE, KMAP_DEVICE) == NULL);
	CHECK(kmap(phys(UINT64_MAX - 10), 100, KMAP_DEVICE) == NULL);
	CHECK(kmap(phys(0xfee00000), 0, KMAP_DEVICE) == NULL);
	return true;
}
