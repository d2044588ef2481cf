/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The first megabytes of a memory map byte by byte: what must come out. */
#include "kernel/core/memmap.h"
#include "tests/unit/check.h"

#define MAP_MODEL_END (8u << 20)

struct map_model {
	uint8_t worst[MAP_MODEL_END / 4096]; /* of what is not usable, by frame */
	uint8_t byte[MAP_MODEL_END];         /* usable, by byte */
};

static inline unsigned map_model_severity(unsigned class)
{
	static const char order[] = {MEM_USABLE, MEM_ACPI_RECLAIM, MEM_BOOT,     MEM_INITRD,
				     MEM_KERNEL, MEM_ACPI_NVS,     MEM_RESERVED, MEM_BAD};

	return (unsigned)((const char *)memchr(order, (int)class, sizeof(order)) - order) + 1;
}

static inline void map_model_add(struct map_model *m, uint64_t base, uint64_t len, unsigned class)
{
	for (uint64_t at = base; at < base + len && at < MAP_MODEL_END; at++) {
		if (class == MEM_USABLE)
			m->byte[at] = 1;
		else if (map_model_severity(class) > m->worst[at / 4096])
			m->worst[at / 4096] = (uint8_t)map_model_severity(class);
	}
}

static inline unsigned map_model_frame(const struct map_model *m, size_t frame)
{
	if (m->worst[frame])
		return m->worst[frame];
	return memchr(m->byte + frame * 4096, 0, 4096) == NULL ? 1 : 0;
}

/* Sorted, disjoint, aligned, merged; and every frame has the model's class. */
static inline void map_model_compare(const struct map_model *m, const struct mem_range *ranges,
				     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CHECK(ranges[i].base < ranges[i].end && ranges[i].end <= MEMMAP_ADDRESS_END);
		CHECK(ranges[i].base % 4096 == 0 && ranges[i].end % 4096 == 0);
		CHECK_EQ(ranges[i].pad, 0);
		CHECK(i == 0 || ranges[i - 1].end < ranges[i].base ||
		      (ranges[i - 1].end == ranges[i].base &&
		       ranges[i - 1].class != ranges[i].class));
	}
	uint64_t of_class[MEM_CLASS_COUNT + 1] = {0};

	for (size_t frame = 0; frame < MAP_MODEL_END / 4096; frame++) {
		const struct mem_range *range = memmap_find(ranges, count, frame * 4096);

		CHECK_EQ(range != NULL ? map_model_severity(range->class) : 0,
			 map_model_frame(m, frame));
		of_class[map_model_frame(m, frame)] += 4096;
	}
	for (unsigned class = MEM_USABLE; class < MEM_CLASS_COUNT; class ++)
		CHECK_EQ(memmap_total(ranges, count, class), of_class[map_model_severity(class)]);
}
