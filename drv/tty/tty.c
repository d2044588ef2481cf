/* SPDX-License-Identifier: BSD-2-Clause */
/* A terminal between its line and its files: what comes in, and what ends. */
#include "drv/tty/tty.h"

#include "drv/tty/tty_internal.h"
#include "drv/tty_hooks.h"
#include "kernel/sched/poll.h"

#define SPEED_DEFAULT 38400u

void tty_setup(struct tty *tty, const struct tty_line_ops *line, void *port,
	       struct wait_queue *writers)
{
	tty->line = line;
	tty->port = port;
	tty->writers = writers;
	tty->ispeed = SPEED_DEFAULT;
	tty->ospeed = SPEED_DEFAULT;
	refcount_init(&tty->count, 1);
	mutex_init(&tty->lock, LOCK_TTY);
	ldisc_init(&tty->ldisc);
	wait_queue_init(&tty->readers);
	wait_queue_init(&tty->feeders);
}

void tty_put(struct tty *tty)
{
	if (tty && refcount_put(&tty->count))
		tty->line->free(tty);
}

/* What a file remembers of its open: 0 for one that no hangup ends. */
static void *hangup_mark(const struct tty *tty)
{
	return (void *)((uintptr_t)READ_ONCE(tty->hangups) + 1);
}

bool tty_is_hung(const struct chardev_open *open)
{
	return open->state && open->state != hangup_mark(open->device);
}

enum err tty_file_open(struct chardev_open *open, bool hangs)
{
	struct tty *tty = open->device;
	enum err err = OK;

	mutex_lock(&tty->lock);
	if (tty->exclusive && !tty_current_is_root())
		err = ERR_BUSY;
	else if (tty->line->opened)
		err = tty->line->opened(tty);
	if (err == OK)
		tty->opens++;
	open->state = hangs ? hangup_mark(tty) : NULL;
	mutex_unlock(&tty->lock);
	if (err == OK)
		tty_get(tty);
	return err;
}

void tty_file_close(struct chardev_open *open)
{
	struct tty *tty = open->device;

	mutex_lock(&tty->lock);
	if (--tty->opens == 0) {
		tty->exclusive = false;
		if (tty->line->closed)
			tty->line->closed(tty);
		if (tty->line->is_wire)
			tty_disown(tty);
	}
	mutex_unlock(&tty->lock);
	tty_put(tty);
}

void tty_push_echo(struct tty *tty)
{
	while (ldisc_may_output(&tty->ldisc)) {
		uint32_t count, taken;
		const uint8_t *bytes = ldisc_echo_peek(&tty->ldisc, &count);

		if (!count)
			return;
		taken = tty->line->write(tty, bytes, count);
		ldisc_echo_taken(&tty->ldisc, taken);
		if (taken < count)
			return;
	}
}

/* Input has room again and output goes nowhere: who waits is told, the line forgets. */
static void tty_flushed(struct tty *tty, bool input, bool output)
{
	if (input)
		wait_wake_all(&tty->feeders);
	if (output && tty->line->flush)
		tty->line->flush(tty);
	if (output)
		wait_wake_all(tty->writers);
	tty_event(tty, (input ? TTY_FLUSH_READ : 0) | (output ? TTY_FLUSH_WRITE : 0));
}

void tty_flush(struct tty *tty, bool input, bool output)
{
	if (input)
		ldisc_flush(&tty->ldisc);
	if (output)
		ldisc_echo_taken(&tty->ldisc, tty->ldisc.echo_head - tty->ldisc.echo_tail);
	tty_flushed(tty, input, output);
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
	bool could_output = ldisc_may_output(&tty->ldisc);
	struct ldisc_effect effect;

	ldisc_receive(&tty->ldisc, byte, &effect);
	if (effect.flushed)
		tty_flushed(tty, true, true);
	if (could_output != ldisc_may_output(&tty->ldisc)) {
		tty_event(tty, could_output ? TTY_STOP : TTY_START);
		wait_wake_all(tty->writers);
	}
	tty_push_echo(tty);
	if (effect.signal)
		tty_signal(tty, effect.signal);
}

uint32_t tty_receive(struct tty *tty, const uint8_t *bytes, uint32_t count)
{
	uint32_t taken = 0;

	mutex_lock(&tty->lock);
	while (taken < count && ldisc_has_room(&tty->ldisc))
		tty_receive_byte(tty, bytes[taken++]);
	tty_push_echo(tty);
	if (ldisc_readable(&tty->ldisc))
		wait_wake_all(&tty->readers);
	mutex_unlock(&tty->lock);
	return taken;
}

enum err tty_take_turn(struct tty *tty, bool *turn, struct wait_queue *queue, bool nonblock)
{
	if (*turn && nonblock)
		return ERR_AGAIN;
	if (wait_event_mutex(queue, &tty->lock, !*turn, TIME_NEVER, WAIT_INTERRUPTIBLE) != WAIT_OK)
		return ERR_RESTARTSYS;
	*turn = true;
	return OK;
}

uint32_t tty_poll(struct chardev_open *open, struct poll_wait *wait)
{
	struct tty *tty = open->device;
	uint32_t events = 0;

	poll_wait_add(wait, &tty->readers);
	poll_wait_add(wait, tty->writers);
	mutex_lock(&tty->lock);
	if (tty_is_hung(open))
		events = POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
	if (ldisc_pollable(&tty->ldisc))
		events |= POLLIN | POLLRDNORM;
	if (tty_may_send(tty) && !tty->writing)
		events |= POLLOUT | POLLWRNORM;
	mutex_unlock(&tty->lock);
	return events;
}
