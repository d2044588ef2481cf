/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Taking CPUs out while the system runs, and bringing them back. One that is out is held by INIT:
 * it executes nothing. CPU 0 stays. What was to run there goes to others: waiting threads (whose
 * affinity is widened if no CPU of it is left), timers, what its caches keep.
 */
#include "kernel/lib/errors.h"

/**
 * Take CPU @id out. Nothing to do when it is out.
 * Return: OK; ERR_BUSY for CPU 0 and for the home of a SCHED_DEADLINE thread; ERR_NODEV for one
 * that never took part; ERR_NOMEM. Context: thread, may sleep; no mutex of LOCK_DEVICE's rank or
 * above held.
 */
enum err cpu_offline(unsigned id);

/**
 * Bring CPU @id back. Nothing to do when it takes part.
 * Return: as above; ERR_TIMEDOUT, ERR_IO: it does not come up again as it was, and stays out.
 */
enum err cpu_online(unsigned id);
