/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/deferred_timer.h"

#include "kernel/lib/compiler.h"

#include "kernel/core/spinlock.h"
#include "kernel/sched/wait.h"
#include "mm/kstack.h"
#include "proc/process.h"

static struct spinlock due_lock = SPINLOCK_INIT(LOCK_TIMER_DUE);
static struct list_node due_timers = LIST_INIT(due_timers);
static struct wait_queue due_wait = WAIT_QUEUE_INIT(due_wait);
static struct kthread worker;

void deferred_timer_wake(struct deferred_timer *timer)
{
	uint64_t flags = spin_lock_irqsave(&due_lock);

	if (list_empty(&timer->due))
		list_add_tail(&due_timers, &timer->due);
	spin_unlock_irqrestore(&due_lock, flags);
	wait_wake_all(&due_wait);
	/* Whoever runs does not keep the worker waiting for the rest of its quantum. */
	thread_interrupt(thread_self(), THREAD_RESCHED);
}

static void fire(struct timer *timer)
{
	deferred_timer_wake(container_of(timer, struct deferred_timer, timer));
}

void deferred_timer_init(struct deferred_timer *timer, void (*act)(struct deferred_timer *timer))
{
	timer_init(&timer->timer, fire);
	list_init(&timer->due);
	timer->act = act;
}

void deferred_timer_start(struct deferred_timer *timer, uint64_t deadline_ns)
{
	timer_start(&timer->timer, deadline_ns);
}

/* True when it was due. */
static bool forget_due(struct deferred_timer *timer)
{
	/* Most never are; one that is going off now was not stopped in time either way. */
	if (likely(list_empty(&timer->due)))
		return false;
	uint64_t flags = spin_lock_irqsave(&due_lock);
	bool was_due = !list_empty(&timer->due);

	list_remove(&timer->due);
	spin_unlock_irqrestore(&due_lock, flags);
	return was_due;
}

void deferred_timer_stop_locked(struct deferred_timer *timer)
{
	timer_cancel(&timer->timer);
	(void)forget_due(timer);
}

bool deferred_timer_runs_locked(const struct deferred_timer *timer)
{
	return READ_ONCE(timer->timer.armed) || !list_empty(&timer->due);
}

static struct deferred_timer *first_due(void)
{
	struct deferred_timer *timer = NULL;
	uint64_t flags = spin_lock_irqsave(&due_lock);

	if (!list_empty(&due_timers))
		timer = list_first(&due_timers, struct deferred_timer, due);
	spin_unlock_irqrestore(&due_lock, flags);
	return timer;
}

/* Stopping takes process_lock too: what is first stays there until it has acted. */
static bool act_on_first(void)
{
	struct deferred_timer *timer;

	lglock_lock(&process_lock);
	timer = first_due();
	if (timer && forget_due(timer))
		timer->act(timer);
	lglock_unlock(&process_lock);
	return timer;
}

static void work(void *arg)
{
	(void)arg;
	for (;;) {
		(void)wait_event(&due_wait, !list_empty(&due_timers), TIME_NEVER, WAIT_KILLABLE);
		while (act_on_first())
			preempt_point();
	}
}

enum err deferred_timers_init(void)
{
	char *stack = kstack_alloc();

	if (!stack)
		return ERR_NOMEM;
	kthread_create(&worker, work, NULL, "timers", stack, stack + KSTACK_SIZE);
	return OK;
}
