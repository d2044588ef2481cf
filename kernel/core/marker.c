/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/marker.h"

#include "kernel/lib/format.h"
#include "kernel/lib/siphash.h"
#include "kernel/lib/string.h"

#include "kernel/x86/io.h"

#define DEBUGCON_PORT 0xe9
#define COM1_DATA     0x3f8
#define COM1_STATUS   0x3fd
#define COM1_TX_EMPTY 0x20
#define TX_SPINS_MAX  100000

/* QEMU's debugcon answers a read with its own port number; an absent device with all ones. */
static bool has_debugcon;
static bool uses_com1;
static bool has_nonce;
static struct siphash seal;

static void put_com1(uint8_t byte)
{
	for (int spins = 0; spins < TX_SPINS_MAX && !(inb(COM1_STATUS) & COM1_TX_EMPTY); spins++)
		;
	outb(COM1_DATA, byte);
}

static void put_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (has_debugcon)
			outb(DEBUGCON_PORT, (uint8_t)text[i]);
		if (uses_com1)
			put_com1((uint8_t)text[i]);
	}
	if (has_nonce)
		siphash_update(&seal, text, len);
}

void marker_init(const uint8_t *nonce, bool on_com1)
{
	has_debugcon = inb(DEBUGCON_PORT) == DEBUGCON_PORT;
	uses_com1 = on_com1;
	has_nonce = nonce != NULL;
	if (nonce)
		siphash_init(&seal, nonce);
}

void marker_line(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	size_t len = format_text_va(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	put_text(line, len);
}

void marker_seal(void)
{
	bool sealed = has_nonce;

	has_nonce = false;
	if (sealed)
		marker_line("# seal %016lx", siphash_final(&seal));
	else
		marker_line("# seal unsealed");
	memzero_secret(&seal, sizeof(seal));
}
