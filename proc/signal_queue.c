/* SPDX-License-Identifier: BSD-2-Clause */
/* What is pending: a bit a signal, and its details where there was memory for them. */
#include "mm/slab.h"
#include "proc/signal_internal.h"

static SLAB_CACHE(entry_cache, struct signal_entry);

static bool is_realtime(unsigned number)
{
	return number >= SIGRTMIN;
}

void signal_queue_init(struct signal_queue *queue)
{
	queue->mask = 0;
	queue->count = 0;
	queue->spare_used = false;
	list_init(&queue->entries);
}

static struct signal_entry *entry_alloc(struct signal_queue *queue)
{
	if (unlikely(queue->spare_used))
		return slab_alloc(&entry_cache);
	queue->spare_used = true;
	return &queue->spare;
}

static void remove_entry(struct signal_queue *queue, struct signal_entry *entry)
{
	list_remove(&entry->link);
	if (likely(entry == &queue->spare))
		queue->spare_used = false;
	else
		slab_free(&entry_cache, entry);
	queue->count--;
}

void signal_queue_drop(struct signal_queue *queue, uint64_t set)
{
	if (!(queue->mask & set))
		return;
	queue->mask &= ~set;
	list_for_each_safe(node, next, &queue->entries)
	{
		struct signal_entry *entry = list_entry(node, struct signal_entry, link);

		if (signal_bit((unsigned)entry->info.signo) & set)
			remove_entry(queue, entry);
	}
}

void signal_queue_flush(struct signal_queue *queue)
{
	signal_queue_drop(queue, ~0ull);
}

void signal_queue_add(struct signal_queue *queue, const struct signal_info *info, uint64_t limit)
{
	unsigned number = (unsigned)info->signo;
	struct signal_entry *entry;

	if ((queue->mask & signal_bit(number)) && !is_realtime(number))
		return;
	queue->mask |= signal_bit(number);
	if (queue->count >= limit)
		return;
	entry = entry_alloc(queue);
	if (!entry)
		return;
	entry->info = *info;
	list_add_tail(&queue->entries, &entry->link);
	queue->count++;
}

static struct signal_entry *find_from(struct signal_queue *queue, struct list_node *node,
				      unsigned number)
{
	for (; node != &queue->entries; node = node->next) {
		struct signal_entry *entry = list_entry(node, struct signal_entry, link);

		if (entry->info.signo == (int32_t)number)
			return entry;
	}
	return NULL;
}

unsigned signal_queue_take(struct signal_queue *queue, uint64_t set, struct signal_info *info)
{
	uint64_t ready = queue->mask & set;
	struct signal_entry *entry;
	struct list_node *behind;
	unsigned number;

	if (!ready)
		return 0;
	number = (unsigned)__builtin_ctzll(ready) + 1;
	entry = find_from(queue, queue->entries.next, number);
	if (!entry) {
		*info = (struct signal_info){.signo = (int32_t)number, .code = SI_USER};
		queue->mask &= ~signal_bit(number);
		return number;
	}
	*info = entry->info;
	behind = entry->link.next;
	remove_entry(queue, entry);
	if (!is_realtime(number) || !find_from(queue, behind, number))
		queue->mask &= ~signal_bit(number);
	return number;
}
