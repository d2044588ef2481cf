/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** Registers /proc/N, /proc/self and the files about the machine. Context: boot, after fs_init. */
void procfs_process_init(void);
