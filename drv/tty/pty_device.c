/* SPDX-License-Identifier: BSD-2-Clause */
/* Pseudo terminals as devices: /dev/ptmx, and the numbers that /dev/pts has nodes of. */
#include "kernel/lib/bits.h"

#include "drv/ioctl.h"
#include "drv/tty/pty_internal.h"
#include "drv/tty_hooks.h"
#include "kernel/core/limits.h"
#include "kernel/sched/poll.h"
#include "mm/io_iter.h"

#define CHUNK_BYTES 256u

#define SIGINT  2u
#define SIGQUIT 3u
#define SIGTSTP 20u

static struct pty *master_of(const struct chardev_open *open)
{
	return pty_of(open->device);
}

static enum err master_open(struct chardev_open *open, unsigned linux_flags)
{
	struct pty *pty;
	enum err err = pty_create(&pty);

	(void)linux_flags;
	if (err == OK)
		open->device = &pty->slave;
	return err;
}

static void master_release(struct chardev_open *open)
{
	pty_close_master(master_of(open));
}

static bool master_readable(const struct pty *pty)
{
	return pty_out_count(pty) || pty->events || pty->slave_closed;
}

/* Sleeps until a read can end. Context: the lock. */
static enum err master_await(struct chardev_open *open)
{
	struct pty *pty = master_of(open);

	if (master_readable(pty))
		return OK;
	if (open->nonblock)
		return ERR_AGAIN;
	return wait_event_mutex(&pty->master, &pty->slave.lock, master_readable(pty), TIME_NEVER,
				WAIT_INTERRUPTIBLE) == WAIT_OK
		       ? OK
		       : ERR_RESTARTSYS;
}

/* The next bytes of the read, with packet mode's first byte if it is the @first chunk. */
static uint32_t master_take(struct pty *pty, uint8_t *chunk, uint32_t size, bool first)
{
	uint32_t count = 0;

	if (first && pty->packet) {
		chunk[count++] = pty->events;
		if (pty->events) {
			pty->events = 0;
			return count;
		}
	}
	while (count < size && pty_out_count(pty))
		chunk[count++] = pty->out[pty->tail++ & (PTY_OUT_BYTES - 1)];
	wait_wake_all(pty->slave.writers);
	return count;
}

/* One chunk; 0: there is no more. Context: takes the lock. */
static int64_t master_read_chunk(struct chardev_open *open, uint8_t *chunk, uint32_t size,
				 bool first)
{
	struct pty *pty = master_of(open);
	int64_t result;

	mutex_lock(&pty->slave.lock);
	result = first ? master_await(open) : OK;
	if (result == OK && first && !pty_out_count(pty) && !pty->events)
		result = ERR_IO;
	if (result == OK)
		result = master_take(pty, chunk, size, first);
	mutex_unlock(&pty->slave.lock);
	return result;
}

static int64_t master_read(struct chardev_open *open, struct io_iter *to, uint64_t *pos)
{
	uint8_t chunk[CHUNK_BYTES];
	int64_t total = 0;

	(void)pos;
	while (io_iter_left(to)) {
		uint32_t wanted = (uint32_t)MIN(io_iter_left(to), CHUNK_BYTES);
		int64_t count = master_read_chunk(open, chunk, wanted, total == 0);

		if (count <= 0)
			return total ? total : count;
		size_t moved = io_iter_write(to, chunk, (size_t)count);

		total += (int64_t)moved;
		if (moved < (size_t)count)
			return total ? total : ERR_FAULT;
		/* An event is a read of its own. */
		if (count < wanted)
			break;
	}
	return total;
}

/* Types a chunk, sleeping for room: how many, or an error when it was none. */
static int64_t master_type(struct chardev_open *open, const uint8_t *chunk, uint32_t count)
{
	struct tty *slave = open->device;
	uint32_t done = 0;

	for (;;) {
		done += tty_receive(slave, chunk + done, count - done);
		if (done == count)
			return done;
		if (open->nonblock)
			return done ? (int64_t)done : ERR_AGAIN;
		if (wait_event(&slave->feeders, ldisc_has_room(&slave->ldisc), TIME_NEVER,
			       WAIT_INTERRUPTIBLE) != WAIT_OK)
			return done ? (int64_t)done : ERR_RESTARTSYS;
	}
}

