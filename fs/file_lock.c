/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/file_lock.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/mutex.h"
#include "mm/frame.h"
#include "mm/slab.h"

/* One byte of 32 of the memory may be locks of files. */
#define RANGES_MAX (frame_total_count() * PAGE_SIZE / 32 / sizeof(struct lock_range))

/* Chains of processes that wait for each other are followed so far. */
#define DEADLOCK_STEPS 1024u

struct file_locks {
	struct lock_set whole, ranges;
};

/* What is kept for a table of descriptors that has locked ranges. */
struct lock_client {
	struct list_node owners;  /* its lock_owners, by link */
	struct list_node waiting; /* its threads that wait, by of_client */
};

/* A thread that waits for a range to change; stands on its stack. */
struct lock_wait {
	struct wait_queue queue;
	struct list_node link;      /* on the range */
	struct list_node of_client; /* process locks only */
	const struct lock_owner *blocker;
	bool woken;
};

static SLAB_CACHE(range_cache, struct lock_range);
static SLAB_CACHE(owner_cache, struct lock_owner);
static struct mutex locks_mutex = MUTEX_INIT(locks_mutex, LOCK_FILE_LOCKS);
static uint64_t range_count;

static const void *key_of(const struct lock_request *request)
{
	return request->kind == FILE_LOCK_PROCESS ? (const void *)request->table
						  : (const void *)request->file;
}

static struct lock_set *set_of(const struct lock_request *request)
{
	struct file_locks *locks = request->file->inode->locks;

	return request->kind == FILE_LOCK_WHOLE ? &locks->whole : &locks->ranges;
}

static void wake_waiters(struct lock_range *range)
{
	while (!list_empty(&range->waiters)) {
		struct lock_wait *wait = list_first(&range->waiters, struct lock_wait, link);

		list_remove(&wait->link);
		/* Its blocker may be gone before it runs. */
		list_remove(&wait->of_client);
		WRITE_ONCE(wait->woken, true);
		wait_wake_one(&wait->queue);
	}
}

static void free_range(struct lock_range *range)
{
	if (!range)
		return;
	range_count--;
	slab_free(&range_cache, range);
}

static void free_gone(struct list_node *gone)
{
	while (!list_empty(gone)) {
		struct lock_range *range = list_first(gone, struct lock_range, waiters);

		list_remove(&range->waiters);
		free_range(range);
	}
}

static enum err get_spare(struct lock_range *spare[2], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (range_count >= RANGES_MAX)
			return ERR_NOLCK;
		spare[i] = slab_alloc_zero(&range_cache);
		if (!spare[i])
			return ERR_NOMEM;
		range_count++;
	}
	return OK;
}

static void drop_owner(struct lock_owner *owner)
{
	lock_owner_remove(owner);
	list_remove(&owner->link);
	slab_free(&owner_cache, owner);
}

static enum err make_locks(struct inode *inode)
{
	struct file_locks *locks;

	if (inode->locks)
		return OK;
	locks = kmalloc(sizeof(*locks));
	if (!locks)
		return ERR_NOMEM;
	lock_set_init(&locks->whole);
	lock_set_init(&locks->ranges);
	inode->locks = locks;
	return OK;
}

static enum err make_client(struct file_table *table)
{
	struct lock_client *client;

	if (table->handles.private)
		return OK;
	client = kmalloc(sizeof(*client));
	if (!client)
		return ERR_NOMEM;
	list_init(&client->owners);
	list_init(&client->waiting);
	table->handles.private = client;
	return OK;
}

static enum err make_owner(const struct lock_request *request, struct lock_owner **out)
{
	struct lock_owner *owner = lock_owner_find(set_of(request), key_of(request));

	if (!owner) {
		owner = slab_alloc_zero(&owner_cache);
		if (!owner)
			return ERR_NOMEM;
		owner->key = key_of(request);
		owner->pid = request->kind == FILE_LOCK_PROCESS ? request->pid : 0;
		list_init(&owner->link);
		if (request->kind == FILE_LOCK_PROCESS) {
			struct lock_client *client = request->table->handles.private;

			list_add_tail(&client->owners, &owner->link);
		}
		lock_owner_add(set_of(request), owner);
	}
	*out = owner;
	return OK;
}

static enum err prepare(const struct lock_request *request)
{
	enum err error = make_locks(request->file->inode);

	if (!error && request->kind == FILE_LOCK_PROCESS)
		error = make_client(request->table);
	return error;
}

static void act(struct lock_owner *owner, const struct lock_request *request,
		struct lock_range *spare[2])
{
	struct list_node gone = LIST_INIT(gone);

	lock_set_change(owner, &request->span, !request->unlock, spare, wake_waiters, &gone);
	free_gone(&gone);
	if (!owner->ranges.root)
		drop_owner(owner);
}

/* The range is free for the caller. */
static enum err take(const struct lock_request *request)
{
	struct lock_range *spare[2] = {};
	struct lock_owner *owner;
	enum err error = get_spare(spare, 2);

	if (!error)
		error = make_owner(request, &owner);
	if (!error)
		act(owner, request, spare);
	free_range(spare[0]);
	free_range(spare[1]);
	return error;
}

