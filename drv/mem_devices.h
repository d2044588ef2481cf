/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** Register null, zero, full, random and urandom. Context: boot, once. */
void mem_devices_init(void);
