/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/tty/tty.h"

#include "kernel/lib/bits.h"

#include "drv/tty_hooks.h"
#include "kernel/sched/poll.h"
#include "mm/io_iter.h"

#define SIGTTIN 21u
#define SIGTTOU 22u

#define CHUNK_BYTES 256u

#define NS_PER_DECISECOND (NS_PER_SEC / 10)

void tty_setup(struct tty *tty, const struct tty_line_ops *line, void *port,
	       struct wait_queue *writers)
{
	tty->line = line;
	tty->port = port;
	tty->writers = writers;
	mutex_init(&tty->lock, LOCK_TTY);
	ldisc_init(&tty->ldisc);
	wait_queue_init(&tty->readers);
}

static void tty_echo(struct tty *tty, const struct ldisc_effect *effect)
{
	/* An echo that finds no room is lost, as on Linux: typing must not wait for a slow line. */
	if (effect->echo_len)
		tty->line->write(tty, effect->echo, effect->echo_len);
}

/* Sends without the lock; the reference keeps the group alive meanwhile. */
static void tty_signal(struct tty *tty, unsigned signal)
{
	struct pid *group = tty->foreground ? tty_pid_get(tty->foreground) : NULL;

	if (!group)
		return;
	mutex_unlock(&tty->lock);
	tty_signal_group(group, signal);
	tty_pid_put(group);
	mutex_lock(&tty->lock);
}

static void tty_receive_byte(struct tty *tty, uint8_t byte)
{
	struct ldisc_effect effect;

	ldisc_receive(&tty->ldisc, byte, &effect);
	tty_echo(tty, &effect);
	if (effect.restarted)
		wait_wake_all(tty->writers);
	if (effect.signal)
		tty_signal(tty, effect.signal);
}

void tty_receive(struct tty *tty, const uint8_t *bytes, uint32_t count)
{
	mutex_lock(&tty->lock);
	for (uint32_t i = 0; i < count; i++)
		tty_receive_byte(tty, bytes[i]);
	if (ldisc_readable(&tty->ldisc))
		wait_wake_all(&tty->readers);
	mutex_unlock(&tty->lock);
}

enum err tty_check_job(const struct tty *tty, unsigned signal)
{
	if (!tty->session || tty->session != tty_current_session() || !tty->foreground ||
	    tty->foreground == tty_current_group())
		return OK;
	return tty_background(signal);
}

/* Once a call, as on Linux: who is put into the background asleep in a read, reads on. */
static enum err tty_begin(struct tty *tty, unsigned signal)
{
	enum err err;

	if (signal == SIGTTOU && !(READ_ONCE(tty->ldisc.modes.lflag) & TOSTOP))
		return OK;
	mutex_lock(&tty->lock);
	err = tty_check_job(tty, signal);
	mutex_unlock(&tty->lock);
	return err;
}

/* When VMIN and VTIME say that a raw read has waited long enough; TIME_NEVER: for a byte. */
static uint64_t tty_raw_deadline(const struct tty *tty)
{
	const uint8_t *cc = tty->ldisc.modes.cc;

	if (cc[VMIN])
		return TIME_NEVER;
	return time_now_ns() + cc[VTIME] * NS_PER_DECISECOND;
}

/* Whether a read of @wanted bytes can end: a line, or as many raw bytes as VMIN says. */
static bool tty_enough(const struct tty *tty, uint32_t wanted)
{
	uint32_t least = MIN(wanted, (uint32_t)tty->ldisc.modes.cc[VMIN]);

	if (tty->ldisc.modes.lflag & ICANON || least <= 1)
		return ldisc_readable(&tty->ldisc);
	return ldisc_readable_count(&tty->ldisc) >= least;
}

/* Sleeps until something can be read. OK, or why not; *nothing: VTIME ran out. */
static enum err tty_wait_readable(struct tty *tty, uint32_t wanted, bool nonblock, bool *nothing)
{
	bool canonical = tty->ldisc.modes.lflag & ICANON;
	uint64_t deadline = canonical ? TIME_NEVER : tty_raw_deadline(tty);

	*nothing = false;
	if (nonblock ? ldisc_readable(&tty->ldisc) : tty_enough(tty, wanted))
		return OK;
	if (nonblock)
		return ERR_AGAIN;
	switch (wait_event_mutex(&tty->readers, &tty->lock, tty_enough(tty, wanted), deadline,
				 WAIT_INTERRUPTIBLE)) {
	case WAIT_OK:
		return OK;
	case WAIT_TIMEDOUT:
		*nothing = true;
		return OK;
	case WAIT_INTR:
		return ERR_RESTARTSYS;
	}
	return ERR_INTR;
}

