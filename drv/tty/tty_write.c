/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing to a terminal: output processing, as fast as the line takes the bytes. */
#include "kernel/lib/bits.h"

#include "drv/tty/tty_internal.h"
#include "mm/io_iter.h"

#define CHUNK_BYTES 256u

bool tty_may_send(const struct tty *tty)
{
	return ldisc_may_output(&tty->ldisc) && tty->line->room(tty) >= LDISC_UNIT_BYTES;
}

/* Sends what the line takes now: how many of @bytes. *@rest: of those some are still to be sent. */
static uint32_t tty_send_some(struct tty *tty, const uint8_t *bytes, uint32_t count, bool *rest)
{
	uint8_t processed[2 * CHUNK_BYTES];
	uint32_t used, made, sent;

	tty_push_echo(tty);
	if (!tty_may_send(tty))
		return 0;
	used = ldisc_output(&tty->ldisc, bytes, count, processed,
			    MIN(tty->line->room(tty), (uint32_t)sizeof(processed)), &made);
	sent = tty->line->write(tty, processed, made);
	/* The log may have taken the room meanwhile: used is used, so the rest waits. */
	ldisc_echo_put(&tty->ldisc, processed + sent, made - sent);
	*rest |= sent < made;
	return used;
}

/* What a call that sent @done so far says when it ends before all is sent, for @err. */
static int64_t sent_or(uint32_t done, enum err err)
{
	return done ? (int64_t)done : err;
}

/* Sends all of @bytes, sleeping for room: how many, or an error when it was none. */
static int64_t tty_send(struct chardev_open *open, const uint8_t *bytes, uint32_t count)
{
	struct tty *tty = open->device;
	uint32_t done = 0;
	bool rest = false;

	for (;;) {
		if (tty_is_hung(open))
			return sent_or(done, ERR_IO);
		done += tty_send_some(tty, bytes + done, count - done, &rest);
		rest = rest && tty->ldisc.echo_head != tty->ldisc.echo_tail;
		if (done == count && !rest)
			return done;
		if (tty_may_send(tty))
			continue;
		if (open->nonblock)
			return sent_or(done, ERR_AGAIN);
		if (wait_event_mutex(tty->writers, &tty->lock,
				     tty_may_send(tty) || tty_is_hung(open), TIME_NEVER,
				     WAIT_INTERRUPTIBLE) != WAIT_OK)
			return sent_or(done, ERR_RESTARTSYS);
	}
}

/* One chunk from the user, who may fault: without the lock. */
static uint32_t tty_fetch(struct tty *tty, struct io_iter *from, uint8_t *chunk, uint32_t size)
{
	uint32_t count;

	mutex_unlock(&tty->lock);
	count = (uint32_t)io_iter_read(from, chunk, size);
	mutex_lock(&tty->lock);
	return count;
}

/* Context: the lock, dropped inside, and the writers' turn. */
static int64_t tty_write_turn(struct chardev_open *open, struct io_iter *from)
{
	uint8_t chunk[CHUNK_BYTES];
	int64_t total = 0;

	while (io_iter_left(from)) {
		uint32_t wanted = (uint32_t)MIN(io_iter_left(from), CHUNK_BYTES);
		uint32_t count = tty_fetch(open->device, from, chunk, wanted);
		int64_t sent = count ? tty_send(open, chunk, count) : ERR_FAULT;

		if (sent < 0)
			return total ? total : sent;
		total += sent;
		if (sent < wanted)
			break;
	}
	return total;
}

/* TOSTOP does not hold for who opened the console as such: its messages must get out. */
static enum err tty_may_write(const struct chardev_open *open)
{
	const struct tty *tty = open->device;

	return tty->ldisc.modes.lflag & TOSTOP && open->state ? tty_check_job(tty, SIGTTOU) : OK;
}

int64_t tty_write(struct chardev_open *open, struct io_iter *from)
{
	struct tty *tty = open->device;
	int64_t result = ERR_IO;

	mutex_lock(&tty->lock);
	if (!tty_is_hung(open)) {
		result = tty_may_write(open);
		if (result == OK)
			result = tty_take_turn(tty, &tty->writing, tty->writers, open->nonblock);
		if (result == OK) {
			result = tty_write_turn(open, from);
			tty->writing = false;
			wait_wake_all(tty->writers);
		}
	}
	mutex_unlock(&tty->lock);
	return result;
}

enum err tty_drain(struct chardev_open *open)
{
	struct tty *tty = open->device;

	tty_push_echo(tty);
	if (wait_event_mutex(tty->writers, &tty->lock, !tty->line->queued(tty) || tty_is_hung(open),
			     TIME_NEVER, WAIT_INTERRUPTIBLE) != WAIT_OK)
		return ERR_RESTARTSYS;
	return tty_is_hung(open) ? ERR_IO : OK;
}
