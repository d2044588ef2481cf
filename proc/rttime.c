/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/rttime.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/realtime.h"
#include "proc/process.h"

/* Nobody is looked at more often. */
#define LOOK_NS_LEAST 1000000ull
#define SECOND_US     1000000ull

static uint64_t limit_ns(uint64_t us)
{
	return MAX(MIN(us, (uint64_t)INT64_MAX / NS_PER_US) * NS_PER_US, 1ull);
}

/* Context: interrupts off. Nobody else starts the timer: who wants to stops it first. */
static void look(struct timer *timer)
{
	struct task *task = container_of(timer, struct task, rttime.timer);
	uint64_t limit = READ_ONCE(task->rttime.limit_ns), used;

	if (!limit)
		return;
	used = thread_realtime_ns(&task->thread);
	if (used < limit) {
		timer_start(timer, time_now_ns() + MAX(limit - used, LOOK_NS_LEAST));
		return;
	}
	WRITE_ONCE(task->rttime.is_due, true);
	thread_interrupt(&task->thread, THREAD_SIGNAL);
}

void rttime_stop_locked(struct task *task)
{
	if (!task->rttime.limit_ns)
		return;
	WRITE_ONCE(task->rttime.limit_ns, 0);
	/* Who looks during the first may start it again; from then on nobody does. */
	(void)timer_cancel(&task->rttime.timer);
	(void)timer_cancel(&task->rttime.timer);
}

void rttime_start_locked(struct task *task)
{
	const struct rlimit *limit = &task->process->limits[RLIMIT_RTTIME];

	rttime_stop_locked(task);
	if (!task->priority.realtime || limit->current == RLIM_INFINITY)
		return;
	timer_init(&task->rttime.timer, look);
	task->rttime.limit_ns = limit_ns(MIN(limit->current, limit->maximum));
	timer_start(&task->rttime.timer, time_now_ns() + LOOK_NS_LEAST);
}

/* As on Linux the soft limit moves on by a second, past the hard one if need be. */
static void soft_limit_reached(struct task *task, struct rlimit *limit)
{
	signal_send_task_locked(task, &(struct signal_info){.signo = SIGXCPU, .code = SI_KERNEL});
	limit->current += MIN(SECOND_US, RLIM_INFINITY - limit->current);
}

void rttime_reached(void)
{
	struct task *task = task_current();
	struct process *process = task->process;
	struct rlimit *limit = &process->limits[RLIMIT_RTTIME];
	uint64_t used;

	lglock_lock(&process_lock);
	task->rttime.is_due = false;
	/* It may have slept since, or have another class. */
	used = task->priority.realtime ? thread_realtime_ns(&task->thread) : 0;
	if (used >= limit_ns(limit->maximum)) {
		process_kill_locked(process, SIGKILL);
	} else {
		if (used >= limit_ns(limit->current))
			soft_limit_reached(task, limit);
		rttime_start_locked(task);
	}
	lglock_unlock(&process_lock);
}
