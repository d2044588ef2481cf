/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/tty/ldisc.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "drv/tty/ldisc_internal.h"

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

static bool is_cc(const struct ldisc *ldisc, unsigned index, uint8_t byte)
{
	return byte != CC_DISABLED && ldisc->modes.cc[index] == byte;
}

static bool line_end_at(const struct ldisc *ldisc, uint32_t position)
{
	return ldisc->line_end[LDISC_SLOT(position) / 8] >> (LDISC_SLOT(position) % 8) & 1;
}

static void line_end_set(struct ldisc *ldisc, uint32_t position, bool end)
{
	uint8_t bit = (uint8_t)(1u << (LDISC_SLOT(position) % 8));
	uint8_t *word = &ldisc->line_end[LDISC_SLOT(position) / 8];

	*word = end ? *word | bit : *word & (uint8_t)~bit;
}

static uint32_t used(const struct ldisc *ldisc)
{
	return ldisc->head - ldisc->tail;
}

/* Nobody can make room by reading an unfinished line: it is cut instead. */
static bool is_overlong(const struct ldisc *ldisc)
{
	return ldisc_local(ldisc, ICANON) && ldisc->ready == ldisc->tail;
}

bool ldisc_has_room(const struct ldisc *ldisc)
{
	/* A byte may become three: PARMRK's mark. */
	uint32_t most = ldisc->modes.iflag & PARMRK ? 3 : 1;

	return used(ldisc) + most < LDISC_INPUT_BYTES || is_overlong(ldisc);
}

static void input_put(struct ldisc *ldisc, uint8_t byte, bool ends_line)
{
	if (used(ldisc) >= LDISC_INPUT_BYTES)
		return;
	ldisc->bytes[LDISC_SLOT(ldisc->head)] = byte;
	line_end_set(ldisc, ldisc->head, ends_line);
	ldisc->head++;
	if (ends_line || !ldisc_local(ldisc, ICANON))
		ldisc->ready = ldisc->head;
}

/* 0377 begins a mark with PARMRK, so as data it is written twice. */
static void input_put_data(struct ldisc *ldisc, uint8_t byte, bool ends_line)
{
	if (byte == 0xff && ldisc->modes.iflag & PARMRK)
		input_put(ldisc, byte, false);
	input_put(ldisc, byte, ends_line);
}

/* The end of a line of canonical mode; true when @byte was one. */
static bool receive_line_end(struct ldisc *ldisc, uint8_t byte)
{
	if (byte == '\n') {
		if (ldisc_local(ldisc, ECHO | ECHONL))
			ldisc_echo_raw(ldisc, '\n');
		input_put(ldisc, byte, true);
	} else if (is_cc(ldisc, VEOF, byte)) {
		input_put(ldisc, BYTE_EOF, true);
	} else if (is_cc(ldisc, VEOL, byte) ||
		   (is_cc(ldisc, VEOL2, byte) && ldisc_local(ldisc, IEXTEN))) {
		if (ldisc_local(ldisc, ECHO))
			ldisc_echo_typed(ldisc, byte);
		input_put_data(ldisc, byte, true);
	} else {
		return false;
	}
	return true;
}

static void receive_literal_next(struct ldisc *ldisc)
{
	ldisc->literal = true;
	if (!ldisc_local(ldisc, ECHO))
		return;
	ldisc_finish_erasing(ldisc);
	if (ldisc_local(ldisc, ECHOCTL)) {
		ldisc_echo_raw(ldisc, '^');
		ldisc_echo_raw(ldisc, '\b');
	}
}

static void receive_reprint(struct ldisc *ldisc)
{
	ldisc_finish_erasing(ldisc);
	ldisc_echo_typed(ldisc, ldisc->modes.cc[VREPRINT]);
	ldisc_echo_raw(ldisc, '\n');
	for (uint32_t at = ldisc->ready; at != ldisc->head; at++)
		ldisc_echo_typed(ldisc, ldisc_byte(ldisc, at));
}

/* Editing keys of canonical mode; true when @byte was one. */
static bool receive_editing(struct ldisc *ldisc, uint8_t byte)
{
	bool extended = ldisc_local(ldisc, IEXTEN);

	if (is_cc(ldisc, VERASE, byte))
		ldisc_erase(ldisc, VERASE);
	else if (is_cc(ldisc, VKILL, byte))
		ldisc_erase(ldisc, VKILL);
	else if (is_cc(ldisc, VWERASE, byte) && extended)
		ldisc_erase(ldisc, VWERASE);
	else if (is_cc(ldisc, VLNEXT, byte) && extended)
		receive_literal_next(ldisc);
	else if (is_cc(ldisc, VREPRINT, byte) && extended && ldisc_local(ldisc, ECHO))
		receive_reprint(ldisc);
	else
		return receive_line_end(ldisc, byte);
	return true;
}

/* Signal keys; true when @byte was one. */
static bool receive_signal(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect)
{
	if (!ldisc_local(ldisc, ISIG))
		return false;
	if (is_cc(ldisc, VINTR, byte))
		effect->signal = SIGINT;
	else if (is_cc(ldisc, VQUIT, byte))
		effect->signal = SIGQUIT;
	else if (is_cc(ldisc, VSUSP, byte))
		effect->signal = SIGTSTP;
	else
		return false;
	if (!ldisc_local(ldisc, NOFLSH)) {
		ldisc_flush(ldisc);
		ldisc->echo_tail = ldisc->echo_head;
		effect->flushed = true;
	}
	if (ldisc->modes.iflag & IXON)
		ldisc->stopped = false;
	if (ldisc_local(ldisc, ECHO))
		ldisc_echo_typed(ldisc, byte);
	return true;
}

