/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#include "boot/doors.h"
#include "kernel/core/boot_info.h"

/* Multiboot2 specification 2.0, section 3.6: boot information. */
enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MODULE = 3,
	TAG_MAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_RSDP_V1 = 14,
	TAG_RSDP_V2 = 15,
	FRAMEBUFFER_RGB = 1,
	INFO_SIZE_MAX = 1 << 20,
};

struct tag {
	uint32_t type;
	uint32_t size;
};

struct tag_module {
	struct tag tag;
	uint32_t start;
	uint32_t end;
};

struct tag_map {
	struct tag tag;
	uint32_t entry_size;
	uint32_t entry_version;
};

struct map_entry {
	uint64_t base;
	uint64_t len;
	uint32_t type;
	uint32_t reserved;
};

struct tag_framebuffer {
	struct tag tag;
	uint64_t phys;
	uint32_t pitch;
	uint32_t width;
	uint32_t height;
	uint8_t bits_per_pixel;
	uint8_t type;
	uint16_t reserved;
	/* Of type RGB, 3.6.12: where each colour stands within a pixel. */
	struct boot_channel red, green, blue;
} __packed;
static_assert(sizeof(struct tag_framebuffer) == 38, "multiboot2, 3.6.12");

static void add_map(const struct tag_map *map)
{
	const char *at = (const char *)(map + 1), *end = (const char *)map + map->tag.size;

	if (map->entry_size < sizeof(struct map_entry))
		return;
	for (; (size_t)(end - at) >= map->entry_size; at += map->entry_size) {
		const struct map_entry *entry = (const void *)at;
		boot_info_add_range(entry->base, entry->len, memmap_class_of_e820(entry->type));
	}
}

static void add_module(const struct tag_module *module)
{
	if (module->end > module->start)
		boot_info_add_module(module->start, module->end - module->start);
}

/* The copy of an ACPI 2.0 pointer is better than that of a 1.0 one, whatever their order. */
static void add_rsdp(const struct tag *tag)
{
	struct boot_info *info = boot_info();
	uint32_t len = tag->size - (uint32_t)sizeof(*tag);

	if (tag->type == TAG_RSDP_V1 && info->rsdp_len)
		return;
	info->rsdp_len = MIN(len, (uint32_t)BOOT_RSDP_MAX);
	memcpy(info->rsdp, tag + 1, info->rsdp_len);
}

static void add_framebuffer(const struct tag_framebuffer *tag)
{
	if (tag->type != FRAMEBUFFER_RGB)
		return;
	boot_info()->framebuffer = (struct boot_framebuffer){
		.phys = tag->phys,
		.width = tag->width,
		.height = tag->height,
		.pitch = tag->pitch,
		.bits_per_pixel = tag->bits_per_pixel,
		.red = tag->red,
		.green = tag->green,
		.blue = tag->blue,
	};
}

static void read_tag(const struct tag *tag)
{
	size_t body = tag->size - sizeof(*tag);

	switch (tag->type) {
	case TAG_CMDLINE:
		boot_info_add_cmdline((const char *)(tag + 1),
				      strnlen((const char *)(tag + 1), body));
		break;
	case TAG_MODULE:
		if (tag->size >= sizeof(struct tag_module))
			add_module((const void *)tag);
		break;
	case TAG_MAP:
		if (tag->size >= sizeof(struct tag_map))
			add_map((const void *)tag);
		break;
	case TAG_FRAMEBUFFER:
		if (tag->size >= sizeof(struct tag_framebuffer))
			add_framebuffer((const void *)tag);
		break;
	case TAG_RSDP_V1:
	case TAG_RSDP_V2:
		add_rsdp(tag);
		break;
	default:
		break;
	}
}

enum err door_multiboot2(uint64_t info_phys)
{
	const uint32_t *header = boot_phys(info_phys);

	if (info_phys >= GIB(4) - INFO_SIZE_MAX || header[0] > INFO_SIZE_MAX)
		return ERR_INVAL;
	for (uint64_t at = 8; range_within(at, sizeof(struct tag), header[0]);) {
		const struct tag *tag = boot_phys(info_phys + at);
		if (tag->type == TAG_END)
			break;
		if (tag->size < sizeof(*tag) || !range_within(at, tag->size, header[0]))
			return ERR_INVAL;
		read_tag(tag);
		at += align_up(tag->size, 8);
	}
	return OK;
}
