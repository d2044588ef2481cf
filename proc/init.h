/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Bringing processes up, and the first one. */
#include "kernel/lib/errors.h"

#define LIMIT_INIT_PATH 256

/** Context: boot, after fs_init. */
void proc_init(void);

/**
 * Start PID 1: the program of the boot word init=, else /init, /sbin/init, /etc/init, /bin/init or
 * /bin/sh. Boot words that the kernel does not know become its arguments and environment.
 * Return: OK; why nothing could be started (one line has been logged). Context: boot thread.
 */
enum err proc_start_init(const char *cmdline);
