/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Defined by proc/oom.c. */
#include "kernel/lib/types.h"

/**
 * Memory is exhausted in a page fault: choose the largest process of the largest user and kill
 * it. The caller tries again when this returns true.
 *
 * Context: thread, may sleep; no space locked.
 * Return: false when nobody can be killed, or the caller itself was chosen.
 */
bool oom_kill_one(void);
