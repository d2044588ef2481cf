/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/early_serial.h"

#include "kernel/lib/compiler.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/io.h"

#define COM1 0x3f8

#define UART_DATA    0
#define UART_IER     1
#define UART_FCR     2
#define UART_LCR     3
#define UART_MCR     4
#define UART_LSR     5
#define UART_SCRATCH 7

#define LSR_THR_EMPTY 0x20u

/* A dead transmitter costs this many reads of the status register once, then nothing. */
#define WAIT_LIMIT 200000u

static bool present;

bool early_serial_init(void)
{
	outb(COM1 + UART_SCRATCH, 0x5a);
	if (inb(COM1 + UART_SCRATCH) != 0x5a)
		return false;
	outb(COM1 + UART_IER, 0);
	outb(COM1 + UART_LCR, 0x80); /* divisor latch: 115200 / 1 */
	outb(COM1 + UART_DATA, 1);
	outb(COM1 + UART_IER, 0);
	outb(COM1 + UART_LCR, 0x03); /* 8N1 */
	outb(COM1 + UART_FCR, 0xc7);
	outb(COM1 + UART_MCR, 0x0b); /* DTR, RTS, OUT2 */
	present = true;
	return true;
}

static void early_serial_put(char c)
{
	for (unsigned i = 0; i < WAIT_LIMIT; i++) {
		if (inb(COM1 + UART_LSR) & LSR_THR_EMPTY) {
			outb(COM1 + UART_DATA, (uint8_t)c);
			return;
		}
		cpu_relax();
	}
	present = false;
}

void early_serial_write(const char *text, size_t len)
{
	for (size_t i = 0; i < len && present; i++) {
		if (text[i] == '\n')
			early_serial_put('\r');
		early_serial_put(text[i]);
	}
}
