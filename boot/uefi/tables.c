/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/uefi/tables.h"

/* Page-table entries: SDM vol 3, 4.5.5, tables 4-15 to 4-20. */
static const uint64_t PRESENT = 1;
static const uint64_t WRITE = 2;
static const uint64_t LARGE = 0x80;
static const uint64_t NO_EXECUTE = 1ull << 63;
static const uint64_t ADDRESS = 0x000ffffffffff000ull;

static const uint64_t LARGE_PAGE = 2ull << 20;
static const uint64_t PHYSMAP_SIZE = 4ull << 30;

enum {
	LEVEL_PD = 1,
	LEVEL_PML4 = 3,
	/* Root; physmap 1 + 4; kernel 2 + 33 of 2 MiB each at most; jump page 3. */
	TABLES_MAX = 1 + 5 + 35 + 3,
};

struct builder {
	uint64_t *next, *end; /* zeroed pages */
	uint64_t *root;
};

/* The table pages suffice by their count above: running out is a stub of the wrong size. */
static uint64_t *new_table(struct builder *builder)
{
	uint64_t *table = builder->next;

	if (table == builder->end)
		__builtin_trap();
	builder->next += EFI_PAGE / sizeof(*table);
	return table;
}

/* The entry for virt at a level, with the tables above it made where they are missing. */
static uint64_t *entry_at(struct builder *builder, uint64_t virt, int level)
{
	uint64_t *table = builder->root;

	for (int at = LEVEL_PML4;; at--) {
		uint64_t *entry = &table[virt >> (12 + 9 * at) & 511];
		if (at == level)
			return entry;
		if (!(*entry & PRESENT))
			*entry = (uint64_t)new_table(builder) | PRESENT | WRITE;
		table = (uint64_t *)(*entry & ADDRESS);
	}
}

static void map_page(struct builder *builder, uint64_t virt, uint64_t phys, uint64_t rights)
{
	*entry_at(builder, virt, 0) = phys | PRESENT | rights;
}

static void map_kernel(struct builder *builder, const struct kernel_image *kernel)
{
	for (uint32_t i = 0; i < kernel->segment_count; i++) {
		const struct kernel_segment *segment = &kernel->segments[i];
		uint64_t rights =
			(segment->write ? WRITE : 0) | (segment->execute ? 0 : NO_EXECUTE);
		for (uint64_t page = 0; page < segment->pages; page++)
			map_page(builder, segment->virt + page * EFI_PAGE,
				 segment->phys + page * EFI_PAGE, rights);
	}
}

static void map_physical(struct builder *builder, const struct kernel_image *kernel)
{
	for (uint64_t phys = 0; phys < PHYSMAP_SIZE; phys += LARGE_PAGE) {
		bool overlaps =
			phys < kernel->phys + kernel->size && kernel->phys < phys + LARGE_PAGE;
		*entry_at(builder, UEFI_PHYSMAP + phys, LEVEL_PD) =
			phys | PRESENT | LARGE | NO_EXECUTE | (overlaps ? 0 : WRITE);
	}
}

uint64_t tables_build(const struct firmware *firmware, const struct kernel_image *kernel,
		      uint64_t jump, struct uefi_handover *handover, uint64_t *root)
{
	struct buffer memory;
	uint64_t status = firmware_allocate(firmware, TABLES_MAX, &memory);

	if (status != EFI_OK)
		return status;
	struct builder builder = {(uint64_t *)memory.data, (uint64_t *)(memory.data + memory.len),
				  NULL};
	builder.root = new_table(&builder);
	map_kernel(&builder, kernel);
	map_physical(&builder, kernel);
	map_page(&builder, jump & ADDRESS, jump & ADDRESS, 0);

	handover->loader_tables_phys = (uint64_t)memory.data;
	handover->loader_tables_size = memory.len;
	*root = (uint64_t)builder.root;
	return EFI_OK;
}
