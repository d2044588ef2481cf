/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/family.h"
#include "proc/process.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

/* Children that tell their end by another signal than SIGCHLD are for those who ask for them. */
static bool is_kind(const struct process *child, uint32_t options)
{
	return (options & WALL) || (child->exit_signal != SIGCHLD) == !!(options & WCLONE);
}

static bool matches(const struct process *child, int32_t which, uint32_t options)
{
	if (!is_kind(child, options))
		return false;
	if (which > 0)
		return child->pid->number == (uint32_t)which;
	if (which == -1)
		return true;
	uint32_t group = which ? (uint32_t)-which : process_current()->group->number;
	return child->group->number == group;
}

static struct process *find_in(struct list_node *list, int32_t which, uint32_t options)
{
	list_for_each(node, list)
	{
		struct process *child = list_entry(node, struct process, sibling);
		if (matches(child, which, options))
			return child;
	}
	return NULL;
}

/* The child of that number, if it is ours: found by its number, not by a search. */
static struct process *find_by_number(struct process *self, int32_t which, uint32_t options)
{
	struct process *child = pid_find_child((uint32_t)which, self);

	return child && is_kind(child, options) ? child : NULL;
}

static struct process *find_zombie_locked(struct process *self, int32_t which, uint32_t options)
{
	if (!(options & WEXITED))
		return NULL;
	if (which <= 0)
		return find_in(&self->zombies, which, options);
	struct process *child = find_by_number(self, which, options);
	return child && child->state == PROCESS_ZOMBIE ? child : NULL;
}

/* A child that stopped or went on and has not been asked about that. */
static struct process *find_news_locked(struct process *self, int32_t which, uint32_t options)
{
	list_for_each(node, &self->news)
	{
		struct process *child = list_entry(node, struct process, stop.news_link);
		uint32_t wanted =
			child_status_code(child->stop.news) == CLD_STOPPED ? WUNTRACED : WCONTINUED;

		if ((options & wanted) && matches(child, which, options))
			return child;
	}
	return NULL;
}

static struct process *find_event_locked(struct process *self, int32_t which, uint32_t options)
{
	struct process *child = find_zombie_locked(self, which, options);

	return child || likely(list_empty(&self->news)) ? child
							: find_news_locked(self, which, options);
}

/* One that may still do what is waited for: the dead only leave. */
static bool has_child_locked(struct process *self, int32_t which, uint32_t options)
{
	bool dead_count = options & WEXITED;

	if (which > 0) {
		const struct process *child = find_by_number(self, which, options);
		return child && (dead_count || child->state != PROCESS_ZOMBIE);
	}
	return (dead_count && find_in(&self->zombies, which, options)) ||
	       find_in(&self->children, which, options);
}

int32_t child_status_code(int32_t status)
{
	if (status == 0xffff)
		return CLD_CONTINUED;
	if ((status & 0xff) == 0x7f)
		return CLD_STOPPED;
	return status & 0x7f ? status & 0x80 ? CLD_DUMPED : CLD_KILLED : CLD_EXITED;
}

/* The exit code, or the signal. */
uint32_t child_status_detail(int32_t status)
{
	if (status == 0xffff)
		return SIGCONT;
	return status & 0x7f && (status & 0xff) != 0x7f ? status & 0x7f : status >> 8 & 0xff;
}

static void describe(const struct process *child, struct child_result *out)
{
	*out = (struct child_result){
		.pid = child->pid->number,
		.uid = child->cred->uid,
		.status = child->state == PROCESS_LIVE ? child->stop.news : child->exit_status,
	};
	process_usage_locked(child, &out->usage);
	usage_add(&out->usage, &child->used_children);
}

static enum err result_locked(struct process *self, int32_t which, uint32_t options,
			      enum wait_result woken)
{
	if (!has_child_locked(self, which, options))
		return ERR_CHILD;
	return options & WNOHANG ? OK : woken == WAIT_INTR ? ERR_RESTARTSYS : ERR_AGAIN;
}

/* The end of one that was waited for, and of what its last thread has left. Drops the lock. */
static void collect_locked(struct process *zombie, struct pid *session)
{
	uint32_t last_cpu = zombie->last_cpu;

	process_unlink_locked(zombie);
	family_unlock(session);
	process_unlinked(zombie);
	task_reap_left_on(last_cpu);
}

/* One that waits, and what it holds. */
struct attempt {
	int32_t which;
	uint32_t options;
	bool is_wide;        /* a child of another session has come: it wants process_lock */
	struct pid *session; /* as family_lock() returned it */
	enum wait_result woken;
};

static void lock(struct attempt *attempt)
{
	attempt->session = unlikely(attempt->is_wide) ? family_lock_all() : family_lock(FAMILY_OWN);
}

/* What was asked for, once it has come; else NULL. The lock is held. */
static struct process *await_locked(struct attempt *attempt)
{
	struct process *self = process_current(), *child = NULL;
	int32_t which = attempt->which;
	uint32_t options = attempt->options;

	if (options & WNOHANG)
		return find_event_locked(self, which, options);
	attempt->woken = wait_event_dropping(&self->child_wait, family_unlock(attempt->session),
					     lock(attempt),
					     (child = find_event_locked(self, which, options)) ||
						     !has_child_locked(self, which, options),
					     TIME_NEVER, WAIT_INTERRUPTIBLE);
	return child;
}

/* The same, with the lock taken that goes with what has come. */
static struct process *await_and_lock(struct attempt *attempt)
{
	for (;;) {
		lock(attempt);
		struct process *child = await_locked(attempt);
		if (!child || !attempt->session || child->session == attempt->session)
			return child;
		family_unlock(attempt->session);
		attempt->is_wide = true;
	}
}

enum err process_wait(int32_t which, uint32_t options, struct child_result *out)
{
	struct process *self = process_current(), *child;
	struct attempt attempt = {.which = which, .options = options, .woken = WAIT_OK};

	*out = (struct child_result){0};
	task_reap_dead();
	child = await_and_lock(&attempt);
	if (!child) {
		enum err err = result_locked(self, which, options, attempt.woken);
		family_unlock(attempt.session);
		return err;
	}
	describe(child, out);
	if ((options & WNOWAIT) || child->state == PROCESS_LIVE) {
		if (!(options & WNOWAIT))
			signal_stop_forget_news_locked(child);
		family_unlock(attempt.session);
		return OK;
	}
	usage_add(&self->used_children, &out->usage);
	collect_locked(child, attempt.session);
	return OK;
}

void process_wait_kernel(struct process *process, int32_t *status)
{
	lglock_lock(&process_lock);
	while (wait_event_lock(&process->child_wait, &process_lock,
			       process->state == PROCESS_ZOMBIE, TIME_NEVER,
			       WAIT_KILLABLE) != WAIT_OK)
		;
	*status = process->exit_status;
	collect_locked(process, NULL);
}
