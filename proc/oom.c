/* SPDX-License-Identifier: BSD-2-Clause */
/* Out of memory: the largest process of the user who was promised most pays for everybody. */
#include "kernel/core/log.h"
#include "mm/oom_hooks.h"
#include "mm/space/space.h"
#include "proc/process.h"

/* How long the chosen one gets to give its memory back before another is looked for. */
#define DEATH_TIME_NS 1000000000ull
#define DEATH_STEP_NS 1000000ull

/* Under process_lock: who was killed last, and when. */
static struct process *dying;
static uint64_t dying_since_ns;

static uint64_t resident_pages(struct process *process)
{
	struct space_stats stats = {0};

	spin_lock(&process_lock);
	struct space *space = process->space;
	if (space)
		space_get(space);
	spin_unlock(&process_lock);
	if (!space)
		return 0;
	space_stats(space, &stats);
	space_put(space);
	return stats.resident_pages;
}

static bool may_be_killed(const struct process *process)
{
	return process->state == PROCESS_LIVE && process->space &&
	       !(process->flags & (PROCESS_INIT | PROCESS_EXITING));
}

/* Whether a is the better choice: the larger user first, then the larger process. */
static bool is_larger(uint64_t user_a, uint64_t pages_a, uint64_t user_b, uint64_t pages_b)
{
	return user_a != user_b ? user_a > user_b : pages_a > pages_b;
}

static struct process *choose_largest(void)
{
	struct process *best = NULL;
	uint64_t best_user = 0, best_pages = 0;

	for (struct process *process = process_next(NULL); process;
	     process = process_next(process)) {
		if (!may_be_killed(process))
			continue;
		uint64_t user = process->account->memory.pages, pages = resident_pages(process);
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

/* Whether the last victim still holds memory and has not had its time yet. */
static bool somebody_is_dying(void)
{
	spin_lock(&process_lock);
	bool waits = dying && dying->state == PROCESS_LIVE && dying->space &&
		     time_now_ns() - dying_since_ns < DEATH_TIME_NS;
	spin_unlock(&process_lock);
	return waits;
}

/* Takes over the reference of the victim. */
static void kill_victim(struct process *victim)
{
	log_warn("oom", "out of memory: process %u of user %u is killed", victim->pid->number,
		 victim->account->uid);
	spin_lock(&process_lock);
	struct process *last = dying;
	dying = victim;
	dying_since_ns = time_now_ns();
	victim->flags |= PROCESS_KILLED_BY_OOM;
	process_kill_locked(victim, SIGKILL);
	spin_unlock(&process_lock);
	if (last)
		process_put(last);
}

static bool self_is_dying(void)
{
	return thread_self()->space && (process_current()->flags & PROCESS_EXITING);
}

bool oom_kill_one(void)
{
	if (self_is_dying())
		return false;
	if (!somebody_is_dying()) {
		struct process *victim = choose_largest();
		if (!victim)
			return false;
		kill_victim(victim);
	}
	if (self_is_dying())
		return false;
	(void)wait_until(time_now_ns() + DEATH_STEP_NS, WAIT_KILLABLE);
	return !self_is_dying();
}
