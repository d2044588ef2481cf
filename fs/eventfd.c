/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/eventfd.h"

#include "fs/anon.h"
#include "mm/slab.h"

#define COUNT_MAX (UINT64_MAX - 1)

struct eventfd {
	struct spinlock lock; /* LOCK_EVENT */
	uint64_t count;
	bool semaphore;
	struct wait_queue readable; /* readers, and polls */
	struct wait_queue writable;
};

static SLAB_CACHE(eventfd_cache, struct eventfd);

/* Takes what a read gets; 0: nothing is there. */
static uint64_t take(struct eventfd *event)
{
	uint64_t flags = spin_lock_irqsave(&event->lock);
	uint64_t value = event->count && event->semaphore ? 1 : event->count;

	event->count -= value;
	spin_unlock_irqrestore(&event->lock, flags);
	return value;
}

static int64_t eventfd_read(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	struct eventfd *event = file->private;
	uint64_t value;

	(void)pos;
	if (io_iter_left(iter) < sizeof(value))
		return ERR_INVAL;
	while (!(value = take(event))) {
		if (file->flags & O_NONBLOCK)
			return ERR_AGAIN;
		if (wait_event(&event->readable, READ_ONCE(event->count), TIME_NEVER,
			       WAIT_INTERRUPTIBLE) == WAIT_INTR)
			return ERR_RESTARTSYS;
	}
	wait_wake_all(&event->writable);
	return io_iter_write(iter, &value, sizeof(value)) == sizeof(value) ? (int64_t)sizeof(value)
									   : ERR_FAULT;
}

/* The count never wraps: what does not fit waits. */
static bool give(struct eventfd *event, uint64_t value)
{
	uint64_t flags = spin_lock_irqsave(&event->lock);
	bool fits = value <= COUNT_MAX - event->count;

	if (fits)
		event->count += value;
	spin_unlock_irqrestore(&event->lock, flags);
	return fits;
}

static int64_t eventfd_write(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	struct eventfd *event = file->private;
	uint64_t value;

	(void)pos;
	if (io_iter_left(iter) < sizeof(value))
		return ERR_INVAL;
	if (io_iter_read(iter, &value, sizeof(value)) != sizeof(value))
		return ERR_FAULT;
	if (value > COUNT_MAX)
		return ERR_INVAL;
	while (!give(event, value)) {
		if (file->flags & O_NONBLOCK)
			return ERR_AGAIN;
		if (wait_event(&event->writable, value <= COUNT_MAX - READ_ONCE(event->count),
			       TIME_NEVER, WAIT_INTERRUPTIBLE) == WAIT_INTR)
			return ERR_RESTARTSYS;
	}
	wait_wake_all(&event->readable);
	return sizeof(value);
}

static uint32_t eventfd_poll(struct file *file, struct poll_wait *wait)
{
	struct eventfd *event = file->private;
	uint64_t count;

	poll_wait_add(wait, &event->readable);
	poll_wait_add(wait, &event->writable);
	count = READ_ONCE(event->count);
	return (count ? POLLIN : 0) | (count < COUNT_MAX ? POLLOUT : 0);
}

static void eventfd_release(struct file *file)
{
	slab_free(&eventfd_cache, file->private);
}

static const struct file_ops eventfd_ops = {
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
};

enum err eventfd_create(uint64_t count, bool semaphore, uint32_t flags, const struct cred *cred,
			struct file **out)
{
	struct eventfd *event = slab_alloc_zero(&eventfd_cache);
	enum err err;

	if (!event)
		return ERR_NOMEM;
	spin_init(&event->lock, LOCK_EVENT);
	event->count = count;
	event->semaphore = semaphore;
	wait_queue_init(&event->readable);
	wait_queue_init(&event->writable);
	err = anon_create(ANON_EVENTFD, &eventfd_ops, flags, cred, event, out);
	if (err != OK)
		slab_free(&eventfd_cache, event);
	return err;
}
