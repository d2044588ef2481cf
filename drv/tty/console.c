/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: one terminal on COM1 and, where there is one, on a screen. */
#include "kernel/lib/compiler.h"

#include "drv/chardev.h"
#include "drv/serial.h"
#include "drv/tty/tty.h"
#include "kernel/sched/poll.h"
#include "mm/kstack.h"

#define CONSOLE_MAJOR 4u /* what /proc calls it: ttyS0 */
#define CONSOLE_MINOR 64u

#define WORKER_BYTES 64u

static struct tty console_tty;
static struct kthread console_worker;
static bool console_present;
static void (*console_mirror)(const uint8_t *bytes, uint32_t count) __ro_after_init;

struct tty *tty_console(void)
{
	return console_present ? &console_tty : NULL;
}

void tty_console_mirror(void (*show)(const uint8_t *bytes, uint32_t count))
{
	console_mirror = show;
}

static uint32_t console_write(struct tty *tty, const uint8_t *bytes, uint32_t count)
{
	void (*show)(const uint8_t *, uint32_t) = console_mirror;
	uint32_t taken = uart_write(tty->port, bytes, count);

	if (show && taken)
		show(bytes, taken);
	return taken;
}

static uint32_t console_room(const struct tty *tty)
{
	return uart_tx_room(tty->port);
}

static uint32_t console_queued(const struct tty *tty)
{
	const struct uart *uart = tty->port;

	return uart->tx.size - uart_tx_room(uart);
}

static const struct tty_line_ops console_line = {
	.write = console_write,
	.room = console_room,
	.queued = console_queued,
	.is_wire = true,
};

/* Sleeps until the port has bytes, or room for the echo that found none. */
static void console_wait(const struct tty *tty, struct uart *uart)
{
	struct waiter waiters[2];
	struct poll_wait wait;

	poll_wait_init(&wait, waiters, ARRAY_SIZE(waiters));
	poll_wait_add(&wait, &uart->rx_wait);
	if (tty->ldisc.echo_head != tty->ldisc.echo_tail)
		poll_wait_add(&wait, &uart->tx_wait);
	if (!uart_rx_count(uart))
		(void)poll_wait_sleep(&wait, TIME_NEVER, WAIT_KILLABLE);
	poll_wait_finish(&wait);
}

/* Moves received bytes from the port through the line discipline, as far as that has room. */
static void console_work(void *arg)
{
	struct tty *tty = arg;
	struct uart *uart = tty->port;
	uint8_t bytes[WORKER_BYTES];

	for (;;) {
		console_wait(tty, uart);
		(void)wait_event(&tty->feeders, ldisc_has_room(&tty->ldisc), TIME_NEVER,
				 WAIT_KILLABLE);
		uart_consume(uart, tty_receive(tty, bytes, uart_peek(uart, bytes, sizeof(bytes))));
	}
}

static struct chardev devices[] = {
	{.major = 5, .minor = 1, .mode = 0600, .name = "console", .ops = &tty_console_chardev},
	{.major = 5, .minor = 0, .mode = 0666, .name = "tty", .ops = &tty_own_chardev},
	{.major = CONSOLE_MAJOR,
	 .minor = CONSOLE_MINOR,
	 .mode = 0600,
	 .name = "ttyS0",
	 .ops = &tty_line_chardev},
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
	struct uart *uart = serial_com1();
	void *stack = kstack_alloc();

	if (!stack)
		return ERR_NOMEM;
	tty_setup(&console_tty, &console_line, uart, &uart->tx_wait);
	console_tty.major = CONSOLE_MAJOR;
	console_tty.minor = CONSOLE_MINOR;
	console_present = true;
	kthread_create(&console_worker, console_work, &console_tty, "tty", stack,
		       (char *)stack + KSTACK_SIZE);
	return tty_register();
}
