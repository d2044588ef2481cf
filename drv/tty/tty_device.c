/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/chardev.h"
#include "drv/ioctl.h"
#include "drv/serial.h"
#include "drv/tty/tty.h"
#include "drv/tty_hooks.h"
#include "kernel/core/log.h"
#include "mm/io_iter.h"
#include "mm/kstack.h"

#define O_NOCTTY 0000400u

#define WORKER_BYTES 64u

static struct tty console_tty;
static bool console_present;

struct tty *tty_console(void)
{
	return console_present ? &console_tty : NULL;
}

struct tty *tty_of_current_session(void)
{
	struct pid *session = tty_current_session();

	return console_present && session && READ_ONCE(console_tty.session) == session
		       ? &console_tty
		       : NULL;
}

/* Moves received bytes from the port through the line discipline, as far as it has room. */
static void tty_work(void *arg)
{
	struct tty *tty = arg;
	uint8_t bytes[WORKER_BYTES];

	for (;;) {
		(void)wait_event(&tty->uart->rx_wait, uart_rx_count(tty->uart), TIME_NEVER,
				 WAIT_KILLABLE);
		uint32_t count = uart_peek(tty->uart, bytes, 1);

		if (!count)
			continue;
		if (!ldisc_has_room(&tty->ldisc)) {
			(void)wait_until(time_now_ns() + 10 * NS_PER_MS, WAIT_KILLABLE);
			continue;
		}
		uart_consume(tty->uart, count);
		tty_receive(tty, bytes, count);
	}
}

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

static const struct chardev_ops line_ops = {
	.open = line_open,
	.read = dev_read,
	.write = dev_write,
	.poll = dev_poll,
	.ioctl = dev_ioctl,
	.tty = dev_tty,
};

/* The console is nobody's controlling terminal by being opened: Linux's rule. */
static const struct chardev_ops console_ops = {
	.read = dev_read,
	.write = dev_write,
	.poll = dev_poll,
	.ioctl = dev_ioctl,
	.tty = dev_tty,
};

static const struct chardev_ops own_ops = {
	.open = own_open,
	.read = dev_read,
	.write = dev_write,
	.poll = dev_poll,
	.ioctl = dev_ioctl,
	.tty = dev_tty,
};

static struct chardev devices[] = {
	{.major = 5, .minor = 1, .mode = 0600, .name = "console", .ops = &console_ops},
	{.major = 5, .minor = 0, .mode = 0666, .name = "tty", .ops = &own_ops},
	{.major = 4, .minor = 64, .mode = 0600, .name = "ttyS0", .ops = &line_ops},
};

static enum err tty_register(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		enum err err;

		devices[i].device = &console_tty;
		err = chardev_register(&devices[i]);
		if (err != OK)
			return err;
	}
	return OK;
}

enum err tty_init(void)
{
	struct tty *tty = &console_tty;
	void *stack;

	stack = kstack_alloc();
	if (!stack)
		return ERR_NOMEM;
	tty->uart = serial_com1();
	mutex_init(&tty->lock, LOCK_TTY);
	ldisc_init(&tty->ldisc);
	wait_queue_init(&tty->readers);
	wait_queue_init(&tty->writers);
	console_present = true;
	kthread_create(&tty->worker, tty_work, tty, "tty", stack, (char *)stack + KSTACK_SIZE);
	return tty_register();
}
