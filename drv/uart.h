/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * 16550 serial ports by interrupts, 115200 8N1, FIFO on. Received bytes stand in a ring until they
 * are taken; a full ring stops the receiver, the FIFO fills and the other side is held off: nothing
 * is dropped. Bytes to send stand in a second ring.
 */
#include "kernel/core/spinlock.h"
#include "kernel/sched/wait.h"

/* A ring of a power of two bytes. */
struct uart_ring {
	uint8_t *bytes;
	uint32_t size;
	uint32_t head; /* next to be filled */
	uint32_t tail; /* next to be taken */
};

struct uart {
	uint16_t port;
	uint8_t enabled; /* the interrupt enable register */
	bool present;
	struct spinlock lock; /* LOCK_UART */
	struct uart_ring rx;
	struct uart_ring tx;
	struct wait_queue rx_wait; /* woken when bytes have come */
	struct wait_queue tx_wait; /* woken when room has come */
	uint64_t overruns;         /* bytes that the hardware lost */
};

/**
 * Bring up the port at @port on ISA line @isa_line; @rx and @tx are empty rings (sizes: powers
 * of two). Return: OK; ERR_NODEV without a port; else what the line said. After an error the port
 * never gives a byte and swallows what is written. Context: boot.
 */
enum err uart_init(struct uart *uart, uint16_t port, unsigned isa_line, struct uart_ring rx,
		   struct uart_ring tx);

/** Bytes waiting to be read; room for bytes to send. Context: any; hints. */
uint32_t uart_rx_count(const struct uart *uart);
uint32_t uart_tx_room(const struct uart *uart);

/** Copy up to @size received bytes without taking them. Context: one reader at a time. */
uint32_t uart_peek(struct uart *uart, void *to, uint32_t size);

/** Take @count bytes that were peeked at. Starts a receiver that a full ring had stopped. */
void uart_consume(struct uart *uart, uint32_t count);

/** Queue up to @size bytes; how many were accepted. Context: any. */
uint32_t uart_write(struct uart *uart, const void *from, uint32_t size);

/** Send all of @text, waiting for the hardware by polling where the ring is full. Context: any. */
void uart_write_all(struct uart *uart, const char *text, size_t len);
