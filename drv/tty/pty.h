/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Pseudo terminals: opening /dev/ptmx makes a pair. The slave is a terminal like any other, whose
 * line is the master: what the slave sends the master reads, what the master writes is typed.
 * A pair's memory is charged to who opens the master.
 */
#include "kernel/lib/errors.h"

#define PTY_MAJOR  136u /* slaves: the minor is the index */
#define PTMX_MAJOR 5u
#define PTMX_MINOR 2u

/** Register /dev/ptmx and the slaves' numbers. Context: boot. */
enum err pty_init(void);
