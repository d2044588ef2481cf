/* SPDX-License-Identifier: BSD-2-Clause */
/* The line discipline's editing keys: taking back what was typed, and from the screen. */
#include "drv/tty/ldisc_internal.h"

void ldisc_finish_erasing(struct ldisc *ldisc)
{
	if (ldisc->erasing)
		ldisc_echo_raw(ldisc, '/');
	ldisc->erasing = false;
}

static bool in_word(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || byte == '_' || ldisc_is_upper(byte) ||
	       ldisc_is_lower(byte);
}

static void rub_out(struct ldisc *ldisc)
{
	ldisc_echo_raw(ldisc, '\b');
	ldisc_echo_raw(ldisc, ' ');
	ldisc_echo_raw(ldisc, '\b');
}

/* How wide a tab is follows from what stands before it on the line. */
static void rub_out_tab(struct ldisc *ldisc)
{
	uint32_t columns = 0;
	uint32_t at = ldisc->head;

	while (at != ldisc->ready) {
		uint8_t byte = ldisc_byte(ldisc, --at);

		if (byte == '\t') {
			ldisc_echo_erase_tab(ldisc, columns, true);
			return;
		}
		if (ldisc_is_control(byte))
			columns += ldisc_local(ldisc, ECHOCTL) ? 2 : 0;
		else
			columns += !ldisc_is_continuation(ldisc, byte);
	}
	ldisc_echo_erase_tab(ldisc, columns, false);
}

/* ECHOPRT: a printing terminal shows what goes, the characters backwards. */
static void print_erased(struct ldisc *ldisc, uint32_t count)
{
	if (!ldisc->erasing)
		ldisc_echo_raw(ldisc, '\\');
	ldisc->erasing = true;
	ldisc_echo_typed(ldisc, ldisc_byte(ldisc, ldisc->head));
	for (uint32_t i = 1; i < count; i++) {
		ldisc_echo_raw(ldisc, ldisc_byte(ldisc, ldisc->head + i));
		ldisc->column -= ldisc->column > 0;
	}
}

/* Shows that the @count bytes behind head, one character, are gone. */
static void show_erased(struct ldisc *ldisc, unsigned key, uint32_t count)
{
	uint8_t byte = ldisc_byte(ldisc, ldisc->head);
	bool control = ldisc_is_control(byte);

	if (!ldisc_local(ldisc, ECHO))
		return;
	if (ldisc_local(ldisc, ECHOPRT)) {
		print_erased(ldisc, count);
	} else if (key == VERASE && !ldisc_local(ldisc, ECHOE)) {
		ldisc_echo_typed(ldisc, ldisc->modes.cc[VERASE]);
	} else if (byte == '\t') {
		rub_out_tab(ldisc);
	} else {
		if (control && ldisc_local(ldisc, ECHOCTL))
			rub_out(ldisc);
		if (!control || ldisc_local(ldisc, ECHOCTL))
			rub_out(ldisc);
	}
}

/* VKILL where the screen cannot be cleaned: the key itself is shown. True: that was all. */
static bool kill_at_once(struct ldisc *ldisc)
{
	uint32_t needed = ECHOK | ECHOKE | ECHOE;

	if (ldisc_local(ldisc, ECHO) && (ldisc->modes.lflag & needed) == needed)
		return false;
	ldisc->head = ldisc->ready;
	if (!ldisc_local(ldisc, ECHO))
		return true;
	ldisc_finish_erasing(ldisc);
	ldisc_echo_typed(ldisc, ldisc->modes.cc[VKILL]);
	if (ldisc_local(ldisc, ECHOK))
		ldisc_echo_raw(ldisc, '\n');
	return true;
}

/* Where the last character of the unfinished line begins; head when it does not stand there. */
static uint32_t last_character(const struct ldisc *ldisc)
{
	uint32_t at = ldisc->head;

	do
		at--;
	while (at != ldisc->ready && ldisc_is_continuation(ldisc, ldisc_byte(ldisc, at)));
	return ldisc_is_continuation(ldisc, ldisc_byte(ldisc, at)) ? ldisc->head : at;
}

void ldisc_erase(struct ldisc *ldisc, unsigned key)
{
	bool word = false;

	if (ldisc->head == ldisc->ready || (key == VKILL && kill_at_once(ldisc)))
		return;
	while (ldisc->head != ldisc->ready) {
		uint32_t at = last_character(ldisc);
		uint32_t count = ldisc->head - at;

		if (!count || (key == VWERASE && word && !in_word(ldisc_byte(ldisc, at))))
			break;
		word = word || in_word(ldisc_byte(ldisc, at));
		ldisc->head = at;
		show_erased(ldisc, key, count);
		if (key == VERASE)
			break;
	}
	if (ldisc->head == ldisc->ready && ldisc_local(ldisc, ECHO))
		ldisc_finish_erasing(ldisc);
}
