/* SPDX-License-Identifier: BSD-2-Clause */
/* Which epoll watches which file: watches come, change and go. */
#include "fs/epoll.h"

#include "fs/anon.h"
#include "fs/epoll_internal.h"
#include "mm/frame.h"
#include "mm/slab.h"

/* Watches may take this part of the memory. */
#define MEMORY_PART 25u
/* Watches that one step of a release ends. */
#define RELEASE_STEP 256u

/* Told whether or not they were asked for. */
#define ALWAYS (POLLERR | POLLHUP)

static SLAB_CACHE(epoll_cache, struct epoll);
static SLAB_CACHE(item_cache, struct epoll_item);

struct mutex epoll_lock = MUTEX_INIT(epoll_lock, LOCK_EPOLL);
static uint64_t item_count; /* under epoll_lock */

uint64_t epoll_watch_count(void)
{
	return READ_ONCE(item_count);
}

void epoll_item_put(struct epoll_item *item)
{
	if (refcount_put(&item->count))
		slab_free(&item_cache, item);
}

static struct epoll_item *item_of(struct rb_node *node)
{
	return node ? container_of(node, struct epoll_item, node) : NULL;
}

static int compare(const struct file *file, int32_t fd, const struct epoll_item *item)
{
	if (file != item->file)
		return (uint64_t)file < (uint64_t)item->file ? -1 : 1;
	return fd < item->fd ? -1 : fd > item->fd;
}

static struct epoll_item *find(const struct epoll *epoll, const struct file *file, int32_t fd)
{
	struct rb_node *node = epoll->items.root;

	while (node) {
		int side = compare(file, fd, item_of(node));

		if (!side)
			return item_of(node);
		node = node->child[side > 0];
	}
	return NULL;
}

static void insert(struct epoll *epoll, struct epoll_item *item)
{
	struct rb_node *parent = NULL, *at = epoll->items.root;
	unsigned side = 0;

	while (at) {
		parent = at;
		side = compare(item->file, item->fd, item_of(at)) > 0;
		at = at->child[side];
	}
	rb_insert(&epoll->items, &item->node, parent, side);
	item->next_watcher = item->file->watchers;
	item->watcher_at = &item->file->watchers;
	if (item->next_watcher)
		item->next_watcher->watcher_at = &item->next_watcher;
	item->file->watchers = item;
	if (file_is_epoll(item->file))
		list_add_tail(&epoll->inner, &item->inner);
	item_count++;
}

/* End a watch: afterwards nothing of the file's queues leads to it any more. One that is still
 * being made leaves them itself. */
static void end_watch(struct epoll_item *item)
{
	struct epoll *epoll = item->epoll;
	uint64_t flags;

	if (item->in_queues)
		poll_wait_leave(&item->poll);
	rb_erase(&epoll->items, &item->node);
	if (file_is_epoll(item->file))
		list_remove(&item->inner);
	item_count--;
	flags = spin_lock_irqsave(&epoll->ready_lock);
	epoll_ready_remove(item);
	item->file = NULL;
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
	if (item->next_watcher)
		item->next_watcher->watcher_at = item->watcher_at;
	/* Last: a file that closes and finds no watcher does not wait for this to end. */
	__atomic_store_n(item->watcher_at, item->next_watcher, __ATOMIC_RELEASE);
	epoll_item_put(item);
}

void epoll_forget_file(struct file *file)
{
	mutex_lock(&epoll_lock);
	while (file->watchers)
		end_watch(file->watchers);
	mutex_unlock(&epoll_lock);
}

static struct epoll_item *item_create(struct epoll *epoll, struct file *target, int32_t fd,
				      const struct epoll_event *event)
{
	struct epoll_item *item = slab_alloc_zero(&item_cache);

	if (!item)
		return NULL;
	refcount_init(&item->count, 1);
	item->epoll = epoll;
	item->file = target;
	item->fd = fd;
	item->events = event->events | ALWAYS;
	item->data = event->data;
	list_init(&item->ready);
	list_init(&item->inner);
	poll_wait_init(&item->poll, item->waiters, EPOLL_WAITERS);
	item->poll.notify = epoll_notify;
	return item;
}

/* Whether something is there already; who waits is told. */
static void first_look(struct epoll_item *item, uint32_t events)
{
	struct epoll *epoll = item->epoll;
	uint64_t flags;

	if (!(events & item->events))
		return;
	flags = spin_lock_irqsave(&epoll->ready_lock);
	epoll_ready_add(item);
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
	wait_wake_one(&epoll->queue);
}

static enum err check_add(struct epoll *epoll, struct file *target, int32_t fd,
			  const struct epoll_event *event)
{
	if (find(epoll, target, fd))
		return ERR_EXIST;
	if (!file_is_epoll(target))
		return OK;
	if (event->events & EPOLL_EXCLUSIVE)
		return ERR_INVAL;
	return epoll_check_row(epoll, epoll_of(target));
}

