/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Bringing processes up, and the first one. */
#include "kernel/lib/errors.h"

/** Context: boot, after fs_init. */
void proc_init(void);

/**
 * Take PID 1's path (boot word init=), arguments and environment (the words that the kernel does
 * not know) out of the command line, which goes away with boot. Context: boot.
 */
void proc_prepare_init(const char *cmdline);

/**
 * Start PID 1: what init= names, else /init, /sbin/init, /etc/init, /bin/init or /bin/sh.
 * Return: OK; why nothing could be started (one line has been logged). Context: kernel thread.
 */
enum err proc_start_init(void);
