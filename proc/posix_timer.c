/* SPDX-License-Identifier: BSD-2-Clause */
/* The timers of a process, by number. */
#include "mm/slab.h"
#include "proc/posix_timer_internal.h"

static SLAB_CACHE(timer_cache, struct posix_timer);

#define CLOCK_LAST 11u

/* The clock's timer, or where it would stand. */
static struct posix_timer *find_from(struct posix_timers *timers, uint32_t id,
				     struct rb_node **parent, unsigned *side)
{
	struct rb_node *node = timers->by_id.root;

	*parent = NULL;
	*side = 0;
	while (node) {
		struct posix_timer *timer = container_of(node, struct posix_timer, node);

		if (timer->id == id)
			return timer;
		*parent = node;
		*side = id > timer->id;
		node = node->child[*side];
	}
	return NULL;
}

static struct posix_timer *find_locked(uint32_t id)
{
	struct rb_node *parent;
	unsigned side;

	return find_from(&process_current()->timers, id, &parent, &side);
}

/* Numbers go up from 0; whoever has made 2^31 of them meets the old ones again. */
static void give_number_locked(struct process *process, struct posix_timer *timer)
{
	struct posix_timers *timers = &process->timers;
	struct rb_node *parent;
	unsigned side;

	do {
		timer->id = timers->next_id++ & INT32_MAX;
	} while (find_from(timers, timer->id, &parent, &side));
	rb_insert(&timers->by_id, &timer->node, parent, side);
}

static enum err choose_clock_locked(struct posix_timer *timer, uint32_t clock)
{
	timer->clock = clock;
	switch (clock) {
	case TIMER_CLOCK_REALTIME:
	case TIMER_CLOCK_MONOTONIC:
	case TIMER_CLOCK_BOOTTIME:
	case TIMER_CLOCK_TAI:
		return OK;
	case 4: /* the raw clock, the two coarse ones and the alarms */
	case 5:
	case 6:
	case 8:
	case 9:
		return ERR_OPNOTSUPP;
	default:
		timer->by_cpu = true;
		return cpu_clock_own_locked(clock, &timer->cpu.thread);
	}
}

static enum err choose_target_locked(struct posix_timer *timer)
{
	struct pid *pid;

	if (timer->event.notify == SIGEV_NONE)
		return OK;
	if (timer->event.signo <= 0 || timer->event.signo > SIGNAL_COUNT)
		return ERR_INVAL;
	switch (timer->event.notify) {
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		return OK;
	case SIGEV_THREAD_ID:
		pid = pid_find(timer->event.thread);
		if (!pid || !pid->task || pid->task->process != process_current())
			return ERR_INVAL;
		timer->target = pid_get(pid);
		return OK;
	default:
		return ERR_INVAL;
	}
}

static enum err publish_locked(struct posix_timer *timer, uint32_t clock, bool is_default)
{
	enum err err = choose_clock_locked(timer, clock);

	if (err == OK && !signal_charge_locked(timer->process))
		return ERR_AGAIN;
	if (err != OK)
		return err;
	err = choose_target_locked(timer);
	if (err != OK) {
		signal_uncharge_locked(timer->process);
		return err;
	}
	give_number_locked(timer->process, timer);
	if (is_default)
		timer->event.value = timer->id;
	return OK;
}

/* One that nobody can find any more. */
static void timer_free(struct posix_timer *timer)
{
	if (timer->target)
		pid_put(timer->target);
	if (timer->cpu.thread)
		pid_put(timer->cpu.thread);
	slab_free(&timer_cache, timer);
}

int64_t posix_timer_create(uint32_t clock, const struct timer_event *event)
{
	static const struct timer_event alarm = {.signo = SIGALRM, .notify = SIGEV_SIGNAL};
	struct posix_timer *timer = slab_alloc_zero(&timer_cache);
	uint32_t id;
	enum err err;

	if (!timer)
		return ERR_AGAIN;
	posix_timer_init(timer);
	timer->process = process_current();
	timer->event = event ? *event : alarm;
	lglock_lock(&process_lock);
	err = publish_locked(timer, clock, !event);
	id = timer->id;
	lglock_unlock(&process_lock);
	if (err == OK)
		return id;
	timer_free(timer);
	return err;
}

static void unlink_locked(struct posix_timer *timer)
{
	posix_timer_stop_locked(timer);
	rb_erase(&timer->process->timers.by_id, &timer->node);
	signal_uncharge_locked(timer->process);
}

enum err posix_timer_delete(uint32_t id)
{
	struct posix_timer *timer;

	lglock_lock(&process_lock);
	timer = find_locked(id);
	if (timer)
		unlink_locked(timer);
	lglock_unlock(&process_lock);
	if (!timer)
		return ERR_INVAL;
	timer_free(timer);
	return OK;
}

void posix_timers_delete_all(struct process *process)
{
	struct rb_node *node;

	while (READ_ONCE(process->timers.by_id.root)) {
		struct posix_timer *timer = NULL;

		lglock_lock(&process_lock);
		node = process->timers.by_id.root;
		if (node) {
			timer = container_of(node, struct posix_timer, node);
			unlink_locked(timer);
		}
		lglock_unlock(&process_lock);
		if (timer)
			timer_free(timer);
	}
	process->timers.next_id = 0;
}

enum err posix_timer_set(uint32_t id, bool absolute, const struct interval *change,
			 struct interval *old)
{
	struct posix_timer *timer;
	uint64_t deadline = change->left_ns;

	lglock_lock(&process_lock);
	timer = find_locked(id);
	if (timer) {
		*old = posix_timer_left_locked(timer);
		posix_timer_stop_locked(timer);
		timer->interval_ns = change->interval_ns;
		if (deadline && !absolute)
			deadline += posix_timer_now_locked(timer);
		if (deadline)
			posix_timer_start_locked(timer, deadline, absolute);
	}
	lglock_unlock(&process_lock);
	return timer ? OK : ERR_INVAL;
}

enum err posix_timer_get(uint32_t id, struct interval *now)
{
	struct posix_timer *timer;

	lglock_lock(&process_lock);
	timer = find_locked(id);
	if (timer)
		*now = posix_timer_left_locked(timer);
	lglock_unlock(&process_lock);
	return timer ? OK : ERR_INVAL;
}

int64_t posix_timer_overrun(uint32_t id)
{
	struct posix_timer *timer;
	int64_t overrun = ERR_INVAL;

	lglock_lock(&process_lock);
	timer = find_locked(id);
	if (timer)
		overrun = (int64_t)timer->overrun;
	lglock_unlock(&process_lock);
	return overrun;
}