/* Even with no memory left, unless it makes one range two. */
static enum err release(const struct lock_request *request)
{
	struct lock_range *spare[2] = {};
	struct lock_owner *owner = lock_owner_find(set_of(request), key_of(request));
	enum err error;

	if (!owner)
		return OK;
	error = get_spare(spare, lock_owner_splits(owner, &request->span));
	if (!error)
		act(owner, request, spare);
	return error;
}

/* Frees what the owner has there; a new lock is never needed for all of it. */
static void release_all(struct lock_owner *owner)
{
	const struct lock_span all = {0, LOCK_END_OF_FILE, false};
	struct lock_range *spare[2] = {};
	struct list_node gone = LIST_INIT(gone);

	lock_set_change(owner, &all, false, spare, wake_waiters, &gone);
	free_gone(&gone);
	drop_owner(owner);
}

/* Whether who has @blocker waits, over however many others, for a lock of @client's. */
static bool would_deadlock(const struct lock_client *client, const struct lock_owner *blocker)
{
	for (unsigned step = 0; step < DEADLOCK_STEPS; step++) {
		const struct file_table *table = blocker->key;
		struct lock_client *next;

		/* An open file waits for nobody. */
		if (list_empty(&blocker->link))
			return false;
		next = table->handles.private;
		if (next == client)
			return true;
		if (list_empty(&next->waiting))
			return false;
		blocker = list_first(&next->waiting, struct lock_wait, of_client)->blocker;
	}
	return false;
}

/* Until @range changes. Return: OK: look again. */
static enum err wait_for(const struct lock_request *request, struct lock_range *range)
{
	struct lock_client *client =
		request->kind == FILE_LOCK_PROCESS ? request->table->handles.private : NULL;
	struct lock_wait wait = {.blocker = range->owner};
	enum wait_result result;

	if (client && would_deadlock(client, range->owner))
		return ERR_DEADLK;
	wait_queue_init(&wait.queue);
	list_init(&wait.of_client);
	if (client)
		list_add_tail(&client->waiting, &wait.of_client);
	list_add_tail(&range->waiters, &wait.link);
	result = wait_event_mutex(&wait.queue, &locks_mutex, READ_ONCE(wait.woken), TIME_NEVER,
				  WAIT_INTERRUPTIBLE);
	if (!wait.woken)
		list_remove(&wait.link);
	list_remove(&wait.of_client);
	return result == WAIT_INTR && !wait.woken ? ERR_RESTARTSYS : OK;
}

static enum err lock_locked(const struct lock_request *request)
{
	struct lock_range *range;
	enum err error = prepare(request);

	while (!error) {
		range = lock_set_conflict(set_of(request), key_of(request), &request->span);
		if (!range)
			break;
		error = request->wait ? wait_for(request, range) : ERR_AGAIN;
	}
	return error ? error : take(request);
}

/* flock(2) gives its old lock up before it asks for another kind. */
static void give_up_other_kind(const struct lock_request *request)
{
	struct lock_owner *owner = lock_owner_find(set_of(request), key_of(request));

	if (owner && lock_owner_range(owner)->write != request->span.write)
		release_all(owner);
}

enum err file_lock(const struct lock_request *request)
{
	bool known;
	enum err error;

	mutex_lock(&locks_mutex);
	known = request->file->inode->locks;
	if (request->unlock) {
		error = known ? release(request) : OK;
	} else {
		if (request->kind == FILE_LOCK_WHOLE && known)
			give_up_other_kind(request);
		error = lock_locked(request);
	}
	mutex_unlock(&locks_mutex);
	return error;
}

bool file_lock_test(const struct lock_request *request, struct lock_span *span, uint32_t *pid)
{
	const struct lock_range *range = NULL;

	mutex_lock(&locks_mutex);
	if (request->file->inode->locks)
		range = lock_set_conflict(set_of(request), key_of(request), &request->span);
	if (range) {
		*span = (struct lock_span){range->start, range->end, range->write};
		*pid = range->owner->pid;
	}
	mutex_unlock(&locks_mutex);
	return range;
}

static void release_key(struct lock_set *set, const void *key)
{
	struct lock_owner *owner = lock_owner_find(set, key);

	if (owner)
		release_all(owner);
}

void file_lock_drop(struct file_table *table, struct file *file)
{
	mutex_lock(&locks_mutex);
	release_key(&file->inode->locks->ranges, table);
	mutex_unlock(&locks_mutex);
}

void file_lock_table_ends(struct file_table *table)
{
	struct lock_client *client = table->handles.private;

	if (likely(!client))
		return;
	mutex_lock(&locks_mutex);
	while (!list_empty(&client->owners))
		release_all(list_first(&client->owners, struct lock_owner, link));
	ASSERT(list_empty(&client->waiting));
	mutex_unlock(&locks_mutex);
	kfree(client);
	table->handles.private = NULL;
}

void file_lock_drop_file(struct file *file)
{
	struct file_locks *locks = file->inode->locks;

	mutex_lock(&locks_mutex);
	release_key(&locks->whole, file);
	release_key(&locks->ranges, file);
	mutex_unlock(&locks_mutex);
}

void file_locks_free(struct file_locks *locks)
{
	if (!locks)
		return;
	ASSERT(lock_set_is_empty(&locks->whole) && lock_set_is_empty(&locks->ranges));
	kfree(locks);
}
