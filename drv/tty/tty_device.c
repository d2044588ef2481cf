/* SPDX-License-Identifier: BSD-2-Clause */
/* Terminals as character devices. */
#include "drv/tty/pty_internal.h"
#include "drv/tty_hooks.h"

#define O_NOCTTY 0000400u

static int64_t dev_read(struct chardev_open *open, struct io_iter *to, uint64_t *pos)
{
	(void)pos;
	return tty_read(open, to);
}

static int64_t dev_write(struct chardev_open *open, struct io_iter *from, uint64_t *pos)
{
	(void)pos;
	return tty_write(open, from);
}

static struct tty *dev_tty(struct chardev_open *open)
{
	return open->device;
}

/* A session leader without a terminal that opens one to read gets it, unless it says O_NOCTTY. */
static enum err line_open(struct chardev_open *open, unsigned linux_flags)
{
	enum err err = tty_file_open(open, true);

	if (err == OK && !(linux_flags & O_NOCTTY) && open->readable && tty_current_session())
		(void)!tty_set_controlling(open->device, false);
	return err;
}

static enum err console_open(struct chardev_open *open, unsigned linux_flags)
{
	(void)linux_flags;
	return tty_file_open(open, false);
}

/* /dev/tty stands for the caller's own terminal. */
static enum err own_open(struct chardev_open *open, unsigned linux_flags)
{
	struct tty *tty = tty_of_current_session();
	enum err err;

	(void)linux_flags;
	if (!tty)
		return ERR_NXIO;
	open->device = tty;
	err = tty_file_open(open, true);
	tty_put(tty);
	return err;
}

/* The slave of a pseudo terminal: which one the number says. */
static enum err slave_open(struct chardev_open *open, unsigned linux_flags)
{
	struct tty *slave = pty_find_slave(open->minor);
	enum err err;

	if (!slave)
		return ERR_IO;
	open->device = slave;
	err = line_open(open, linux_flags);
	tty_put(slave);
	return err;
}

const struct chardev_ops tty_line_chardev = {
	.open = line_open,
	.release = tty_file_close,
	.read = dev_read,
	.write = dev_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.tty = dev_tty,
};

const struct chardev_ops tty_console_chardev = {
	.open = console_open,
	.release = tty_file_close,
	.read = dev_read,
	.write = dev_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.tty = dev_tty,
};

const struct chardev_ops tty_own_chardev = {
	.open = own_open,
	.release = tty_file_close,
	.read = dev_read,
	.write = dev_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.tty = dev_tty,
};

const struct chardev_ops tty_slave_chardev = {
	.open = slave_open,
	.release = tty_file_close,
	.read = dev_read,
	.write = dev_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.tty = dev_tty,
};