static int64_t master_write(struct chardev_open *open, struct io_iter *from, uint64_t *pos)
{
	uint8_t chunk[CHUNK_BYTES];
	int64_t total = 0;

	(void)pos;
	while (io_iter_left(from)) {
		uint32_t wanted = (uint32_t)MIN(io_iter_left(from), CHUNK_BYTES);
		uint32_t count = (uint32_t)io_iter_read(from, chunk, wanted);
		int64_t typed = count ? master_type(open, chunk, count) : ERR_FAULT;

		if (typed < 0)
			return total ? total : typed;
		total += typed;
		if (typed < wanted)
			break;
	}
	return total;
}

static uint32_t master_poll(struct chardev_open *open, struct poll_wait *wait)
{
	struct pty *pty = master_of(open);
	uint32_t events = 0;

	poll_wait_add(wait, &pty->master);
	poll_wait_add(wait, &pty->slave.feeders);
	mutex_lock(&pty->slave.lock);
	if (pty_out_count(pty) || pty->events)
		events |= POLLIN | POLLRDNORM;
	if (pty->events)
		events |= POLLPRI;
	if (pty->slave_closed)
		events |= POLLHUP;
	if (ldisc_has_room(&pty->slave.ldisc))
		events |= POLLOUT | POLLWRNORM;
	mutex_unlock(&pty->slave.lock);
	return events;
}

static enum err master_signal(struct pty *pty, uint64_t signal)
{
	struct pid *group;

	if (signal != SIGINT && signal != SIGQUIT && signal != SIGTSTP)
		return ERR_INVAL;
	mutex_lock(&pty->slave.lock);
	group = pty->slave.foreground ? tty_pid_get(pty->slave.foreground) : NULL;
	mutex_unlock(&pty->slave.lock);
	if (group) {
		tty_signal_group(group, (unsigned)signal);
		tty_pid_put(group);
	}
	return OK;
}

/* What the master reads is what the slave sent, and the other way round. */
static enum err master_flush(struct pty *pty, uint64_t what)
{
	static const bool input[] = {false, true, true}, output[] = {true, false, true};

	if (what >= ARRAY_SIZE(input))
		return ERR_INVAL;
	tty_flush(&pty->slave, input[what], output[what]);
	return OK;
}

static enum err set_packet(struct pty *pty, bool on)
{
	if (on && !pty->packet)
		pty->events = 0;
	pty->packet = on;
	if (!on)
		pty->events = 0;
	return OK;
}

/* ERR_AGAIN: not one of the master's own. Context: the lock. */
static enum err master_ioctl_locked(struct pty *pty, uint32_t cmd, void *arg, uint64_t raw)
{
	uint32_t *number = arg;

	switch (cmd) {
	case TIOCGPTN:
		*number = pty->index;
		return OK;
	case TIOCSPTLCK:
		pty->locked = *number != 0;
		return OK;
	case TIOCGPTLCK:
		*number = pty->locked;
		return OK;
	case TIOCPKT:
		return set_packet(pty, *number != 0);
	case TIOCGPKT:
		*number = pty->packet;
		return OK;
	case FIONREAD:
		*number = pty_out_count(pty);
		return OK;
	case TIOCOUTQ:
		*number = 0;
		return OK;
	case TCFLSH:
		return master_flush(pty, raw);
	case TIOCEXCL:
	case TIOCNXCL:
	case TCXONC:
		return OK;
	case TIOCNOTTY:
		return ERR_NOTTY;
	default:
		return ERR_AGAIN;
	}
}

static enum err master_ioctl(struct chardev_open *open, uint32_t cmd, void *arg, uint64_t raw)
{
	struct pty *pty = master_of(open);
	enum err err;

	if (cmd == TIOCSIG)
		return master_signal(pty, raw);
	mutex_lock(&pty->slave.lock);
	err = master_ioctl_locked(pty, cmd, arg, raw);
	mutex_unlock(&pty->slave.lock);
	return err == ERR_AGAIN ? tty_ioctl_as(open, true, cmd, arg, raw) : err;
}

const struct chardev_ops pty_master_chardev = {
	.open = master_open,
	.release = master_release,
	.read = master_read,
	.write = master_write,
	.poll = master_poll,
	.ioctl = master_ioctl,
};

static struct chardev devices[] = {
	{.major = PTMX_MAJOR,
	 .minor = PTMX_MINOR,
	 .mode = 0666,
	 .name = "ptmx",
	 .ops = &pty_master_chardev},
	{.major = PTY_MAJOR, .minors = LIMIT_PTYS, .ops = &tty_slave_chardev},
};

enum err pty_init(void)
{
	enum err err = OK;

	for (size_t i = 0; i < ARRAY_SIZE(devices) && err == OK; i++)
		err = chardev_register(&devices[i]);
	return err;
}
