/* SPDX-License-Identifier: BSD-2-Clause */
/* The terminal on the first serial port, and which one is the console. */
#include "drv/tty/console.h"

#include "kernel/lib/compiler.h"

#include "drv/chardev.h"
#include "drv/serial.h"
#include "kernel/sched/poll.h"
#include "mm/kstack.h"

#define SERIAL_MAJOR 4u
#define SERIAL_MINOR 64u

#define WORKER_BYTES 64u

static struct tty serial_tty;
static struct kthread serial_worker;
static struct tty *console;

struct tty *tty_console(void)
{
	return console;
}

static uint32_t serial_write(struct tty *tty, const uint8_t *bytes, uint32_t count)
{
	return uart_write(tty->port, bytes, count);
}

static uint32_t serial_room(const struct tty *tty)
{
	return uart_tx_room(tty->port);
}

static uint32_t serial_queued(const struct tty *tty)
{
	const struct uart *uart = tty->port;

	return uart->tx.size - uart_tx_room(uart);
}

static const struct tty_line_ops serial_line = {
	.write = serial_write,
	.room = serial_room,
	.queued = serial_queued,
	.is_wire = true,
};

/* Sleeps until the port has bytes, or room for the echo that found none. */
static void serial_wait(const struct tty *tty, struct uart *uart)
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
static void serial_work(void *arg)
{
	struct tty *tty = arg;
	struct uart *uart = tty->port;
	uint8_t bytes[WORKER_BYTES];

	for (;;) {
		serial_wait(tty, uart);
		(void)wait_event(&tty->feeders, ldisc_has_room(&tty->ldisc), TIME_NEVER,
				 WAIT_KILLABLE);
		uart_consume(uart, tty_receive(tty, bytes, uart_peek(uart, bytes, sizeof(bytes))));
	}
}

static struct chardev devices[] = {
	{.major = 5, .minor = 1, .mode = 0600, .name = "console", .ops = &tty_console_chardev},
	{.major = 5, .minor = 0, .mode = 0666, .name = "tty", .ops = &tty_own_chardev},
};

static struct chardev serial_device = {
	.major = SERIAL_MAJOR,
	.minor = SERIAL_MINOR,
	.mode = 0600,
	.name = "ttyS0",
	.ops = &tty_line_chardev,
	.device = &serial_tty,
};

static enum err register_console(void)
{
	enum err err = OK;

	for (size_t i = 0; i < ARRAY_SIZE(devices) && err == OK; i++) {
		devices[i].device = console;
		err = chardev_register(&devices[i]);
	}
	return err;
}

static enum err serial_tty_init(struct uart *uart)
{
	char *stack = kstack_alloc();

	if (!stack)
		return ERR_NOMEM;
	tty_setup(&serial_tty, &serial_line, uart, &uart->tx_wait);
	serial_tty.major = SERIAL_MAJOR;
	serial_tty.minor = SERIAL_MINOR;
	kthread_create(&serial_worker, serial_work, &serial_tty, "tty", stack, stack + KSTACK_SIZE);
	console = &serial_tty;
	return chardev_register(&serial_device);
}

/* A machine with neither has a serial terminal all the same: its output goes nowhere. */
enum err tty_init(void)
{
	struct uart *uart = serial_com1();
	enum err err = OK;

	console = screen_tty_init();
	if (uart->present || !console)
		err = serial_tty_init(uart);
	return err == OK ? register_console() : err;
}
