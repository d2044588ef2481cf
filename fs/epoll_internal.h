/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the files of epoll share. */
#include "fs/epoll.h"
#include "kernel/core/epoch.h"

/* Two queues a file: one for each direction. */
#define EPOLL_WAITERS 2u
/* Epolls that watch each other in a row; Linux's limit. */
#define EPOLL_ROW_MAX 5u

struct epoll {
	struct file *file; /* its own, uncounted */

	/* Under epoll_lock. */
	struct rb_tree items;
	struct list_node inner; /* items that watch epolls */
	uint64_t visited;       /* by which walk over the rows */
	uint32_t row;           /* what that walk found */

	struct spinlock ready_lock; /* LOCK_EPOLL_READY: the rest, and the items' state */
	struct list_node ready;
	uint64_t ready_count;

	struct wait_queue queue; /* who waits for this epoll, and polls of it */
	struct wait_chain chain;
	struct epoch_node epoch;
};

/* One watch of one file. */
struct epoll_item {
	struct refcount count;
	struct epoll *epoll;
	int32_t fd;

	/* Under epoll_lock. */
	struct rb_node node; /* epoll->items, by file and fd */
	struct list_node inner;
	struct epoll_item *next_watcher, **watcher_at; /* file->watchers */
	bool in_queues;                                /* its waiters are where they belong */
	struct poll_wait poll;
	struct waiter waiters[EPOLL_WAITERS];

	/* Under ready_lock. */
	struct file *file; /* uncounted; NULL: the watch has ended. Written under both locks */
	struct list_node ready;
	bool is_ready;
	uint32_t events;
	uint64_t data;
};

/* Guards the shape: which epoll watches which file. */
extern struct mutex epoll_lock;

static inline struct epoll *epoll_of(const struct file *file)
{
	return file->private;
}

/** Whether @outer may watch the epoll @inner. epoll_lock is held. Return: OK, ERR_LOOP. */
enum err epoll_check_row(struct epoll *outer, struct epoll *inner);

/* --- what is ready --- */

/** Add, remove; with ready_lock held. */
void epoll_ready_add(struct epoll_item *item);
void epoll_ready_remove(struct epoll_item *item);

/** Whether anything that may be ready is. */
bool epoll_any_ready(struct epoll *epoll);

/** Called by the file's wait queues. */
void epoll_notify(struct poll_wait *wait, struct list_node *chains);

void epoll_item_put(struct epoll_item *item);
