/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The terminals of a machine: the first serial port's and the screen's. */
#include "drv/tty/tty.h"

/** Make the screen a terminal and register /dev/tty1. Return: it, or NULL without a screen. */
struct tty *screen_tty_init(void);
