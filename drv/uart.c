/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/uart.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/irq.h"
#include "kernel/x86/io.h"

#define UART_DATA    0
#define UART_IER     1
#define UART_IIR     2
#define UART_FCR     2
#define UART_LCR     3
#define UART_MCR     4
#define UART_LSR     5
#define UART_MSR     6
#define UART_SCRATCH 7

#define IER_RX 0x01u
#define IER_TX 0x02u

#define IIR_NONE 0x01u

#define LSR_RX       0x01u
#define LSR_OVERRUN  0x02u
#define LSR_TX_EMPTY 0x20u

#define UART_FIFO_BYTES 16u
/* Rounds of one interrupt; what is left raises the next. */
#define UART_IRQ_ROUNDS 64u
#define UART_POLL_LIMIT 200000u

static uint32_t ring_count(const struct uart_ring *ring)
{
	/* Who takes without the lock sees the bytes that stand before the head. */
	return __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) - READ_ONCE(ring->tail);
}

static uint32_t ring_room(const struct uart_ring *ring)
{
	return ring->size - ring_count(ring);
}

static void ring_put(struct uart_ring *ring, uint8_t byte)
{
	ring->bytes[ring->head & (ring->size - 1)] = byte;
	__atomic_store_n(&ring->head, ring->head + 1, __ATOMIC_RELEASE);
}

static uint8_t ring_take(struct uart_ring *ring)
{
	uint8_t byte = ring->bytes[ring->tail & (ring->size - 1)];

	WRITE_ONCE(ring->tail, ring->tail + 1);
	return byte;
}

/* Two copies at most: up to the end of the memory, and from its start. */
static void ring_copy_in(struct uart_ring *ring, const uint8_t *from, uint32_t count)
{
	uint32_t at = ring->head & (ring->size - 1);
	uint32_t first = MIN(count, ring->size - at);

	memcpy(ring->bytes + at, from, first);
	memcpy(ring->bytes, from + first, count - first);
	__atomic_store_n(&ring->head, ring->head + count, __ATOMIC_RELEASE);
}

static void ring_copy_out(const struct uart_ring *ring, uint8_t *to, uint32_t count)
{
	uint32_t at = ring->tail & (ring->size - 1);
	uint32_t first = MIN(count, ring->size - at);

	memcpy(to, ring->bytes + at, first);
	memcpy(to + first, ring->bytes, count - first);
}

static void uart_enable(struct uart *uart, uint8_t enabled)
{
	if (uart->enabled == enabled)
		return;
	uart->enabled = enabled;
	outb((uint16_t)(uart->port + UART_IER), enabled);
}

/* Context of the three: the lock. */
static bool uart_receive(struct uart *uart, uint8_t status)
{
	bool got = false;

	while (status & LSR_RX) {
		if (!ring_room(&uart->rx)) {
			uart_enable(uart, uart->enabled & (uint8_t)~IER_RX);
			break;
		}
		uart->overruns += (status & LSR_OVERRUN) != 0;
		ring_put(&uart->rx, inb((uint16_t)(uart->port + UART_DATA)));
		got = true;
		status = inb((uint16_t)(uart->port + UART_LSR));
	}
	return got;
}

/* Fills the empty FIFO; true when the ring got room. */
static bool uart_transmit(struct uart *uart)
{
	uint32_t count = MIN(ring_count(&uart->tx), UART_FIFO_BYTES);

	for (uint32_t i = 0; i < count; i++)
		outb((uint16_t)(uart->port + UART_DATA), ring_take(&uart->tx));
	uart_enable(uart, ring_count(&uart->tx) ? uart->enabled | IER_TX
						: uart->enabled & (uint8_t)~IER_TX);
	return count != 0;
}

/* Starts sending. Where the interrupt is awaited already it goes on by that alone: only that wakes
 * who waits for the ring to empty. */
static void uart_kick(struct uart *uart)
{
	if (!ring_count(&uart->tx) || uart->enabled & IER_TX)
		return;
	if (inb((uint16_t)(uart->port + UART_LSR)) & LSR_TX_EMPTY)
		uart_transmit(uart);
	else
		uart_enable(uart, uart->enabled | IER_TX);
}

static bool uart_interrupt(void *arg)
{
	struct uart *uart = arg;
	bool received = false;
	bool sent = false;
	bool asked = false;

	spin_lock(&uart->lock);
	/* The line is edge-triggered: it must be seen low, or the next edge never comes. */
	for (unsigned i = 0; i < UART_IRQ_ROUNDS; i++) {
		if (inb((uint16_t)(uart->port + UART_IIR)) & IIR_NONE)
			break;
		asked = true;
		uint8_t status = inb((uint16_t)(uart->port + UART_LSR));

		received |= uart_receive(uart, status);
		if (status & LSR_TX_EMPTY)
			sent |= uart_transmit(uart);
		inb((uint16_t)(uart->port + UART_MSR));
	}
	spin_unlock(&uart->lock);
	if (received)
		wait_wake_all(&uart->rx_wait);
	if (sent && ring_room(&uart->tx) >= uart->tx.size / 2)
		wait_wake_all(&uart->tx_wait);
	return asked;
}

