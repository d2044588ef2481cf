/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Who gets the children of a process that ends: the nearest ancestor who asked, or PID 1. */
#include "proc/process.h"

/**
 * The nearest live ancestor of @process that is a subreaper, else PID 1; NULL before that has
 * started. Looks at ancestors only below a subreaper. Context: process_lock held.
 */
struct process *heir_of_locked(const struct process *process);

/**
 * prctl(PR_SET_CHILD_SUBREAPER): the running process asks for orphans among its descendants, those
 * that live already included, or asks no more. Context: thread.
 */
void subreaper_set(bool on);
