/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Walking the chain of frame pointers. Everything is built with them. */
#include "kernel/lib/types.h"

#define BACKTRACE_MAX 24u

/**
 * Collect return addresses from the frame at @rbp on.
 *
 * The chain may be broken: it is followed upwards only, aligned, inside one stack's reach and
 * inside the kernel half.
 *
 * Return: how many were written to @out, at most @max. Context: any; takes no lock.
 */
unsigned backtrace_collect(uint64_t rbp, uint64_t *out, unsigned max);
