/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** Registers /proc/N and /proc/self. Context: boot, after fs_init. */
void procfs_process_init(void);
