/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * QEMU's firmware configuration device, read by ports 0x510/0x511 (QEMU docs/specs/fw_cfg): how the
 * harness hands a nonce and boot words to any door. The device is used only under a hypervisor and
 * only when selector 0 reads "QEMU"; its bytes come from outside and are checked like any input.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

/** Whether the device is there. Context: boot, CPU 0. */
bool fw_cfg_present(void);

/**
 * Read the file @name whole.
 *
 * @len: set to the file's length in bytes on OK.
 *
 * Return: OK; ERR_NODEV without the device; ERR_NOENT without the file; ERR_2BIG when the file is
 * longer than @size (nothing is written).
 * Context: boot, CPU 0 (the device has one selector).
 */
enum err fw_cfg_read(const char *name, void *buffer, size_t size, size_t *len);
