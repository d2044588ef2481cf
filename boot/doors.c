/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/doors.h"

#include "kernel/core/fw_cfg.h"

static enum err read_door(enum boot_door door, uint64_t info_phys)
{
	switch (door) {
	case DOOR_MULTIBOOT2:
		return door_multiboot2(info_phys);
	case DOOR_PVH:
		return door_pvh(info_phys);
	case DOOR_UEFI:
		return door_uefi(info_phys);
	}
	return ERR_INVAL;
}

/* Another command line for the same image, from whoever started QEMU. */
static void add_harness_words(void)
{
	static char words[CMDLINE_MAX];
	size_t len;

	enum err err = fw_cfg_read("opt/org.bartizan/cmdline", words, sizeof(words), &len);
	if (err == OK)
		boot_info_add_cmdline(words, len);
	else if (err == ERR_2BIG)
		boot_info()->cmdline_cut = true;
}

enum err doors_read(enum boot_door door, uint64_t info_phys)
{
	boot_info()->door = door;
	enum err err = read_door(door, info_phys);
	add_harness_words();
	return err;
}
