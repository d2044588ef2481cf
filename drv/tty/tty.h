/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Terminals: a line discipline on a lower end, with a session and a foreground group. All of it
 * runs in threads: whoever has received bytes hands them in, readers and writers sleep.
 *
 * A terminal that hangs up is over for the files that are open then: they read the end of file and
 * get ERR_IO for everything else, while a file opened later starts afresh.
 */
#include "kernel/lib/refcount.h"

#include "drv/tty/ldisc.h"
#include "kernel/sched/mutex.h"

struct chardev_open;
struct chardev_ops;
struct pid;
struct io_iter;
struct poll_wait;
struct tty;

/* Events that a pseudo terminal's packet mode tells: Linux's TIOCPKT_*. */
#define TTY_FLUSH_READ  1u
#define TTY_FLUSH_WRITE 2u
#define TTY_STOP        4u
#define TTY_START       8u
#define TTY_NO_STOP     16u
#define TTY_DO_STOP     32u

/* The lower end: where a terminal's bytes go. Context: the terminal's lock; nothing sleeps. */
struct tty_line_ops {
	/* Take up to @count bytes for sending. Return: how many were taken. */
	uint32_t (*write)(struct tty *tty, const uint8_t *bytes, uint32_t count);
	/* How many bytes write() would take. Context: any; a hint. */
	uint32_t (*room)(const struct tty *tty);
	/* How many bytes were taken and not sent yet. Context: any; a hint. */
	uint32_t (*queued)(const struct tty *tty);
	/* Forget those. NULL: they are sent all the same. */
	void (*flush)(struct tty *tty);
	/* TTY_* have happened. NULL: nobody asks. */
	void (*event)(struct tty *tty, unsigned events);
	/* A file opens. Return: OK or why it does not. NULL: it may. */
	enum err (*opened)(struct tty *tty);
	/* The last file is closed. NULL: nothing to do. */
	void (*closed)(struct tty *tty);
	/* The last reference is gone. */
	void (*free)(struct tty *tty);
	/* It hangs up when the session's leader leaves it, and is nobody's once no file is open.
	 * Not so a pseudo terminal: that lives as long as its master is open. */
	bool is_wire;
	/* Bits of the control modes that the line fixes, and their values. */
	uint32_t cflag_fixed, cflag_value;
};

struct tty {
	const struct tty_line_ops *line;
	void *port;                 /* the line's own */
	struct wait_queue *writers; /* woken when the line has room, or after VSTART */
	struct refcount count;
	uint32_t major, minor;
	struct mutex lock; /* LOCK_TTY: everything below */
	struct ldisc ldisc;
	uint32_t ispeed, ospeed; /* bits per second: kept, nothing more */
	struct winsize size;
	bool reading, writing; /* somebody is inside: reads and writes are whole */
	bool exclusive;        /* TIOCEXCL */
	uint32_t opens;
	uint32_t hangups;
	struct wait_queue readers;
	struct wait_queue feeders; /* wait for room in the input */
	/* Changed with LOCK_TTY_SESSION too, so that either lock allows to look. */
	struct pid *session;    /* counted; NULL: nobody's controlling terminal */
	struct pid *foreground; /* counted */
};

/**
 * A terminal on a line, with one reference. @writers: the queue that the line wakes when it has
 * room again.
 */
void tty_setup(struct tty *tty, const struct tty_line_ops *line, void *port,
	       struct wait_queue *writers);

static inline struct tty *tty_get(struct tty *tty)
{
	refcount_get(&tty->count);
	return tty;
}

/** NULL is allowed. Context: thread, no locks. */
void tty_put(struct tty *tty);

/** The console's terminal, or NULL before tty_init. */
struct tty *tty_console(void);

/**
 * Make COM1 and the screen terminals and register /dev/ttyS0, /dev/tty1 and /dev/tty. /dev/console
 * is COM1, or the screen of a machine without.
 * Context: boot, after serial_init, screen_init and sched_init.
 */
enum err tty_init(void);

/** Take bytes that came in, as far as there is room: how many. Context: thread, may sleep. */
uint32_t tty_receive(struct tty *tty, const uint8_t *bytes, uint32_t count);

/* --- open files: @open's device is the terminal --- */

/**
 * Job control: whether the running process may use @tty now, or gets @signal (SIGTTIN, SIGTTOU).
 * Return: as tty_background(). Context: the lock held.
 */
enum err tty_check_job(const struct tty *tty, unsigned signal);

/** Bytes moved, 0 at the end of file, or an error. Context: thread, may sleep. */
int64_t tty_read(struct chardev_open *open, struct io_iter *to);
int64_t tty_write(struct chardev_open *open, struct io_iter *from);

/** POLL* bits; registers with @wait, which may be NULL. */
uint32_t tty_poll(struct chardev_open *open, struct poll_wait *wait);

/** A control of drv/ioctl.def. ERR_NOTTY for one that terminals do not know. */
enum err tty_ioctl(struct chardev_open *open, uint32_t cmd, void *arg, uint64_t raw);

/* --- sessions --- */

/** The controlling terminal of the running process's session, with a reference, or NULL. */
struct tty *tty_of_current_session(void);

/* What /proc shows of a controlling terminal. */
struct tty_name {
	uint32_t major, minor;
	int32_t foreground; /* the group's number; 0: none */
};

/** The controlling terminal of @session; false: it has none. Context: no spinlock held. */
bool tty_of_session(struct pid *session, struct tty_name *out);

/**
 * The leader of @session has ended: its terminal is free again, and hangs up if its line says so;
 * the foreground group gets SIGHUP. Context: thread, no locks.
 */
void tty_session_end(struct pid *session);

/** The terminal hangs up; its session's leader gets SIGHUP and SIGCONT. Context: as above. */
void tty_hangup(struct tty *tty);

/** vhangup(2): the caller's own terminal hangs up. */
void tty_hangup_current(void);

/* Operations of devices that are terminals (chardev_open's device): of any line, of a console,
 * which is nobody's controlling terminal by being opened and never hangs up, and of /dev/tty. */
extern const struct chardev_ops tty_line_chardev, tty_console_chardev, tty_own_chardev;
