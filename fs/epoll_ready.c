/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may be ready: items go to the list when their file stirs, and leave it when a look finds
 * nothing. No lock is held while a file is looked at: the item and the file are counted instead.
 */
#include "fs/epoll_internal.h"

/* Bits that are no events. */
#define PRIVATE_BITS (EPOLL_ONESHOT | EPOLL_EDGE | EPOLL_WAKEUP | EPOLL_EXCLUSIVE)

/* An item off the list, with its file (NULL: closing) and what was asked of it then. */
struct look {
	struct epoll_item *item;
	struct file *file;
	struct epoll_event asked;
};

void epoll_ready_add(struct epoll_item *item)
{
	struct epoll *epoll = item->epoll;

	if (item->is_ready || !item->file || !(item->events & ~PRIVATE_BITS))
		return;
	list_add_tail(&epoll->ready, &item->ready);
	item->is_ready = true;
	epoll->ready_count++;
}

void epoll_ready_remove(struct epoll_item *item)
{
	if (!item->is_ready)
		return;
	list_remove(&item->ready);
	item->is_ready = false;
	item->epoll->ready_count--;
}

void epoll_notify(struct poll_wait *wait, struct list_node *chains)
{
	struct epoll_item *item = container_of(wait, struct epoll_item, poll);
	struct epoll *epoll = item->epoll;

	spin_lock(&epoll->ready_lock);
	epoll_ready_add(item);
	spin_unlock(&epoll->ready_lock);
	wait_chain_add(&epoll->chain, chains);
}

static bool take_first(struct epoll *epoll, struct look *look)
{
	uint64_t flags = spin_lock_irqsave(&epoll->ready_lock);
	bool found = !list_empty(&epoll->ready);

	if (found) {
		struct epoll_item *item = list_first(&epoll->ready, struct epoll_item, ready);

		epoll_ready_remove(item);
		refcount_get(&item->count);
		look->item = item;
		look->file = item->file;
		look->asked = (struct epoll_event){item->events, item->data};
		if (!refcount_get_unless_zero(&item->file->object.count))
			look->file = NULL;
	}
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
	return found;
}

/* Looks at the file itself, and lets it go. */
static uint32_t events_of(const struct look *look)
{
	uint32_t events;

	if (!look->file)
		return 0;
	events = file_poll(look->file, NULL) & look->asked.events;
	file_put(look->file);
	return events;
}

static void put_back(struct epoll_item *item)
{
	struct epoll *epoll = item->epoll;
	uint64_t flags = spin_lock_irqsave(&epoll->ready_lock);

	epoll_ready_add(item);
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
}

/* Behind a report: once only is over, a level stays in the list until it is found low. */
static void settle(const struct look *look)
{
	struct epoll_item *item = look->item;
	uint64_t flags = spin_lock_irqsave(&item->epoll->ready_lock);

	/* Who changed the watch meanwhile has looked for himself. */
	if (item->events == look->asked.events && item->events & EPOLL_ONESHOT) {
		item->events &= PRIVATE_BITS;
		epoll_ready_remove(item);
	} else if (!(item->events & EPOLL_EDGE)) {
		epoll_ready_add(item);
	}
	spin_unlock_irqrestore(&item->epoll->ready_lock, flags);
}

static enum err report(struct look *look, uint32_t events, struct io_iter *out)
{
	const struct epoll_event event = {events, look->asked.data};

	if (io_iter_write(out, &event, sizeof(event)) != sizeof(event)) {
		put_back(look->item);
		return ERR_FAULT;
	}
	settle(look);
	return OK;
}

/* One look at each that is in the list now. */
static int64_t collect(struct epoll *epoll, struct io_iter *out, uint32_t max)
{
	uint64_t left = READ_ONCE(epoll->ready_count);
	int64_t found = 0;
	enum err err = OK;
	struct look look;

	while (left-- && found < max && err == OK && take_first(epoll, &look)) {
		uint32_t events = events_of(&look);

		if (events)
			err = report(&look, events, out);
		found += events && err == OK;
		epoll_item_put(look.item);
	}
	/* What was woken for one of several goes on with the next. */
	if (READ_ONCE(epoll->ready_count))
		wait_wake_one(&epoll->queue);
	return found || err == OK ? found : err;
}

int64_t epoll_wait(struct file *file, struct io_iter *out, uint32_t max, uint64_t deadline_ns,
		   bool may_sleep)
{
	struct epoll *epoll = epoll_of(file);
	enum wait_result result = WAIT_OK;
	int64_t found;

	for (;;) {
		found = READ_ONCE(epoll->ready_count) ? collect(epoll, out, max) : 0;
		if (found || !may_sleep || result == WAIT_TIMEDOUT)
			return found;
		if (result == WAIT_INTR)
			return ERR_INTR;
		result = wait_event(&epoll->queue, READ_ONCE(epoll->ready_count), deadline_ns,
				    WAIT_INTERRUPTIBLE);
	}
}

bool epoll_any_ready(struct epoll *epoll)
{
	uint64_t left = READ_ONCE(epoll->ready_count);
	bool found = false;
	struct look look;

	while (left-- && !found && take_first(epoll, &look)) {
		found = events_of(&look) != 0;
		if (found)
			put_back(look.item);
		epoll_item_put(look.item);
	}
	return found;
}
