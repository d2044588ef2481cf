/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/serial.h"

#include "kernel/lib/bits.h"

#include "drv/chardev.h"
#include "kernel/core/console.h"
#include "kernel/core/early_serial.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"
#include "kernel/sched/mutex.h"
#include "kernel/sched/poll.h"
#include "mm/io_iter.h"
#include "mm/slab.h"

#define COM1_PORT 0x3f8
#define COM1_LINE 4
#define COM2_PORT 0x2f8
#define COM2_LINE 3

#define COM1_RX_BYTES 4096u
#define COM1_TX_BYTES 8192u
/* Large: one grant of the agent's credit (64 KiB) fits twice. */
#define COM2_RX_BYTES 131072u
#define COM2_TX_BYTES 65536u

#define CHUNK_BYTES 512u

static struct uart com1;
static struct uart com2;
static uint8_t com1_rx[COM1_RX_BYTES];
static uint8_t com1_tx[COM1_TX_BYTES];
static struct mutex com2_readers;

struct uart *serial_com1(void)
{
	return &com1;
}

static void serial_log(const char *text, size_t len)
{
	if (panic_in_progress())
		early_serial_write(text, len);
	else
		uart_write_all(&com1, text, len);
}

static int64_t com2_read_some(struct io_iter *to)
{
	uint8_t chunk[CHUNK_BYTES];
	int64_t total = 0;

	while (io_iter_left(to)) {
		uint32_t count =
			uart_peek(&com2, chunk, (uint32_t)MIN(io_iter_left(to), CHUNK_BYTES));
		uint32_t moved;

		if (!count)
			break;
		moved = (uint32_t)io_iter_write(to, chunk, count);
		uart_consume(&com2, moved);
		total += moved;
		if (moved < count)
			return total ? total : ERR_FAULT;
	}
	return total;
}

static int64_t com2_read(struct chardev_open *open, struct io_iter *to, uint64_t *pos)
{
	int64_t result;

	(void)pos;
	do {
		if (!uart_rx_count(&com2) && open->nonblock)
			return ERR_AGAIN;
		if (wait_event(&com2.rx_wait, uart_rx_count(&com2), TIME_NEVER,
			       WAIT_INTERRUPTIBLE) != WAIT_OK)
			return ERR_RESTARTSYS;
		mutex_lock(&com2_readers);
		result = com2_read_some(to);
		mutex_unlock(&com2_readers);
	} while (result == 0 && io_iter_left(to));
	return result;
}

/* Queues all of a chunk; false when a signal came first, @done then says how far it got. */
static bool com2_write_chunk(const uint8_t *chunk, uint32_t count, uint32_t *done)
{
	for (*done = 0; *done < count;) {
		*done += uart_write(&com2, chunk + *done, count - *done);
		if (*done < count && wait_event(&com2.tx_wait, uart_tx_room(&com2), TIME_NEVER,
						WAIT_INTERRUPTIBLE) != WAIT_OK)
			return false;
	}
	return true;
}

/* A function: the room is looked at once, while the interrupt makes more of it. */
static uint32_t at_most(uint32_t wanted, uint32_t room)
{
	return MIN(wanted, room);
}

static int64_t com2_write(struct chardev_open *open, struct io_iter *from, uint64_t *pos)
{
	uint8_t chunk[CHUNK_BYTES];
	int64_t total = 0;

	(void)pos;
	while (io_iter_left(from)) {
		uint32_t wanted = (uint32_t)MIN(io_iter_left(from), CHUNK_BYTES);
		uint32_t count, done;

		if (open->nonblock)
			wanted = at_most(wanted, uart_tx_room(&com2));
		if (!wanted)
			return total ? total : ERR_AGAIN;
		count = (uint32_t)io_iter_read(from, chunk, wanted);
		if (!count)
			return total ? total : ERR_FAULT;
		bool all = com2_write_chunk(chunk, count, &done);

		total += done;
		if (!all)
			return total ? total : ERR_RESTARTSYS;
		if (count < wanted)
			break;
	}
	return total;
}

static uint32_t com2_poll(struct chardev_open *open, struct poll_wait *wait)
{
	uint32_t events = 0;

	(void)open;
	poll_wait_add(wait, &com2.rx_wait);
	poll_wait_add(wait, &com2.tx_wait);
	if (uart_rx_count(&com2))
		events |= POLLIN | POLLRDNORM;
	if (uart_tx_room(&com2))
		events |= POLLOUT | POLLWRNORM;
	return events;
}

static const struct chardev_ops com2_ops = {
	.read = com2_read,
	.write = com2_write,
	.poll = com2_poll,
};

static struct chardev com2_device = {
	.major = 4,
	.minor = 65,
	.mode = 0600,
	.name = "ttyS1",
	.ops = &com2_ops,
	.device = &com2,
};

static void com2_init(void)
{
	void *rx = kmalloc(COM2_RX_BYTES);
	void *tx = kmalloc(COM2_TX_BYTES);
	enum err err = ERR_NOMEM;

	mutex_init(&com2_readers, LOCK_DEVICE);
	if (rx && tx)
		err = uart_init(&com2, COM2_PORT, COM2_LINE,
				(struct uart_ring){.bytes = rx, .size = COM2_RX_BYTES},
				(struct uart_ring){.bytes = tx, .size = COM2_TX_BYTES});
	if (err == OK)
		err = chardev_register(&com2_device);
	if (err == OK)
		return;
	kfree(rx);
	kfree(tx);
	log_info("serial", "no COM2: %s", err_text(err));
}

void serial_init(void)
{
	enum err err = uart_init(&com1, COM1_PORT, COM1_LINE,
				 (struct uart_ring){.bytes = com1_rx, .size = COM1_RX_BYTES},
				 (struct uart_ring){.bytes = com1_tx, .size = COM1_TX_BYTES});

	if (err == OK)
		console_set_output(serial_log);
	else
		log_info("serial", "no COM1: %s", err_text(err));
	com2_init();
}
