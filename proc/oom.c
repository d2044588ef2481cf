/* SPDX-License-Identifier: BSD-2-Clause */
/* Out of memory: the largest process of the user who holds most pays for everybody. */
#include "fs/fd.h"
#include "fs/pipe.h"
#include "kernel/core/log.h"
#include "kernel/core/log_rate.h"
#include "mm/oom_hooks.h"
#include "mm/space/space.h"
#include "proc/process.h"

/* How long the chosen one gets to give its memory back before another is looked for. */
#define DEATH_TIME_NS 1000000000ull
#define DEATH_STEP_NS 1000000ull

/* Under process_lock: who was killed last, by number and start, and when. */
static struct {
	uint32_t number;
	uint64_t start_ns;
	uint64_t since_ns;
} victim_last;

/* A process and what its end would free, in pages. */
struct candidate {
	struct process *process; /* counted, or NULL */
	uint64_t user_pages;
	uint64_t pages;
};

/* Under the lock: the process gives its space back when it ends. */
static struct space *space_of(struct process *process)
{
	struct space *space = NULL;

	lglock_lock(&process_lock);
	if (process->state == PROCESS_LIVE && process->space) {
		space = process->space;
		space_get(space);
	}
	lglock_unlock(&process_lock);
	return space;
}

static bool may_be_killed(const struct process *process)
{
	return process->state == PROCESS_LIVE && process->space &&
	       !(process->flags & (PROCESS_INIT | PROCESS_EXITING));
}

/* What its descriptors keep in pipes. */
static uint64_t pipe_pages(struct process *process)
{
	struct file_table *files = NULL;
	uint64_t bytes = 0;

	lglock_lock(&process_lock);
	if (process->files)
		files = file_table_get(process->files);
	lglock_unlock(&process_lock);
	if (!files)
		return 0;
	for (int64_t fd = fd_next(files, 0); fd >= 0; fd = fd_next(files, (uint64_t)fd + 1)) {
		struct file *file = fd_get(files, fd);

		if (file)
			bytes += pipe_bytes(file);
		file_put(file);
	}
	file_table_put(files);
	return bytes / PAGE_SIZE;
}

/* Pages of files stay when their last reader goes: they do not count, and what was promised but
 * not touched does not either. */
static uint64_t pages_of(struct process *process)
{
	struct space *space = may_be_killed(process) ? space_of(process) : NULL;
	struct space_stats stats;

	if (!space)
		return 0;
	space_stats(space, &stats);
	space_put(space);
	return stats.anon_pages + stats.table_pages + stats.shared_pages + pipe_pages(process);
}

static uint64_t pages_of_user(struct process *process)
{
	struct user_account *account = account_of_process(process);
	uint64_t pages = account->oom_pages;

	account_put(account);
	return pages;
}

/* Sets what @process's user is counted for to @pages, or adds them. */
static void count(struct process *process, bool first, uint64_t pages)
{
	struct user_account *account = account_of_process(process);

	account->oom_pages = first ? pages : account->oom_pages + pages;
	account_put(account);
}

static void count_users(void)
{
	for (struct process *at = process_next(NULL); at; at = process_next(at))
		count(at, true, 0);
	for (struct process *at = process_next(NULL); at; at = process_next(at))
		count(at, false, pages_of(at));
}

static bool is_larger(const struct candidate *a, const struct candidate *b)
{
	return a->user_pages != b->user_pages ? a->user_pages > b->user_pages : a->pages > b->pages;
}

static struct process *choose_largest(void)
{
	struct candidate best = {0};

	count_users();
	for (struct process *at = process_next(NULL); at; at = process_next(at)) {
		struct candidate now = {at, pages_of_user(at), pages_of(at)};

		if (!may_be_killed(at) || (best.process && !is_larger(&now, &best)))
			continue;
		if (best.process)
			process_put(best.process);
		best = now;
		process_get(at);
	}
	return best.process;
}

/* Whether the last victim still holds memory and has not had its time yet. */
static bool somebody_is_dying(void)
{
	lglock_lock(&process_lock);
	const struct pid *pid = pid_find(victim_last.number);
	const struct process *last = pid ? pid->process : NULL;
	bool waits = last && last->start_ns == victim_last.start_ns &&
		     last->state == PROCESS_LIVE && last->space &&
		     time_now_ns() - victim_last.since_ns < DEATH_TIME_NS;
	lglock_unlock(&process_lock);
	return waits;
}

/* Takes over the reference of the victim. */
static void kill_victim(struct process *victim)
{
	static struct log_rate rate;
	struct user_account *account = account_of_process(victim);

	if (log_allowed(&rate, "oom"))
		log_warn("oom", "out of memory: process %u of user %u is killed",
			 victim->pid->number, account->uid);
	account_put(account);
	lglock_lock(&process_lock);
	victim_last.number = victim->pid->number;
	victim_last.start_ns = victim->start_ns;
	victim_last.since_ns = time_now_ns();
	victim->flags |= PROCESS_KILLED_BY_OOM;
	process_kill_locked(victim, SIGKILL);
	lglock_unlock(&process_lock);
	process_put(victim);
}

static bool choose_and_kill(void)
{
	struct process *victim;

	if (somebody_is_dying())
		return true;
	victim = choose_largest();
	if (victim)
		kill_victim(victim);
	return victim;
}

/* One CPU chooses at a time: the counts are its own, and one victim is enough for all. */
static bool somebody_will_die(void)
{
	static uint32_t choosing;
	bool will_die;

	if (__atomic_exchange_n(&choosing, 1, __ATOMIC_ACQUIRE))
		return true;
	will_die = choose_and_kill();
	__atomic_store_n(&choosing, 0, __ATOMIC_RELEASE);
	return will_die;
}

static bool self_is_dying(void)
{
	return thread_self()->space && (READ_ONCE(process_current()->flags) & PROCESS_EXITING);
}

bool oom_kill_one(void)
{
	if (self_is_dying())
		return false;
	if (!somebody_will_die())
		return false;
	if (self_is_dying())
		return false;
	(void)wait_until(time_now_ns() + DEATH_STEP_NS, WAIT_KILLABLE);
	return !self_is_dying();
}
