/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/tty/ldisc.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#define SLOT(position) ((position) & (LDISC_INPUT_BYTES - 1))

#define SIGINT  2u
#define SIGQUIT 3u
#define SIGTSTP 20u

#define CTRL(c)     ((c)&0x1f)
#define CC_DISABLED 0
#define BYTE_DELETE 0x7f
#define BYTE_EOF    0 /* with its line-end bit: an end of file, not data */

static const struct termios default_modes = {
	.iflag = ICRNL | IXON,
	.oflag = OPOST | ONLCR,
	.cflag = B38400 | CS8 | CREAD,
	.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.cc =
		{
			[VINTR] = CTRL('C'),
			[VQUIT] = CTRL('\\'),
			[VERASE] = BYTE_DELETE,
			[VKILL] = CTRL('U'),
			[VEOF] = CTRL('D'),
			[VMIN] = 1,
			[VSTART] = CTRL('Q'),
			[VSTOP] = CTRL('S'),
			[VSUSP] = CTRL('Z'),
			[VREPRINT] = CTRL('R'),
			[VDISCARD] = CTRL('O'),
			[VWERASE] = CTRL('W'),
			[VLNEXT] = CTRL('V'),
		},
};

void ldisc_init(struct ldisc *ldisc)
{
	memset(ldisc, 0, sizeof(*ldisc));
	ldisc->modes = default_modes;
}

static bool mode_on(const struct ldisc *ldisc, uint32_t lflag)
{
	return ldisc->modes.lflag & lflag;
}

static bool is_cc(const struct ldisc *ldisc, unsigned index, uint8_t byte)
{
	return byte != CC_DISABLED && ldisc->modes.cc[index] == byte;
}

static bool line_end_at(const struct ldisc *ldisc, uint32_t position)
{
	return ldisc->line_end[SLOT(position) / 8] >> (SLOT(position) % 8) & 1;
}

static void line_end_set(struct ldisc *ldisc, uint32_t position, bool end)
{
	uint8_t bit = (uint8_t)(1u << (SLOT(position) % 8));
	uint8_t *word = &ldisc->line_end[SLOT(position) / 8];

	*word = end ? *word | bit : *word & (uint8_t)~bit;
}

static void echo_byte(struct ldisc_effect *effect, uint8_t byte)
{
	if (effect->echo_len < LDISC_ECHO_MAX)
		effect->echo[effect->echo_len++] = byte;
}

static bool is_control(uint8_t byte)
{
	return byte < 0x20 || byte == BYTE_DELETE;
}

/* Echoes as the settings say: "^C" for control bytes other than newline and tab. */
static void echo_typed(const struct ldisc *ldisc, struct ldisc_effect *effect, uint8_t byte)
{
	if (!mode_on(ldisc, ECHO)) {
		if (byte == '\n' && mode_on(ldisc, ECHONL) && mode_on(ldisc, ICANON)) {
			echo_byte(effect, '\r');
			echo_byte(effect, '\n');
		}
		return;
	}
	if (byte == '\n') {
		if (ldisc->modes.oflag & OPOST && ldisc->modes.oflag & ONLCR)
			echo_byte(effect, '\r');
		echo_byte(effect, '\n');
	} else if (is_control(byte) && byte != '\t' && mode_on(ldisc, ECHOCTL)) {
		echo_byte(effect, '^');
		echo_byte(effect, byte ^ 0x40);
	} else {
		echo_byte(effect, byte);
	}
}

/* Leaves one place for the end of the line. */
static bool room_for_data(const struct ldisc *ldisc)
{
	return ldisc->head - ldisc->tail < LDISC_INPUT_BYTES - 1;
}

bool ldisc_has_room(const struct ldisc *ldisc)
{
	/* Without a complete line nobody can make room by reading: the line is cut instead. */
	return room_for_data(ldisc) || (mode_on(ldisc, ICANON) && ldisc->ready == ldisc->tail);
}

