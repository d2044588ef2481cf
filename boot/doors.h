/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* One function a door: reads the loader's information at a physical address into boot_info. */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "kernel/core/boot_info.h"

enum err door_multiboot2(uint64_t info_phys);
enum err door_pvh(uint64_t info_phys);
enum err door_uefi(uint64_t info_phys);

/** The one that was taken, and the harness's words behind its command line. */
enum err doors_read(enum boot_door door, uint64_t info_phys);
