/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The line discipline: what typed bytes become, and what written ones do. Pure: no locks, no
 * waiting, no devices; it turns received bytes into readable ones, an echo, and signals. The
 * caller's lock guards it.
 */
#include "kernel/lib/types.h"

#include "drv/tty/termios.h"

#define LDISC_INPUT_BYTES 4096u /* Linux's N_TTY_BUF_SIZE: longer lines are cut */
#define LDISC_ECHO_BYTES  4096u
#define LDISC_UNIT_BYTES  8u /* the most that one byte becomes at output: a tab as spaces */

struct ldisc {
	struct termios modes;
	bool literal;         /* VLNEXT came: the next byte is data */
	bool erasing;         /* ECHOPRT: inside \.../ */
	bool stopped;         /* VSTOP came: no output until VSTART */
	bool held;            /* TCOOFF: no output until TCOON */
	uint32_t head;        /* next to be filled; all three run freely, modulo the size */
	uint32_t ready;       /* canonical mode: end of the last complete line */
	uint32_t tail;        /* next to be read */
	uint32_t column;      /* where the cursor stands */
	uint32_t line_column; /* where it stood when the unfinished line began */
	uint32_t echo_head;   /* what waits to be shown, running freely */
	uint32_t echo_tail;
	uint8_t bytes[LDISC_INPUT_BYTES];
	uint8_t line_end[LDISC_INPUT_BYTES / 8]; /* the byte here ends a line */
	uint8_t echo[LDISC_ECHO_BYTES];
};

/* What one received byte causes besides a change of the input and its echo. */
struct ldisc_effect {
	unsigned signal; /* SIGINT, SIGQUIT or SIGTSTP; 0: none */
	bool flushed;    /* the signal threw input away: so goes what waits to be sent */
};

/** Linux's settings of a new terminal. */
void ldisc_init(struct ldisc *ldisc);

/** Take one received byte. @effect is filled in whole. */
void ldisc_receive(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect);

/** Whether a byte would be taken rather than dropped for lack of room. */
bool ldisc_has_room(const struct ldisc *ldisc);

/** Whether output may go on: neither VSTOP nor TCOOFF holds it. */
static inline bool ldisc_may_output(const struct ldisc *ldisc)
{
	return !ldisc->stopped && !ldisc->held;
}

/** Whether a read finds something; a complete empty line (end of file) counts. */
bool ldisc_readable(const struct ldisc *ldisc);

/** The same for poll: raw input is there once VMIN bytes are, unless VTIME counts. */
bool ldisc_pollable(const struct ldisc *ldisc);

/** Bytes that reads would get now (FIONREAD). */
uint32_t ldisc_readable_count(const struct ldisc *ldisc);

/**
 * Read up to @size (not 0) bytes: in canonical mode at most one line. *@ended: the line ended.
 *
 * Return: the count; 0 for the end of file (or nothing there: ask ldisc_readable first).
 */
uint32_t ldisc_read(struct ldisc *ldisc, uint8_t *to, uint32_t size, bool *ended);

/** Forget what was typed and not read. */
void ldisc_flush(struct ldisc *ldisc);

/** Change the settings. What stands in the buffer stays readable. */
void ldisc_set_modes(struct ldisc *ldisc, const struct termios *modes);

/**
 * Output processing: as much of @from as becomes at most @room bytes at @to. *@made: how many it
 * became. Return: bytes of @from that were used.
 */
uint32_t ldisc_output(struct ldisc *ldisc, const uint8_t *from, uint32_t size, uint8_t *to,
		      uint32_t room, uint32_t *made);

/**
 * The echo that waits to be shown: *@count bytes at the result, which ldisc_echo_taken() removes.
 * More may stand behind them: ask until *@count is 0.
 */
const uint8_t *ldisc_echo_peek(const struct ldisc *ldisc, uint32_t *count);
void ldisc_echo_taken(struct ldisc *ldisc, uint32_t count);

/** Put processed output in front of every later one, as far as there is room. */
void ldisc_echo_put(struct ldisc *ldisc, const uint8_t *bytes, uint32_t count);
