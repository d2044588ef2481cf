/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The line discipline: what typed bytes become. Pure: no locks, no waiting, no devices; it turns
 * received bytes into readable ones, an echo, and signals. The caller's lock guards it.
 */
#include "kernel/lib/types.h"

#include "drv/tty/termios.h"

#define LDISC_INPUT_BYTES 4096u /* Linux's N_TTY_BUF_SIZE: longer lines are cut */
#define LDISC_ECHO_MAX    64u

struct ldisc {
	struct termios modes;
	bool literal;   /* VLNEXT came: the next byte is data */
	bool stopped;   /* VSTOP came: no output until VSTART */
	uint32_t head;  /* next to be filled; all three run freely, modulo the size */
	uint32_t ready; /* canonical mode: end of the last complete line */
	uint32_t tail;  /* next to be read */
	uint8_t bytes[LDISC_INPUT_BYTES];
	uint8_t line_end[LDISC_INPUT_BYTES / 8]; /* the byte here ends a line */
};

/* What one received byte causes besides a change of the input. */
struct ldisc_effect {
	uint8_t echo[LDISC_ECHO_MAX];
	uint32_t echo_len;
	unsigned signal; /* SIGINT, SIGQUIT or SIGTSTP; 0: none */
	bool restarted;  /* VSTART: output may go on */
};

/** Linux's settings of a new terminal. */
void ldisc_init(struct ldisc *ldisc);

/** Take one received byte. @effect is filled in whole. */
void ldisc_receive(struct ldisc *ldisc, uint8_t byte, struct ldisc_effect *effect);

/** Whether a byte would be taken rather than dropped for lack of room. */
bool ldisc_has_room(const struct ldisc *ldisc);

/** Bytes that a read may get now; a complete empty line (end of file) counts as ready. */
bool ldisc_readable(const struct ldisc *ldisc);
uint32_t ldisc_readable_count(const struct ldisc *ldisc);

/**
 * Read up to @size bytes: in canonical mode at most one line.
 *
 * Return: the count; 0 for the end of file (or nothing there: ask ldisc_readable first).
 */
uint32_t ldisc_read(struct ldisc *ldisc, uint8_t *to, uint32_t size);

/** Forget what was typed and not read. */
void ldisc_flush(struct ldisc *ldisc);

/** Change the settings. What stands in the buffer stays readable. */
void ldisc_set_modes(struct ldisc *ldisc, const struct termios *modes);

/**
 * Output processing: at most @size bytes of @from into @to, which holds 2 * @size. Return: bytes
 * written to @to.
 */
uint32_t ldisc_output(struct ldisc *ldisc, const uint8_t *from, uint32_t size, uint8_t *to);