static void input_put(struct ldisc *ldisc, uint8_t byte, bool ends_line)
{
	if (ldisc->head - ldisc->tail >= LDISC_INPUT_BYTES)
		return;
	ldisc->bytes[SLOT(ldisc->head)] = byte;
	line_end_set(ldisc, ldisc->head, ends_line);
	ldisc->head++;
	if (ends_line || !mode_on(ldisc, ICANON))
		ldisc->ready = ldisc->head;
}

/* Takes the last byte of the unfinished line back, and from the screen. */
static void erase_one(struct ldisc *ldisc, struct ldisc_effect *effect)
{
	uint8_t byte = ldisc->bytes[SLOT(--ldisc->head)];
	unsigned width = is_control(byte) && byte != '\t' && mode_on(ldisc, ECHOCTL) ? 2 : 1;

	/* UTF-8: continuation bytes go with the byte that begins the character. */
	while ((byte & 0xc0) == 0x80 && ldisc->head != ldisc->ready)
		byte = ldisc->bytes[SLOT(--ldisc->head)];
	if (!mode_on(ldisc, ECHO) || !mode_on(ldisc, ECHOE))
		return;
	for (unsigned i = 0; i < width; i++) {
		echo_byte(effect, '\b');
		echo_byte(effect, ' ');
		echo_byte(effect, '\b');
	}
}

static bool at_space(const struct ldisc *ldisc)
{
	uint8_t byte = ldisc->bytes[SLOT(ldisc->head - 1)];

	return byte == ' ' || byte == '\t';
}

static void erase_word(struct ldisc *ldisc, struct ldisc_effect *effect)
{
	while (ldisc->head != ldisc->ready && at_space(ldisc))
		erase_one(ldisc, effect);
	while (ldisc->head != ldisc->ready && !at_space(ldisc))
		erase_one(ldisc, effect);
}

static void erase_line(struct ldisc *ldisc, struct ldisc_effect *effect)
{
	bool shown = mode_on(ldisc, ECHO);

	ldisc->head = ldisc->ready;
	if (!shown)
		return;
	/* The line is longer than an echo can be: go to a fresh one, as ECHOK does. */
	echo_typed(ldisc, effect, ldisc->modes.cc[VKILL]);
	echo_typed(ldisc, effect, '\n');
}

/* Editing keys of canonical mode; true when @byte was one. */
static bool receive_editing(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect)
{
	if (is_cc(ldisc, VERASE, byte)) {
		if (ldisc->head != ldisc->ready)
			erase_one(ldisc, effect);
	} else if (is_cc(ldisc, VKILL, byte)) {
		erase_line(ldisc, effect);
	} else if (is_cc(ldisc, VWERASE, byte) && mode_on(ldisc, IEXTEN)) {
		erase_word(ldisc, effect);
	} else if (is_cc(ldisc, VLNEXT, byte) && mode_on(ldisc, IEXTEN)) {
		ldisc->literal = true;
	} else if (is_cc(ldisc, VEOF, byte)) {
		input_put(ldisc, BYTE_EOF, true);
	} else {
		return false;
	}
	return true;
}

/* Signal keys; true when @byte was one. */
static bool receive_signal(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect)
{
	if (!mode_on(ldisc, ISIG))
		return false;
	if (is_cc(ldisc, VINTR, byte))
		effect->signal = SIGINT;
	else if (is_cc(ldisc, VQUIT, byte))
		effect->signal = SIGQUIT;
	else if (is_cc(ldisc, VSUSP, byte))
		effect->signal = SIGTSTP;
	else
		return false;
	if (!mode_on(ldisc, NOFLSH))
		ldisc_flush(ldisc);
	ldisc->stopped = false;
	effect->restarted = true;
	echo_typed(ldisc, effect, byte);
	return true;
}

/* Flow control; true when @byte was part of it. */
static bool receive_flow(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect)
{
	if (!(ldisc->modes.iflag & IXON))
		return false;
	if (is_cc(ldisc, VSTOP, byte)) {
		ldisc->stopped = true;
		return true;
	}
	if (is_cc(ldisc, VSTART, byte) || (ldisc->stopped && ldisc->modes.iflag & IXANY)) {
		ldisc->stopped = false;
		effect->restarted = true;
		return is_cc(ldisc, VSTART, byte);
	}
	return false;
}

