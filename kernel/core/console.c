/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/console.h"

#include "kernel/core/early_serial.h"

static struct log_sink console_sink = {
	.write = early_serial_write,
	.max_level = LOG_INFO,
};

void console_init(void)
{
	if (early_serial_init())
		log_add_sink(&console_sink);
}

void console_set_output(void (*write)(const char *text, size_t len))
{
	console_sink.write = write;
}

void console_set_level(enum log_level level)
{
	console_sink.max_level = level;
}