/* Takes up to a chunk under the lock; the copy to the user follows without it. */
static enum err tty_take(struct tty *tty, uint8_t *chunk, uint32_t *count, bool nonblock)
{
	bool nothing;
	enum err err;

	mutex_lock(&tty->lock);
	err = tty_wait_readable(tty, *count, nonblock, &nothing);
	if (err == OK)
		*count = nothing ? 0 : ldisc_read(&tty->ldisc, chunk, *count);
	mutex_unlock(&tty->lock);
	return err;
}

static bool tty_line_done(const struct tty *tty, const uint8_t *chunk, uint32_t count,
			  uint32_t wanted)
{
	/* A canonical read ends with its line; a raw one with what is there. */
	return count < wanted || !ldisc_readable(&tty->ldisc) ||
	       (tty->ldisc.modes.lflag & ICANON && chunk[count - 1] == '\n');
}

int64_t tty_read(struct tty *tty, struct io_iter *to, bool nonblock)
{
	uint8_t chunk[CHUNK_BYTES];
	int64_t total = tty_begin(tty, SIGTTIN);

	if (total != OK)
		return total;
	while (io_iter_left(to)) {
		uint32_t wanted = (uint32_t)MIN(io_iter_left(to), (uint64_t)CHUNK_BYTES);
		uint32_t count = wanted;
		enum err err = tty_take(tty, chunk, &count, nonblock);

		if (err != OK)
			return total ? total : err;
		if (!count)
			break;
		size_t moved = io_iter_write(to, chunk, count);

		total += (int64_t)moved;
		if (moved < count)
			return total ? total : ERR_FAULT;
		if (tty_line_done(tty, chunk, count, wanted))
			break;
	}
	return total;
}

static bool tty_may_send(const struct tty *tty)
{
	return !READ_ONCE(tty->ldisc.stopped) && tty->line->room(tty);
}

/* Queues @count processed bytes, sleeping for room. False when a signal came first. */
static bool tty_send(struct tty *tty, const uint8_t *bytes, uint32_t count)
{
	for (uint32_t done = 0; done < count;) {
		if (wait_event(tty->writers, tty_may_send(tty), TIME_NEVER, WAIT_INTERRUPTIBLE) !=
		    WAIT_OK)
			return false;
		mutex_lock(&tty->lock);
		if (!tty->ldisc.stopped)
			done += tty->line->write(tty, bytes + done, count - done);
		mutex_unlock(&tty->lock);
	}
	return true;
}

static int64_t tty_write_all(struct tty *tty, struct io_iter *from, bool nonblock)
{
	uint8_t chunk[CHUNK_BYTES];
	uint8_t processed[2 * CHUNK_BYTES];
	int64_t total = 0;

	while (io_iter_left(from)) {
		uint32_t wanted = (uint32_t)MIN(io_iter_left(from), (uint64_t)CHUNK_BYTES);
		uint32_t count, len;

		if (nonblock && (!tty_may_send(tty) || tty->line->room(tty) < 2 * wanted))
			return total ? total : ERR_AGAIN;
		count = (uint32_t)io_iter_read(from, chunk, wanted);
		if (!count)
			return total ? total : ERR_FAULT;
		mutex_lock(&tty->lock);
		len = ldisc_output(&tty->ldisc, chunk, count, processed);
		mutex_unlock(&tty->lock);
		if (!tty_send(tty, processed, len))
			return total ? total : ERR_RESTARTSYS;
		total += count;
		if (count < wanted)
			break;
	}
	return total;
}

int64_t tty_write(struct tty *tty, struct io_iter *from, bool nonblock)
{
	enum err err = tty_begin(tty, SIGTTOU);

	return err == OK ? tty_write_all(tty, from, nonblock) : err;
}

uint32_t tty_poll(struct tty *tty, struct poll_wait *wait)
{
	uint32_t events = 0;

	poll_wait_add(wait, &tty->readers);
	poll_wait_add(wait, tty->writers);
	mutex_lock(&tty->lock);
	if (ldisc_readable(&tty->ldisc))
		events |= POLLIN | POLLRDNORM;
	if (tty_may_send(tty))
		events |= POLLOUT | POLLWRNORM;
	mutex_unlock(&tty->lock);
	return events;
}