/* Flow control; true when @byte was part of it. */
static bool receive_flow(struct ldisc *ldisc, uint8_t byte)
{
	if (!(ldisc->modes.iflag & IXON))
		return false;
	if (is_cc(ldisc, VSTART, byte))
		ldisc->stopped = false;
	else if (is_cc(ldisc, VSTOP, byte))
		ldisc->stopped = true;
	else
		return false;
	return true;
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

/* @mapped: the newline stands for a carriage return, and moves the cursor even where a newline
 * itself is shown as ^J. */
static void receive_data(struct ldisc *ldisc, uint8_t byte, bool mapped)
{
	if (ldisc_local(ldisc, ECHO)) {
		ldisc_finish_erasing(ldisc);
		if (mapped) {
			ldisc_echo_raw(ldisc, '\n');
		} else {
			if (ldisc->head == ldisc->ready)
				ldisc->line_column = ldisc->column;
			ldisc_echo_typed(ldisc, byte);
		}
	}
	input_put_data(ldisc, byte, false);
}

static uint8_t map_byte(const struct ldisc *ldisc, uint8_t byte)
{
	if (ldisc->modes.iflag & ISTRIP)
		byte &= 0x7f;
	if (ldisc->modes.iflag & IUCLC && ldisc_local(ldisc, IEXTEN) && ldisc_is_upper(byte))
		byte = (uint8_t)(byte - 'A' + 'a');
	return byte;
}

void ldisc_receive(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect)
{
	*effect = (struct ldisc_effect){0};
	/* The last byte of a cut line makes place for this one: it may be the newline. */
	if (used(ldisc) >= LDISC_INPUT_BYTES && is_overlong(ldisc))
		ldisc->head--;
	byte = map_byte(ldisc, byte);
	if (ldisc->literal) {
		ldisc->literal = false;
		receive_data(ldisc, byte, false);
		return;
	}
	if (receive_flow(ldisc, byte) || receive_signal(ldisc, byte, effect))
		return;
	if (ldisc->modes.iflag & IXON && ldisc->modes.iflag & IXANY && !ldisc->held)
		ldisc->stopped = false;
	uint8_t typed = byte;
	if (!map_newline(ldisc, &byte))
		return;
	if (ldisc_local(ldisc, ICANON) && receive_editing(ldisc, byte))
		return;
	receive_data(ldisc, byte, typed == '\r' && byte == '\n');
}

bool ldisc_readable(const struct ldisc *ldisc)
{
	return ldisc->ready != ldisc->tail;
}

bool ldisc_pollable(const struct ldisc *ldisc)
{
	const uint8_t *cc = ldisc->modes.cc;

	if (ldisc_local(ldisc, ICANON) || cc[VTIME] || !cc[VMIN])
		return ldisc_readable(ldisc);
	return ldisc->ready - ldisc->tail >= cc[VMIN];
}

static bool is_eof_at(const struct ldisc *ldisc, uint32_t at)
{
	return line_end_at(ldisc, at) && ldisc_byte(ldisc, at) == BYTE_EOF;
}

uint32_t ldisc_readable_count(const struct ldisc *ldisc)
{
	uint32_t count = ldisc->ready - ldisc->tail;

	if (!ldisc_local(ldisc, ICANON))
		return count;
	for (uint32_t at = ldisc->tail; at != ldisc->ready; at++)
		count -= is_eof_at(ldisc, at);
	return count;
}

static uint32_t read_line(struct ldisc *ldisc, uint8_t *to, uint32_t size, bool *ended)
{
	uint32_t count = 0;

	while (ldisc->tail != ldisc->ready) {
		/* The key that ended this line without a newline goes with it, even if @to is just
		 * full: alone it would be read as the end of the file. */
		if (is_eof_at(ldisc, ldisc->tail)) {
			ldisc->tail++;
			*ended = true;
			break;
		}
		if (count == size)
			break;
		*ended = line_end_at(ldisc, ldisc->tail);
		to[count++] = ldisc_byte(ldisc, ldisc->tail++);
		if (*ended)
			break;
	}
	return count;
}

uint32_t ldisc_read(struct ldisc *ldisc, uint8_t *to, uint32_t size, bool *ended)
{
	uint32_t count = 0;

	*ended = false;
	if (ldisc_local(ldisc, ICANON))
		return read_line(ldisc, to, size, ended);
	while (count < size && ldisc->tail != ldisc->ready)
		to[count++] = ldisc_byte(ldisc, ldisc->tail++);
	return count;
}

void ldisc_flush(struct ldisc *ldisc)
{
	ldisc->head = 0;
	ldisc->ready = 0;
	ldisc->tail = 0;
	ldisc->literal = false;
	ldisc->erasing = false;
}

/* What was typed raw and not read becomes a line; what stood in lines becomes bytes. */
static void change_canonical(struct ldisc *ldisc)
{
	memset(ldisc->line_end, 0, sizeof(ldisc->line_end));
	if (ldisc_local(ldisc, ICANON) && used(ldisc))
		line_end_set(ldisc, ldisc->head - 1, true);
	ldisc->ready = ldisc->head;
	ldisc->literal = false;
	ldisc->erasing = false;
}

void ldisc_set_modes(struct ldisc *ldisc, const struct termios *modes)
{
	struct termios old = ldisc->modes;

	ldisc->modes = *modes;
	if ((old.lflag ^ modes->lflag) & ICANON)
		change_canonical(ldisc);
	if (old.iflag & IXON && !(modes->iflag & IXON))
		ldisc->stopped = false;
}