/* The watch without its waiters, counted twice: for the tree and for the caller. */
static enum err add_locked(struct epoll *epoll, struct file *target, int32_t fd,
			   const struct epoll_event *event, struct epoll_item **out)
{
	enum err err = check_add(epoll, target, fd, event);
	struct epoll_item *item;

	if (err != OK)
		return err;
	if (item_count >= frame_total_count() * PAGE_SIZE / MEMORY_PART / sizeof(*item))
		return ERR_NOSPC;
	item = item_create(epoll, target, fd, event);
	if (!item)
		return ERR_NOMEM;
	insert(epoll, item);
	refcount_get(&item->count);
	*out = item;
	return OK;
}

/* The waiters are in the file's queues; meanwhile another thread may have ended the watch. */
static enum err complete(struct epoll_item *item)
{
	enum err err = OK;

	mutex_lock(&epoll_lock);
	item->in_queues = true;
	if (!item->file) {
		poll_wait_leave(&item->poll);
	} else if (item->poll.overflow) {
		end_watch(item);
		err = ERR_PERM;
	}
	mutex_unlock(&epoll_lock);
	return err;
}

/* Files are looked at without epoll_lock: they have locks of their own, and the last reference to
 * one may be dropped on the way. */
enum err epoll_add(struct file *file, struct file *target, int32_t fd,
		   const struct epoll_event *event)
{
	struct epoll_item *item;
	uint32_t events;
	enum err err;

	mutex_lock(&epoll_lock);
	err = add_locked(epoll_of(file), target, fd, event, &item);
	mutex_unlock(&epoll_lock);
	if (err != OK)
		return err;
	events = file_poll(target, &item->poll);
	err = complete(item);
	if (err == OK)
		first_look(item, events);
	epoll_item_put(item);
	return err;
}

static void change(struct epoll_item *item, const struct epoll_event *event)
{
	uint64_t flags = spin_lock_irqsave(&item->epoll->ready_lock);

	item->events = event->events | ALWAYS;
	item->data = event->data;
	spin_unlock_irqrestore(&item->epoll->ready_lock, flags);
}

enum err epoll_modify(struct file *file, struct file *target, int32_t fd,
		      const struct epoll_event *event)
{
	struct epoll_item *item;
	enum err err = OK;

	mutex_lock(&epoll_lock);
	item = find(epoll_of(file), target, fd);
	if (!item)
		err = ERR_NOENT;
	else if ((item->events | event->events) & EPOLL_EXCLUSIVE)
		err = ERR_INVAL;
	if (err == OK) {
		refcount_get(&item->count);
		change(item, event);
	}
	mutex_unlock(&epoll_lock);
	if (err != OK)
		return err;
	/* Behind the change: what stirs from then on is judged by the new events. */
	first_look(item, file_poll(target, NULL));
	epoll_item_put(item);
	return OK;
}

enum err epoll_remove(struct file *file, struct file *target, int32_t fd)
{
	struct epoll_item *item;

	mutex_lock(&epoll_lock);
	item = find(epoll_of(file), target, fd);
	if (item)
		end_watch(item);
	mutex_unlock(&epoll_lock);
	return item ? OK : ERR_NOENT;
}

/* --- the epoll's own file --- */

static uint32_t epoll_poll(struct file *file, struct poll_wait *wait)
{
	struct epoll *epoll = epoll_of(file);

	poll_wait_add(wait, &epoll->queue);
	return epoll_any_ready(epoll) ? POLLIN | POLLRDNORM : 0;
}

static void epoll_reclaim(struct epoch_node *node)
{
	slab_free(&epoll_cache, container_of(node, struct epoll, epoch));
}

static void epoll_release(struct file *file)
{
	struct epoll *epoll = epoll_of(file);
	struct epoll_item *item;

	do {
		unsigned left = RELEASE_STEP;

		mutex_lock(&epoll_lock);
		while ((item = item_of(rb_first(&epoll->items))) && left--)
			end_watch(item);
		mutex_unlock(&epoll_lock);
		preempt_point();
	} while (item);
	epoch_retire(&epoll->epoch, epoll_reclaim);
}

static const struct file_ops epoll_ops = {
	.poll = epoll_poll,
	.release = epoll_release,
};

bool file_is_epoll(const struct file *file)
{
	return file->ops == &epoll_ops;
}

enum err epoll_create(const struct cred *cred, struct file **out)
{
	struct epoll *epoll = slab_alloc_zero(&epoll_cache);
	enum err err;

	if (!epoll)
		return ERR_NOMEM;
	list_init(&epoll->inner);
	list_init(&epoll->ready);
	spin_init(&epoll->ready_lock, LOCK_EPOLL_READY);
	wait_queue_init(&epoll->queue);
	epoll->chain.queue = &epoll->queue;
	err = anon_create(ANON_EVENTPOLL, &epoll_ops, 0, cred, epoll, out);
	if (err != OK)
		slab_free(&epoll_cache, epoll);
	else
		epoll->file = *out;
	return err;
}
