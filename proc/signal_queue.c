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
	queue->spare_used = false;
	queue->spare.timer = NULL;
	list_init(&queue->entries);
}

/* Signals of the kernel and of kill() must not be lost by what others have queued. */
static bool is_exempt(const struct signal_info *info)
{
	return info->code >= 0 && !is_realtime((unsigned)info->signo);
}

/* The account is that of processes of other sessions too, whose locks are others. */
static uint64_t charge(struct process *process)
{
	process->signals++;
	return __atomic_fetch_add(&process->account->signals, 1, __ATOMIC_RELAXED);
}

void signal_uncharge_locked(struct process *process)
{
	process->signals--;
	__atomic_fetch_sub(&process->account->signals, 1, __ATOMIC_RELAXED);
}

/* One that @is_exempt is counted, but not refused. */
static bool charge_unless_full(struct process *process, bool is_exempt)
{
	if (likely(charge(process) < process->limits[RLIMIT_SIGPENDING].current) || is_exempt)
		return true;
	signal_uncharge_locked(process);
	return false;
}

bool signal_charge_locked(struct process *process)
{
	return charge_unless_full(process, false);
}

static struct signal_entry *entry_alloc(struct process *process, struct signal_queue *queue,
					const struct signal_info *info)
{
	struct signal_entry *entry = &queue->spare;

	if (!charge_unless_full(process, is_exempt(info)))
		return NULL;
	if (likely(!queue->spare_used)) {
		queue->spare_used = true;
		return entry;
	}
	entry = slab_alloc_zero(&entry_cache);
	if (!entry)
		signal_uncharge_locked(process);
	return entry;
}

static void remove_entry(struct process *process, struct signal_queue *queue,
			 struct signal_entry *entry)
{
	list_remove(&entry->link);
	if (likely(entry == &queue->spare))
		queue->spare_used = false;
	else if (entry->timer)
		return; /* the timer's, and charged as long as there is one */
	else
		slab_free(&entry_cache, entry);
	signal_uncharge_locked(process);
}

void signal_queue_drop(struct process *process, struct signal_queue *queue, uint64_t set)
{
	if (!(queue->mask & set))
		return;
	queue->mask &= ~set;
	list_for_each_safe(node, next, &queue->entries)
	{
		struct signal_entry *entry = list_entry(node, struct signal_entry, link);

		if (!(signal_bit((unsigned)entry->info.signo) & set))
			continue;
		struct posix_timer *timer = entry->timer;

		remove_entry(process, queue, entry);
		if (unlikely(timer))
			posix_timer_dropped_locked(timer);
	}
}

void signal_queue_flush(struct process *process, struct signal_queue *queue)
{
	signal_queue_drop(process, queue, ~0ull);
}

void signal_queues_move(struct process *process, struct user_account *to)
{
	__atomic_fetch_sub(&process->account->signals, process->signals, __ATOMIC_RELAXED);
	__atomic_fetch_add(&to->signals, process->signals, __ATOMIC_RELAXED);
}

enum err signal_queue_add(struct process *process, struct signal_queue *queue,
			  const struct signal_info *info)
{
	unsigned number = (unsigned)info->signo;
	struct signal_entry *entry;

	if ((queue->mask & signal_bit(number)) && !is_realtime(number))
		return OK;
	entry = entry_alloc(process, queue, info);
	if (unlikely(!entry) && is_realtime(number) && info->code != SI_USER)
		return ERR_AGAIN;
	queue->mask |= signal_bit(number);
	if (likely(entry)) {
		entry->info = *info;
		list_add_tail(&queue->entries, &entry->link);
	}
	return OK;
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

unsigned signal_queue_take(struct process *process, struct signal_queue *queue, uint64_t set,
			   struct signal_info *info)
{
	uint64_t ready = queue->mask & set;
	struct signal_entry *entry;
	struct posix_timer *timer;
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
	timer = entry->timer;
	remove_entry(process, queue, entry);
	if (likely(behind == &queue->entries) || !find_from(queue, behind, number))
		queue->mask &= ~signal_bit(number);
	if (unlikely(timer))
		posix_timer_taken_locked(timer, info);
	return number;
}

void signal_queue_add_entry(struct signal_queue *queue, struct signal_entry *entry)
{
	queue->mask |= signal_bit((unsigned)entry->info.signo);
	entry->queue = queue;
	list_add_tail(&queue->entries, &entry->link);
}

void signal_take_back_locked(struct signal_entry *entry)
{
	unsigned number = (unsigned)entry->info.signo;
	struct signal_queue *queue = entry->queue;

	if (list_empty(&entry->link))
		return;
	list_remove(&entry->link);
	if (!find_from(queue, queue->entries.next, number))
		queue->mask &= ~signal_bit(number);
}
