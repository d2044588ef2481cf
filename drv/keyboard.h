/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A PC's own keyboard, behind the 8042 controller on interrupt 1: what is typed goes to typed.h. */
#include "kernel/lib/types.h"

/**
 * Bring the keyboard up, if there is a controller that answers. Every wait is bounded: a machine
 * without one, or with one that is stuck, costs a tenth of a second and has no keyboard.
 *
 * @expected: whether the firmware says that there is a controller.
 * Context: boot, after irq_init and time_init.
 */
void keyboard_init(bool expected);
