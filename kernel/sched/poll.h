/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Waiting for any of many queues: what poll(2) and its kin stand on. The caller hands in memory for
 * one waiter per queue; each object's poll operation adds itself with poll_wait_add() before it
 * looks at its state; then the caller sleeps and looks again.
 */
#include "kernel/sched/wait.h"

/* Linux's event bits. */
#define POLLIN     0x0001u
#define POLLPRI    0x0002u
#define POLLOUT    0x0004u
#define POLLERR    0x0008u
#define POLLHUP    0x0010u
#define POLLNVAL   0x0020u
#define POLLRDNORM 0x0040u
#define POLLRDBAND 0x0080u
#define POLLWRNORM 0x0100u
#define POLLWRBAND 0x0200u
#define POLLRDHUP  0x2000u

struct poll_wait {
	struct thread *thread;
	struct waiter *entries;
	size_t capacity;
	size_t used;
	uint32_t triggered; /* some queue woke this since poll_wait_begin */
	bool overflow;      /* an object wanted more entries than there are */
	/*
	 * Called instead of waking @thread: the waiters stay queued and nobody sleeps. Context: the
	 * queue's lock is held, interrupts are off.
	 */
	void (*notify)(struct poll_wait *wait, struct list_node *chains);
};

/** Start with @capacity waiters at @entries (uninitialised memory). Context: thread. */
void poll_wait_init(struct poll_wait *wait, struct waiter *entries, size_t capacity);

/* poll_wait_add() where there is something to add to. */
void poll_wait_enter(struct poll_wait *wait, struct wait_queue *queue);

/** Be woken by @queue too. @wait may be NULL: nothing happens. Context: no lock of LOCK_WAIT rank.
 */
static inline void poll_wait_add(struct poll_wait *wait, struct wait_queue *queue)
{
	if (wait)
		poll_wait_enter(wait, queue);
}

/**
 * Sleep until a queue has woken this since the last call. Returns at once if one did already.
 * Context: thread, may sleep.
 */
enum wait_result poll_wait_sleep(struct poll_wait *wait, uint64_t deadline_ns,
				 enum wait_class class);

/** Leave all queues. The entries may be freed afterwards. */
void poll_wait_finish(struct poll_wait *wait);

/** The same for one with notify, by any thread: nothing of notify runs any more after the return.
 */
void poll_wait_leave(struct poll_wait *wait);
