/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Terminals: a line discipline on a lower end, with a session and a foreground group. All of it
 * runs in threads: whoever has received bytes hands them in, readers and writers sleep.
 */
#include "drv/tty/ldisc.h"
#include "kernel/sched/mutex.h"

struct chardev_ops;
struct pid;
struct io_iter;
struct poll_wait;
struct tty;

/* The lower end: where a terminal's bytes go. Context: the terminal's lock; nothing sleeps. */
struct tty_line_ops {
	/* Take up to @count bytes for sending. Return: how many were taken. */
	uint32_t (*write)(struct tty *tty, const uint8_t *bytes, uint32_t count);
	/* How many bytes write() would take. Context: any; a hint. */
	uint32_t (*room)(const struct tty *tty);
	/* How many bytes were taken and not sent yet. Context: any; a hint. */
	uint32_t (*queued)(const struct tty *tty);
};

struct tty {
	const struct tty_line_ops *line;
	void *port;                 /* the line's own */
	struct wait_queue *writers; /* woken when the line has room, or after VSTART */
	struct mutex lock;          /* LOCK_TTY: everything below */
	struct ldisc ldisc;
	struct winsize size;
	struct pid *session;    /* counted; NULL: nobody's controlling terminal */
	struct pid *foreground; /* counted */
	struct wait_queue readers;
};

/** A terminal on a line. @writers: the queue that the line wakes when it has room again. */
void tty_setup(struct tty *tty, const struct tty_line_ops *line, void *port,
	       struct wait_queue *writers);

/** The console's terminal, or NULL before tty_init. */
struct tty *tty_console(void);

/**
 * Make the console a terminal on COM1 and register /dev/console, /dev/ttyS0 and /dev/tty.
 * Context: boot, after serial_init and sched_init.
 */
enum err tty_init(void);

/**
 * Let @show show what the console shows, after output processing: a screen. It takes every byte
 * and does not sleep. Its keyboard hands what is typed to tty_receive(). Context: boot, once.
 */
void tty_console_mirror(void (*show)(const uint8_t *bytes, uint32_t count));

/** The controlling terminal of the running process's session, or NULL. */
struct tty *tty_of_current_session(void);

/**
 * Job control: whether the running process may use @tty now, or gets @signal (SIGTTIN, SIGTTOU).
 * Return: as tty_background(). Context: the lock held.
 */
enum err tty_check_job(const struct tty *tty, unsigned signal);

/** Bytes moved, 0 at the end of file, or an error. Context: thread, may sleep. */
int64_t tty_read(struct tty *tty, struct io_iter *to, bool nonblock);
int64_t tty_write(struct tty *tty, struct io_iter *from, bool nonblock);

/** POLL* bits; registers with @wait, which may be NULL. */
uint32_t tty_poll(struct tty *tty, struct poll_wait *wait);

/** A control of drv/ioctl.def. ERR_NOTTY for one that terminals do not know. */
enum err tty_ioctl(struct tty *tty, uint32_t cmd, void *arg, uint64_t raw);

/**
 * The leader of @session has ended: its terminal is free again and the foreground group gets
 * SIGHUP and SIGCONT. Context: thread, no locks.
 */
void tty_session_end(struct pid *session);

/** Take bytes that came in. Context: thread, may sleep. */
void tty_receive(struct tty *tty, const uint8_t *bytes, uint32_t count);

/* Operations of devices that are terminals (chardev_open's device): of any line, of a console,
 * which is nobody's controlling terminal by being opened, and of /dev/tty. */
extern const struct chardev_ops tty_line_chardev, tty_console_chardev, tty_own_chardev;
