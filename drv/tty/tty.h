/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Terminals: a line discipline on a serial line, with a session and a foreground group. All of it
 * runs in threads: a worker takes received bytes from the port, readers and writers sleep.
 */
#include "drv/tty/ldisc.h"
#include "drv/uart.h"
#include "kernel/sched/mutex.h"

struct pid;
struct io_iter;
struct poll_wait;

struct tty {
	struct uart *uart;
	struct mutex lock; /* LOCK_TTY: everything below */
	struct ldisc ldisc;
	struct winsize size;
	struct pid *session;    /* counted; NULL: nobody's controlling terminal */
	struct pid *foreground; /* counted */
	struct wait_queue readers;
	struct wait_queue writers; /* waiting for VSTART */
	struct kthread worker;
};

/** The console's terminal, or NULL without a serial port. */
struct tty *tty_console(void);

/**
 * Make COM1 a terminal and register /dev/console, /dev/ttyS0 and /dev/tty.
 * Context: boot, after serial_init and sched_init.
 */
enum err tty_init(void);

/** The controlling terminal of the running process's session, or NULL. */
struct tty *tty_of_current_session(void);

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

/** Take bytes that came in. Context: the worker; for selftests too. */
void tty_receive(struct tty *tty, const uint8_t *bytes, uint32_t count);
