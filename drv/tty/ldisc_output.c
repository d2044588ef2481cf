/* SPDX-License-Identifier: BSD-2-Clause */
/* The line discipline's way out: what written and echoed bytes become. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "drv/tty/ldisc_internal.h"

#define TAB_COLUMNS 8u

static bool output_mode(const struct ldisc *ldisc, uint32_t oflag)
{
	return ldisc->modes.oflag & oflag;
}

/* These find the byte in @to already. */
static uint32_t put_newline(struct ldisc *ldisc, uint8_t *to)
{
	if (output_mode(ldisc, ONLRET | ONLCR))
		ldisc->column = 0;
	ldisc->line_column = ldisc->column;
	if (!output_mode(ldisc, ONLCR))
		return 1;
	to[0] = '\r';
	to[1] = '\n';
	return 2;
}

static uint32_t put_return(struct ldisc *ldisc, uint8_t *to)
{
	bool as_newline = output_mode(ldisc, OCRNL);

	if (output_mode(ldisc, ONOCR) && ldisc->column == 0)
		return 0;
	if (!as_newline || output_mode(ldisc, ONLRET)) {
		ldisc->column = 0;
		ldisc->line_column = 0;
	}
	to[0] = as_newline ? '\n' : '\r';
	return 1;
}

static uint32_t put_tab(struct ldisc *ldisc, uint8_t *to)
{
	uint32_t columns = TAB_COLUMNS - ldisc->column % TAB_COLUMNS;

	ldisc->column += columns;
	if ((ldisc->modes.oflag & TABDLY) == XTABS) {
		memset(to, ' ', columns);
		return columns;
	}
	return 1;
}

/* One byte through output processing; at most LDISC_UNIT_BYTES come out. */
static uint32_t put_byte(struct ldisc *ldisc, uint8_t byte, uint8_t *to)
{
	to[0] = byte;
	if (!output_mode(ldisc, OPOST))
		return 1;
	switch (byte) {
	case '\n':
		return put_newline(ldisc, to);
	case '\r':
		return put_return(ldisc, to);
	case '\t':
		return put_tab(ldisc, to);
	case '\b':
		ldisc->column -= ldisc->column > 0;
		return 1;
	default:
		if (output_mode(ldisc, OLCUC) && ldisc_is_lower(byte))
			to[0] = (uint8_t)(byte - 'a' + 'A');
		ldisc->column += !ldisc_is_control(byte) && !ldisc_is_continuation(ldisc, byte);
		return 1;
	}
}

uint32_t ldisc_output(struct ldisc *ldisc, const uint8_t *from, uint32_t size, uint8_t *to,
		      uint32_t room, uint32_t *made)
{
	uint32_t used = 0;

	*made = 0;
	while (used < size && *made < room) {
		uint32_t column = ldisc->column, line_column = ldisc->line_column;
		uint8_t unit[LDISC_UNIT_BYTES];
		uint32_t count = put_byte(ldisc, from[used], unit);

		if (count > room - *made) {
			ldisc->column = column;
			ldisc->line_column = line_column;
			break;
		}
		memcpy(to + *made, unit, count);
		*made += count;
		used++;
	}
	return used;
}

const uint8_t *ldisc_echo_peek(const struct ldisc *ldisc, uint32_t *count)
{
	uint32_t at = ldisc->echo_tail & (LDISC_ECHO_BYTES - 1);

	*count = MIN(ldisc->echo_head - ldisc->echo_tail, LDISC_ECHO_BYTES - at);
	return ldisc->echo + at;
}

void ldisc_echo_taken(struct ldisc *ldisc, uint32_t count)
{
	ldisc->echo_tail += count;
}

void ldisc_echo_put(struct ldisc *ldisc, const uint8_t *bytes, uint32_t count)
{
	count = MIN(count, LDISC_ECHO_BYTES - (ldisc->echo_head - ldisc->echo_tail));
	for (uint32_t i = 0; i < count; i++)
		ldisc->echo[ldisc->echo_head++ & (LDISC_ECHO_BYTES - 1)] = bytes[i];
}

void ldisc_echo_raw(struct ldisc *ldisc, uint8_t byte)
{
	uint8_t unit[LDISC_UNIT_BYTES] = {byte};
	uint32_t count = 1;

	/* Linux's echo buffer marks with 0377, which so never goes through output processing. */
	if (byte == 0xff)
		ldisc->column++;
	else
		count = put_byte(ldisc, byte, unit);
	ldisc_echo_put(ldisc, unit, count);
}

void ldisc_echo_typed(struct ldisc *ldisc, uint8_t byte)
{
	const uint8_t shown[] = {'^', byte ^ 0x40};

	if (ldisc_is_control(byte) && byte != '\t' && ldisc_local(ldisc, ECHOCTL)) {
		ldisc_echo_put(ldisc, shown, sizeof(shown));
		ldisc->column += sizeof(shown);
	} else {
		ldisc_echo_raw(ldisc, byte);
	}
}

void ldisc_echo_erase_tab(struct ldisc *ldisc, uint32_t columns, bool after_tab)
{
	static const uint8_t back = '\b';

	if (!after_tab)
		columns += ldisc->line_column;
	for (uint32_t left = TAB_COLUMNS - columns % TAB_COLUMNS; left; left--) {
		ldisc->column -= ldisc->column > 0;
		ldisc_echo_put(ldisc, &back, 1);
	}
}
