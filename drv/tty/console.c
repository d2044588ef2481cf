/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: one terminal on COM1 and, where there is one, on a screen. */
#include "kernel/lib/compiler.h"

#include "drv/chardev.h"
#include "drv/serial.h"
#include "drv/tty/tty.h"
#include "drv/tty_hooks.h"
#include "mm/kstack.h"

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

struct tty *tty_of_current_session(void)
{
	struct pid *session = tty_current_session();

	return console_present && session && READ_ONCE(console_tty.session) == session
		       ? &console_tty
		       : NULL;
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
};

/* Moves received bytes from the port through the line discipline, as far as it has room. */
static void tty_work(void *arg)
{
	struct tty *tty = arg;
	struct uart *uart = tty->port;
	uint8_t bytes[WORKER_BYTES];

	for (;;) {
		(void)wait_event(&uart->rx_wait, uart_rx_count(uart), TIME_NEVER,
				 WAIT_KILLABLE);
		uint32_t count = uart_peek(uart, bytes, 1);

		if (!count)
			continue;
		if (!ldisc_has_room(&tty->ldisc)) {
			(void)wait_until(time_now_ns() + 10 * NS_PER_MS, WAIT_KILLABLE);
			continue;
		}
		uart_consume(uart, count);
		tty_receive(tty, bytes, count);
	}
}

static struct chardev devices[] = {
	{.major = 5, .minor = 1, .mode = 0600, .name = "console", .ops = &tty_console_chardev},
	{.major = 5, .minor = 0, .mode = 0666, .name = "tty", .ops = &tty_own_chardev},
	{.major = 4, .minor = 64, .mode = 0600, .name = "ttyS0", .ops = &tty_line_chardev},
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
	console_present = true;
	kthread_create(&console_worker, tty_work, &console_tty, "tty", stack,
		       (char *)stack + KSTACK_SIZE);
	return tty_register();
}
