/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Where the log is shown to people: COM1, by polling at first, by the serial driver once it is up.
 */
#include "kernel/core/log.h"

/** Show the log on COM1, from its first line on. Context: boot, first of all. */
void console_init(void);

/** Write by @write from now on; it must work under the log's lock. Context: boot. */
void console_set_output(void (*write)(const char *text, size_t len));

/** Show lines up to @level only. */
void console_set_level(enum log_level level);
