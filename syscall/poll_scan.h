/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What poll, select and their kin share: look at many files, sleep, look again. */
#include "kernel/sched/poll.h"
#include "syscall/user.h"

struct poll_scan {
	/*
	 * Looks at every file. With @wait each enters its queues and is left in @held, which has
	 * room for @count. Return: how many are ready, or an error that ends the call.
	 */
	int64_t (*look)(struct poll_scan *scan, struct poll_wait *wait, struct file **held);
	uint32_t count; /* files at most */
};

/**
 * Look; sleep until one is ready. Return: how many, what look() found wrong, 0 when time is up,
 * ERR_RESTARTNOHAND after a signal, ERR_NOMEM. Context: may sleep.
 */
int64_t poll_scan_wait(struct poll_scan *scan, uint64_t deadline_ns, bool may_sleep);

/* The events of @file; its reference goes to @held when there is a @wait, else it is dropped. */
static inline uint32_t poll_scan_file(struct file *file, struct poll_wait *wait, struct file **held)
{
	uint32_t events = file_poll(file, wait);

	if (wait)
		*held = file; /* NOLINT: given with each @wait */
	else
		file_put(file);
	return events;
}

/** A timespec pointer: NULL waits for ever, zero does not wait. */
enum err poll_timeout_get(struct uaddr at, uint64_t *deadline_ns, bool *may_sleep);

/** What is left of the time, as Linux writes it back; a fault changes nothing any more. */
void poll_timeout_put(struct uaddr at, uint64_t deadline_ns, uint64_t unit_ns);

/** The mask for the time of the call; a signal that ends it restores the old one afterwards. */
enum err poll_mask_begin(uint64_t set_at, uint64_t size);
int64_t poll_mask_end(int64_t result);
