/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The two serial ports of a PC: COM1 carries the console (log, /dev/console, /dev/ttyS0), COM2 is
 * /dev/ttyS1, a raw byte device for the agent.
 */
#include "drv/uart.h"

/** COM1; without the port its output goes nowhere and no input comes. */
struct uart *serial_com1(void);

/** Bring up both ports and register /dev/ttyS1. Context: boot, after irq_init and the slabs. */
void serial_init(void);
