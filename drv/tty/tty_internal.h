/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between the parts of drv/tty. Context of all: the terminal's lock, unless they say otherwise. */
#include "kernel/lib/errors.h"

#include "drv/chardev.h"
#include "drv/tty/tty.h"

#define SIGHUP   1u
#define SIGCONT  18u
#define SIGTTIN  21u
#define SIGTTOU  22u
#define SIGWINCH 28u

/**
 * Count a file of a terminal. @hangs: whether a hangup ends it. Return: OK; ERR_BUSY when somebody
 * has it to himself. Context: takes the lock.
 */
enum err tty_file_open(struct chardev_open *open, bool hangs);

/** That file is closed. Context: takes the lock; not held. */
void tty_file_close(struct chardev_open *open);

/** Whether the terminal hung up after the file was opened. Context: any; a hint without lock. */
bool tty_is_hung(const struct chardev_open *open);

/** Send what waits of the echo, as far as the line takes it. */
void tty_push_echo(struct tty *tty);

/** Whether a writer would get on. Context: any; a hint. */
bool tty_may_send(const struct tty *tty);

/** Sleep until *@turn is free and take it. Return: OK, ERR_AGAIN, ERR_RESTARTSYS. */
enum err tty_take_turn(struct tty *tty, bool *turn, struct wait_queue *queue, bool nonblock);

/** Sleep until all output is sent. Return: OK, ERR_RESTARTSYS; ERR_IO after a hangup. */
enum err tty_drain(struct chardev_open *open);

/** Throw input, output (with what waits of the echo), or both away. */
void tty_flush(struct tty *tty, bool input, bool output);

/** Tell the line. */
static inline void tty_event(struct tty *tty, unsigned events)
{
	if (tty->line->event)
		tty->line->event(tty, events);
}

/** Whether it is the controlling terminal of the running process. */
bool tty_is_own(const struct tty *tty);

/** Make it that. @steal: from another session. Return: OK, ERR_PERM. Context: takes the lock. */
enum err tty_set_controlling(struct tty *tty, bool steal);

/** TIOCNOTTY. Context: takes the lock. */
enum err tty_leave(struct tty *tty);

/** Let @group, whose reference is taken over, be the foreground group. */
void tty_set_foreground(struct tty *tty, struct pid *group);

/** No longer anybody's controlling terminal; nobody is told. Context: the lock, dropped inside. */
void tty_disown(struct tty *tty);

/** The controls of settings: TCGETS and its kin; ERR_NOTTY for others. */
enum err tty_ioctl_modes(struct chardev_open *open, uint32_t cmd, void *arg);

/** The controls of sessions and groups; ERR_NOTTY for others. */
enum err tty_ioctl_session(struct tty *tty, bool master, uint32_t cmd, void *arg);

/** tty_ioctl() on a pseudo terminal's master: it may ask what only the session may. */
enum err tty_ioctl_as(struct chardev_open *open, bool master, uint32_t cmd, void *arg,
		      uint64_t raw);
