/* SPDX-License-Identifier: BSD-2-Clause */
/* Out of memory: the largest process of the user who was promised most pays for everybody. */
#include "kernel/core/log.h"
#include "mm/oom_hooks.h"
#include "mm/space/space.h"
#include "proc/process.h"

static bool may_be_killed(const struct process *process)
{
	return process->state == PROCESS_LIVE && process->space &&
	       !(process->flags & (PROCESS_INIT | PROCESS_EXITING));
}

static uint64_t resident_pages(struct process *process)
{
	struct space_stats stats;

	space_stats(process->space, &stats);
	return stats.resident_pages;
}

static uint64_t user_pages(const struct process *process)
{
	return process->account->memory.pages;
}

/* Whether a is the better choice. Every comparison is of figures taken at one time. */
static bool is_larger(uint64_t user_a, uint64_t pages_a, uint64_t user_b, uint64_t pages_b)
{
	return user_a != user_b ? user_a > user_b : pages_a > pages_b;
}

static struct process *choose_largest(void)
{
	struct process *best = NULL;
	uint64_t best_user = 0, best_pages = 0;

	for (struct process *process = process_next(NULL); process; process = process_next(process)) {
		if (!may_be_killed(process))
			continue;
		uint64_t user = user_pages(process), pages = resident_pages(process);
		if (best && !is_larger(user, pages, best_user, best_pages))
			continue;
		if (best)
			process_put(best);
		best = process_get(process);
		best_user = user;
		best_pages = pages;
	}
	return best;
}

bool oom_kill_one(void)
{
	struct process *victim = choose_largest();

	if (!victim)
		return false;
	bool is_self = thread_self()->space && victim == process_current();
	log_warn("oom", "out of memory: process %u of user %u is killed", victim->pid->number,
		 victim->account->uid);
	spin_lock(&process_lock);
	victim->flags |= PROCESS_KILLED_BY_OOM;
	process_kill_locked(victim, SIGKILL);
	spin_unlock(&process_lock);
	process_put(victim);
	if (!is_self)
		thread_yield();
	return !is_self;
}
