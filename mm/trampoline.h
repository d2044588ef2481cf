/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The page below 1 MiB where a further CPU begins, with tables that map it 1:1 and the kernel half.
 * It is there only while a CPU starts: executable then, and nowhere writable (W^X).
 * Context: thread, one caller at a time.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

/** Have these two pages, which nobody else uses. Context: boot, once. */
void trampoline_init(uint64_t low_phys);

/** Make it ready. Return: OK; ERR_NODEV without pages; ERR_NOMEM. */
enum err trampoline_open(void);
/** Take it away. */
void trampoline_close(void);

/** The number of its page, as STARTUP tells it. */
uint8_t trampoline_page(void);
