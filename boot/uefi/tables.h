/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The page tables which the kernel starts with; handover.h says what they map. */
#include "boot/uefi/kernel_image.h"

/*
 * Build the tables. jump is the address of the code that will switch to them.
 * Return: EFI_OK with the root's address in *root and the tables' memory in the handover.
 */
uint64_t tables_build(const struct firmware *firmware, const struct kernel_image *kernel,
		      uint64_t jump, struct uefi_handover *handover, uint64_t *root);
