/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/usage.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/thread.h"
#include "mm/space/space.h"
#include "proc/process.h"

void usage_add(struct usage *to, const struct usage *from)
{
	to->cpu_ns += from->cpu_ns;
	to->faults += from->faults;
	to->voluntary += from->voluntary;
	to->forced += from->forced;
	to->max_pages = MAX(to->max_pages, from->max_pages);
}

void usage_of_thread(const struct thread *thread, struct usage *out)
{
	*out = (struct usage){
		.cpu_ns = thread_cpu_ns(thread),
		.faults = thread->fault_count,
		.forced = READ_ONCE(thread->forced_count),
	};
	/* Another CPU may be switching from it: both figures belong to one moment only roughly. */
	uint64_t switches = READ_ONCE(thread->switch_count);

	out->voluntary = switches > out->forced ? switches - out->forced : 0;
}

void process_usage_locked(const struct process *process, struct usage *out)
{
	*out = process->used_dead;
	list_for_each(node, &process->tasks)
	{
		struct usage one;

		usage_of_thread(&list_entry(node, struct task, link)->thread, &one);
		usage_add(out, &one);
	}
}

void process_usage(struct process *process, struct usage *out)
{
	struct space *space;

	lglock_lock(&process_lock);
	process_usage_locked(process, out);
	space = process->state == PROCESS_LIVE ? process->space : NULL;
	if (space)
		out->max_pages = MAX(out->max_pages, space_peak(space));
	lglock_unlock(&process_lock);
}
