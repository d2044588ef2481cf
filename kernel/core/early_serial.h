/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * COM1 by polling: the first console sink, and what a panic writes to when nothing else can be
 * trusted. Every wait is bounded; without a port writes do nothing.
 */
#include "kernel/lib/types.h"

/** Look for a 16550 at COM1 and set 115200 8N1, FIFO on. True when it is there. Context: boot. */
bool early_serial_init(void);

/** Write @len bytes, "\n" as "\r\n". Takes no lock. Context: any. */
void early_serial_write(const char *text, size_t len);
