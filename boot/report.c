/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/report.h"

#include "kernel/lib/format.h"

#include "kernel/core/cmdline.h"
#include "kernel/core/fw_cfg.h"
#include "kernel/core/marker.h"
#include "kernel/x86/sections.h"

#define HEX_MAX 64

/* ELF note of ld --build-id: header of three words, name "GNU", then the id. */
struct build_id_note {
	uint32_t name_size;
	uint32_t id_size;
	uint32_t type;
	char name[4];
	uint8_t id[];
};

static void to_hex(char *text, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		format_text(text + 2 * i, 3, "%02x", bytes[i]);
}

static bool read_nonce(uint8_t nonce[MARKER_NONCE_BYTES])
{
	size_t len;

	return fw_cfg_read("opt/org.bartizan/nonce", nonce, MARKER_NONCE_BYTES, &len) == OK &&
	       len == MARKER_NONCE_BYTES;
}

void report_begin(const char *cmdline)
{
	const struct build_id_note *note = (const void *)build_id_note;
	char id[HEX_MAX + 1] = "none", nonce_text[2 * MARKER_NONCE_BYTES + 1] = "unsealed";
	uint8_t nonce[MARKER_NONCE_BYTES];
	struct cmdline_word word;
	bool sealed = read_nonce(nonce);
	bool on_com1 = cmdline_find(cmdline, "marker", &word) && word.value_len == 4;

	if (note->id_size && note->id_size <= HEX_MAX / 2)
		to_hex(id, note->id, note->id_size);
	if (sealed)
		to_hex(nonce_text, nonce, sizeof(nonce));
	marker_init(sealed ? nonce : NULL, on_com1);
	marker_line("KTAP version 1");
	marker_line("# bartizan %s %s", id, nonce_text);
}
