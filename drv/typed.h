/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Bytes on their way to the screen's terminal: what keys send, and what the terminal answers to a
 * program's query. Bounded; what finds no room is lost, as with a PC's own keyboard buffer.
 */
#include "kernel/lib/types.h"

#include "kernel/sched/wait.h"

/** Add bytes, all or none of them. Context: any, interrupts too. */
void typed_put(const uint8_t *bytes, uint32_t count);

/** How many wait to be taken: a hint. */
uint32_t typed_count(void);

/** Take up to @size bytes. Context: any. Return: the count. */
uint32_t typed_take(uint8_t *bytes, uint32_t size);

/** Woken when bytes have come. */
struct wait_queue *typed_wait(void);