/* Newline and carriage return as the input flags say; false: the byte is ignored. */
static bool map_newline(const struct ldisc *ldisc, uint8_t *byte)
{
	if (*byte == '\r' && ldisc->modes.iflag & IGNCR)
		return false;
	if (*byte == '\r' && ldisc->modes.iflag & ICRNL)
		*byte = '\n';
	else if (*byte == '\n' && ldisc->modes.iflag & INLCR)
		*byte = '\r';
	return true;
}

static void receive_data(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect)
{
	bool ends_line = mode_on(ldisc, ICANON) && !ldisc->literal &&
			 (byte == '\n' || is_cc(ldisc, VEOL, byte) || is_cc(ldisc, VEOL2, byte));

	ldisc->literal = false;
	if (!ends_line && !room_for_data(ldisc))
		return;
	echo_typed(ldisc, effect, byte);
	input_put(ldisc, byte, ends_line);
}

void ldisc_receive(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect)
{
	*effect = (struct ldisc_effect){0};
	if (ldisc->modes.iflag & ISTRIP)
		byte &= 0x7f;
	if (!ldisc->literal) {
		if (receive_flow(ldisc, byte, effect) || receive_signal(ldisc, byte, effect))
			return;
		if (!map_newline(ldisc, &byte))
			return;
		if (mode_on(ldisc, ICANON) && receive_editing(ldisc, byte, effect))
			return;
	}
	receive_data(ldisc, byte, effect);
}

bool ldisc_readable(const struct ldisc *ldisc)
{
	return ldisc->ready != ldisc->tail;
}

uint32_t ldisc_readable_count(const struct ldisc *ldisc)
{
	return ldisc->ready - ldisc->tail;
}

static bool eof_next(const struct ldisc *ldisc)
{
	return ldisc->tail != ldisc->ready && line_end_at(ldisc, ldisc->tail) &&
	       ldisc->bytes[SLOT(ldisc->tail)] == BYTE_EOF;
}

uint32_t ldisc_read(struct ldisc *ldisc, uint8_t *to, uint32_t size)
{
	uint32_t count = 0;

	while (count < size && ldisc->tail != ldisc->ready && !eof_next(ldisc)) {
		bool end = line_end_at(ldisc, ldisc->tail);

		to[count++] = ldisc->bytes[SLOT(ldisc->tail++)];
		if (end && mode_on(ldisc, ICANON))
			return count;
	}
	/* The key that ended this line without a newline goes with it, even if @to is just full:
	 * alone it would be read as the end of the file. */
	if (eof_next(ldisc))
		ldisc->tail++;
	return count;
}

void ldisc_flush(struct ldisc *ldisc)
{
	ldisc->head = 0;
	ldisc->ready = 0;
	ldisc->tail = 0;
	ldisc->literal = false;
}

void ldisc_set_modes(struct ldisc *ldisc, const struct termios *modes)
{
	bool was_canonical = mode_on(ldisc, ICANON);

	ldisc->modes = *modes;
	if (was_canonical && !mode_on(ldisc, ICANON))
		ldisc->ready = ldisc->head;
	if (!(modes->iflag & IXON))
		ldisc->stopped = false;
}

uint32_t ldisc_output(struct ldisc *ldisc, const uint8_t *from, uint32_t size, uint8_t *to)
{
	bool process = ldisc->modes.oflag & OPOST;
	uint32_t count = 0;

	for (uint32_t i = 0; i < size; i++) {
		uint8_t byte = from[i];

		if (process && byte == '\n' && ldisc->modes.oflag & ONLCR)
			to[count++] = '\r';
		if (process && byte == '\r' && ldisc->modes.oflag & OCRNL)
			byte = '\n';
		to[count++] = byte;
	}
	return count;
}
