/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between the parts of the line discipline. */
#include "drv/tty/ldisc.h"

#define LDISC_SLOT(position) ((position) & (LDISC_INPUT_BYTES - 1))

static inline bool ldisc_local(const struct ldisc *ldisc, uint32_t lflag)
{
	return ldisc->modes.lflag & lflag;
}

static inline uint8_t ldisc_byte(const struct ldisc *ldisc, uint32_t position)
{
	return ldisc->bytes[LDISC_SLOT(position)];
}

static inline bool ldisc_is_control(uint8_t byte)
{
	return byte < 0x20 || byte == 0x7f;
}

/* Letters as Linux's table has them: ASCII's and Latin-1's. */
static inline bool ldisc_is_upper(uint8_t byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 0xc0 && byte <= 0xde && byte != 0xd7);
}

static inline bool ldisc_is_lower(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 0xdf && byte != 0xf7);
}

/* Inside a character of more bytes: takes no column and is erased with its first byte. */
static inline bool ldisc_is_continuation(const struct ldisc *ldisc, uint8_t byte)
{
	return ldisc->modes.iflag & IUTF8 && (byte & 0xc0) == 0x80;
}

/* Echo @byte through output processing. */
void ldisc_echo_raw(struct ldisc *ldisc, uint8_t byte);

/* Echo as it is shown: "^C" for control bytes other than tab, with ECHOCTL. */
void ldisc_echo_typed(struct ldisc *ldisc, uint8_t byte);

/* Move the cursor back over a tab that stood behind @columns others since the last tab, or (not
 * @after_tab) since the line began. */
void ldisc_echo_erase_tab(struct ldisc *ldisc, uint32_t columns, bool after_tab);

/* VERASE, VWERASE and VKILL in canonical mode: @key is which. */
void ldisc_erase(struct ldisc *ldisc, unsigned key);

/* ECHOPRT: close what was shown of erased characters. */
void ldisc_finish_erasing(struct ldisc *ldisc);
