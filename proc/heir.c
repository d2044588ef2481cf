/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/heir.h"

static bool takes_orphans(const struct process *process)
{
	return (process->flags & PROCESS_SUBREAPER) && process->state == PROCESS_LIVE &&
	       !(process->flags & PROCESS_EXITING);
}

struct process *heir_of_locked(const struct process *process)
{
	struct process *first = process_first();
	struct process *heir = process->parent;

	if (process->flags & PROCESS_BELOW_SUBREAPER) {
		while (heir && !takes_orphans(heir))
			heir = heir->parent;
		if (heir)
			return heir;
	}
	return first == process ? NULL : first;
}

/* The next live process below @top in the tree's order behind @at; NULL: all were visited. */
static struct process *next_below(const struct process *top, struct process *at)
{
	if (!list_empty(&at->children))
		return list_first(&at->children, struct process, sibling);
	while (at != top && at->sibling.next == &at->parent->children)
		at = at->parent;
	return at == top ? NULL : list_entry(at->sibling.next, struct process, sibling);
}

void subreaper_set(bool on)
{
	struct process *self = process_current(), *at = self;

	lglock_lock(&process_lock);
	self->flags =
		on ? self->flags | PROCESS_SUBREAPER : self->flags & ~(uint32_t)PROCESS_SUBREAPER;
	while (on && (at = next_below(self, at)))
		at->flags |= PROCESS_BELOW_SUBREAPER;
	lglock_unlock(&process_lock);
}
