/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include "drv/tty/pty.h"
#include "drv/tty/tty_internal.h"

#define PTY_OUT_BYTES 4096u /* a power of two */

struct commit_account;

struct pty {
	struct tty slave; /* first; its lock guards what follows */
	uint32_t index;   /* under the table's lock */
	bool live;        /* under the table's lock: the master is open */
	bool locked;      /* TIOCSPTLCK: the slave does not open */
	bool master_closed;
	bool slave_closed;              /* was open, and is not: the master reads ERR_IO */
	bool packet;                    /* TIOCPKT */
	uint8_t events;                 /* of packet mode, not read yet: TTY_* */
	struct wait_queue master;       /* readers of the master */
	struct wait_queue writers;      /* of the slave */
	uint32_t head, tail;            /* of out[], running freely */
	uint8_t out[PTY_OUT_BYTES];     /* what the slave sent */
	struct commit_account *account; /* counted: who pays */
};

static inline struct pty *pty_of(const struct tty *slave)
{
	return slave->port;
}

static inline uint32_t pty_out_count(const struct pty *pty)
{
	return pty->head - pty->tail;
}

/** A pair whose master is open, with one reference. Return: ERR_NOMEM, ERR_NOSPC. */
enum err pty_create(struct pty **out);

/** The master is closed: the slave's name goes, and it hangs up. Drops the reference. */
void pty_close_master(struct pty *pty);

/** The slave of a living pair, with a reference, or NULL. */
struct tty *pty_find_slave(uint32_t index);

extern const struct chardev_ops pty_master_chardev, tty_slave_chardev;
