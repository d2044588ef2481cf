/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* One function a door: reads the loader's information at a physical address into boot_info. */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

enum err door_multiboot2(uint64_t info_phys);
enum err door_pvh(uint64_t info_phys);
enum err door_uefi(uint64_t info_phys);