static bool uart_probe(uint16_t port)
{
	outb((uint16_t)(port + UART_SCRATCH), 0xa5);
	return inb((uint16_t)(port + UART_SCRATCH)) == 0xa5;
}

static void uart_setup(const struct uart *uart)
{
	outb((uint16_t)(uart->port + UART_IER), 0);
	outb((uint16_t)(uart->port + UART_LCR), 0x80);
	outb((uint16_t)(uart->port + UART_DATA), 1);
	outb((uint16_t)(uart->port + UART_IER), 0);
	outb((uint16_t)(uart->port + UART_LCR), 0x03);
	outb((uint16_t)(uart->port + UART_FCR), 0xc7); /* both FIFOs cleared, trigger at 14 */
	outb((uint16_t)(uart->port + UART_MCR), 0x0b);
}

enum err uart_init(struct uart *uart, uint16_t port, unsigned isa_line, struct uart_ring rx,
		   struct uart_ring tx)
{
	enum err err;

	ASSERT(is_power_of_two(rx.size) && is_power_of_two(tx.size));
	*uart = (struct uart){.port = port, .rx = rx, .tx = tx};
	spin_init(&uart->lock, LOCK_UART);
	wait_queue_init(&uart->rx_wait);
	wait_queue_init(&uart->tx_wait);
	if (!uart_probe(port))
		return ERR_NODEV;
	uart_setup(uart);
	err = irq_register_isa(isa_line, uart_interrupt, uart);
	if (err != OK)
		return err;
	uart->present = true;
	uint64_t flags = spin_lock_irqsave(&uart->lock);

	uart_enable(uart, IER_RX);
	spin_unlock_irqrestore(&uart->lock, flags);
	return OK;
}

uint32_t uart_rx_count(const struct uart *uart)
{
	return ring_count(&uart->rx);
}

uint32_t uart_tx_room(const struct uart *uart)
{
	return ring_room(&uart->tx);
}

uint32_t uart_peek(struct uart *uart, void *to, uint32_t size)
{
	uint32_t have = ring_count(&uart->rx);
	uint32_t count = MIN(size, have);

	/* The interrupt only adds behind head: what stands before it is stable without the lock. */
	ring_copy_out(&uart->rx, to, count);
	return count;
}

void uart_consume(struct uart *uart, uint32_t count)
{
	uint64_t flags = spin_lock_irqsave(&uart->lock);

	ASSERT(count <= ring_count(&uart->rx));
	WRITE_ONCE(uart->rx.tail, uart->rx.tail + count);
	/* Started again only with some room, so that a slow reader does not toggle it per byte. */
	if (!(uart->enabled & IER_RX) && ring_room(&uart->rx) >= uart->rx.size / 4)
		uart_enable(uart, uart->enabled | IER_RX);
	spin_unlock_irqrestore(&uart->lock, flags);
}

uint32_t uart_write(struct uart *uart, const void *from, uint32_t size)
{
	if (!uart->present)
		return size;
	uint64_t flags = spin_lock_irqsave(&uart->lock);
	uint32_t count = MIN(size, ring_room(&uart->tx));

	ring_copy_in(&uart->tx, from, count);
	uart_kick(uart);
	spin_unlock_irqrestore(&uart->lock, flags);
	return count;
}

/* Waits, bounded, until the FIFO is empty and fills it. Context: the lock. */
static void uart_push_polled(struct uart *uart)
{
	for (unsigned i = 0; i < UART_POLL_LIMIT; i++) {
		if (inb((uint16_t)(uart->port + UART_LSR)) & LSR_TX_EMPTY) {
			uart_transmit(uart);
			return;
		}
		cpu_relax();
	}
	uart->tx.tail = uart->tx.head; /* dead: what stands in the ring is lost */
}

void uart_write_all(struct uart *uart, const char *text, size_t len)
{
	uint64_t flags = spin_lock_irqsave(&uart->lock);

	for (size_t i = 0; i < len; i++) {
		while (ring_room(&uart->tx) < 2)
			uart_push_polled(uart);
		if (text[i] == '\n')
			ring_put(&uart->tx, '\r');
		ring_put(&uart->tx, (uint8_t)text[i]);
	}
	uart_kick(uart);
	spin_unlock_irqrestore(&uart->lock, flags);
}
