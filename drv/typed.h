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

/** Ctrl-Alt-Del was pressed. Context: any, interrupts too. */
void typed_put_reboot(void);

/** Whether it was, once for each time that was noticed. */
bool typed_take_reboot(void);

/** Whether there is anything to be taken: a hint. */
bool typed_waiting(void);

/** Take up to @size bytes. Context: any. Return: the count. */
uint32_t typed_take(uint8_t *bytes, uint32_t size);

/** Woken when there is. */
struct wait_queue *typed_wait(void);
