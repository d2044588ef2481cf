/* SPDX-License-Identifier: BSD-2-Clause */
/* Terminals as character devices. */
#include "drv/chardev.h"
#include "drv/ioctl.h"
#include "drv/tty/tty.h"
#include "drv/tty_hooks.h"

#define O_NOCTTY 0000400u

static int64_t dev_read(struct chardev_open *open, struct io_iter *to, uint64_t *pos)
{
	(void)pos;
	return tty_read(open->device, to, open->nonblock);
}

static int64_t dev_write(struct chardev_open *open, struct io_iter *from, uint64_t *pos)
{
	(void)pos;
	return tty_write(open->device, from, open->nonblock);
}

static uint32_t dev_poll(struct chardev_open *open, struct poll_wait *wait)
{
	return tty_poll(open->device, wait);
}

static enum err dev_ioctl(struct chardev_open *open, uint32_t cmd, void *arg, uint64_t raw)
{
	return tty_ioctl(open->device, cmd, arg, raw);
}

static struct tty *dev_tty(struct chardev_open *open)
{
	return open->device;
}

/* A session leader without a terminal that opens one gets it, unless it says O_NOCTTY. */
static enum err line_open(struct chardev_open *open, unsigned linux_flags)
{
	if (!(linux_flags & O_NOCTTY) && tty_current_session() && tty_current_is_leader() &&
	    !tty_of_current_session())
		(void)!tty_ioctl(open->device, TIOCSCTTY, NULL, 0);
	return OK;
}

/* /dev/tty stands for the caller's own terminal. */
static enum err own_open(struct chardev_open *open, unsigned linux_flags)
{
	struct tty *tty = tty_of_current_session();

	(void)linux_flags;
	if (!tty)
		return ERR_NXIO;
	open->device = tty;
	return OK;
}

const struct chardev_ops tty_line_chardev = {
	.open = line_open,
	.read = dev_read,
	.write = dev_write,
	.poll = dev_poll,
	.ioctl = dev_ioctl,
	.tty = dev_tty,
};

const struct chardev_ops tty_console_chardev = {
	.read = dev_read,
	.write = dev_write,
	.poll = dev_poll,
	.ioctl = dev_ioctl,
	.tty = dev_tty,
};

const struct chardev_ops tty_own_chardev = {
	.open = own_open,
	.read = dev_read,
	.write = dev_write,
	.poll = dev_poll,
	.ioctl = dev_ioctl,
	.tty = dev_tty,
};
