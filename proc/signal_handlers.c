/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process wants done with each signal. A child shares its parent's table until one writes.
 */
#include "kernel/lib/string.h"

#include "mm/slab.h"
#include "proc/signal_internal.h"

#define SA_KNOWN                                                                            \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_RESTART | \
	 SA_NODEFER | SA_RESETHAND)

static SLAB_CACHE(handlers_cache, struct signal_handlers);

/* Never written, and not counted: every fork on every CPU would write to it. */
static struct signal_handlers default_handlers = {.count = REFCOUNT_INIT(1)};

struct signal_handlers *signal_handlers_default(void)
{
	return &default_handlers;
}

struct signal_handlers *signal_handlers_get(struct signal_handlers *handlers)
{
	if (handlers != &default_handlers)
		refcount_get(&handlers->count);
	return handlers;
}

void signal_handlers_put(struct signal_handlers *handlers)
{
	if (handlers != &default_handlers && refcount_put(&handlers->count))
		slab_free(&handlers_cache, handlers);
}

enum err signal_handlers_for_exec(struct signal_handlers *old, struct signal_handlers **out)
{
	/* Read once: a process that shares the table may change it. */
	uint64_t ignored = READ_ONCE(old->ignored);
	struct signal_handlers *fresh;

	if (!ignored) {
		*out = signal_handlers_default();
		return OK;
	}
	fresh = slab_alloc_zero(&handlers_cache);
	if (!fresh)
		return ERR_NOMEM;
	refcount_init(&fresh->count, 1);
	fresh->ignored = ignored;
	for (unsigned i = 0; i < SIGNAL_COUNT; i++)
		if (ignored >> i & 1)
			fresh->action[i].handler = SIG_IGN;
	*out = fresh;
	return OK;
}

static struct signal_handlers *copy_table(const struct signal_handlers *from)
{
	struct signal_handlers *copy = slab_alloc(&handlers_cache);

	if (!copy)
		return NULL;
	memcpy(copy, from, sizeof(*copy));
	refcount_init(&copy->count, 1);
	copy->is_common = false;
	return copy;
}

/* Gives the running process a table of its own. Context: process_lock held. */
static __noinline bool unshare_locked(struct process *process)
{
	struct signal_handlers *shared = process->handlers;
	struct signal_handlers *own = copy_table(shared);

	if (!own)
		return false;
	process->handlers = own;
	signal_handlers_put(shared);
	return true;
}

static inline bool may_write(const struct signal_handlers *handlers)
{
	return (likely(refcount_read(&handlers->count) == 1) && handlers != &default_handlers) ||
	       handlers->is_common;
}

struct signal_handlers *signal_handlers_inherit(bool common)
{
	struct process *process = process_current();
	struct signal_handlers *handlers = NULL;

	/* Nobody else can give the process another table. */
	if (!common && READ_ONCE(process->task_count) == 1 && !process->handlers->is_common)
		return signal_handlers_get(process->handlers);
	lglock_lock(&process_lock);
	if (common && (may_write(process->handlers) || unshare_locked(process))) {
		process->handlers->is_common = true;
		handlers = signal_handlers_get(process->handlers);
	} else if (!common) {
		handlers = process->handlers->is_common ? copy_table(process->handlers)
							: signal_handlers_get(process->handlers);
	}
	lglock_unlock(&process_lock);
	return handlers;
}

/* POSIX: what is pending and now ignored is forgotten, blocked or not. */
static __noinline void forget_pending_locked(struct process *process, uint64_t bit)
{
	signal_queue_drop(process, &process->pending, bit);
	list_for_each(node, &process->tasks)
		signal_queue_drop(process, &list_entry(node, struct task, link)->pending, bit);
}

static inline void set_action_locked(struct process *process, unsigned index,
				     const struct signal_action *action)
{
	struct signal_handlers *handlers = process->handlers;
	struct signal_action *slot = &handlers->action[index];
	uint64_t handler = action->handler, bit = 1ull << index;

	slot->handler = handler;
	slot->flags = action->flags & SA_KNOWN;
	slot->restorer = action->restorer;
	slot->mask = action->mask & ~SIGNALS_UNBLOCKABLE;
	handlers->ignored = (handlers->ignored & ~bit) | (handler == SIG_IGN ? bit : 0);
	handlers->handled = (handlers->handled & ~bit) | (handler > SIG_IGN ? bit : 0);
	if (unlikely(handler <= SIG_IGN) && (handler == SIG_IGN || (bit & SIGNALS_DEFAULT_IGNORED)))
		forget_pending_locked(process, bit);
}

void signal_action_reset_locked(struct process *process, unsigned number)
{
	static const struct signal_action reset;

	if (may_write(process->handlers) || unshare_locked(process))
		set_action_locked(process, number - 1, &reset);
}

enum err signal_action_change(unsigned number, const struct signal_action *action,
			      struct signal_action *old)
{
	struct process *process = process_current();
	unsigned index = number - 1;
	enum err err = OK;

	if (index >= SIGNAL_COUNT || (action && (1ull << index & SIGNALS_UNBLOCKABLE)))
		return ERR_INVAL;
	index = HIDE_VALUE(index) & (SIGNAL_COUNT - 1);
	lglock_lock(&process_lock);
	if (old)
		*old = process->handlers->action[index];
	if (action) {
		if (unlikely(!may_write(process->handlers)) && !unshare_locked(process))
			err = ERR_NOMEM;
		else
			set_action_locked(process, index, action);
	}
	lglock_unlock(&process_lock);
	return err;
}
