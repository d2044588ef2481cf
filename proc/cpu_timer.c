/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/cpu_timer.h"

#include "kernel/lib/bits.h"

#include "kernel/x86/cpus.h"
#include "proc/process.h"

/* Nobody needs them more often, and nobody gets the CPU only for looking at them. */
#define CHECK_NS_LEAST 1000000ull

uint64_t process_cpu_ns_locked(const struct process *process)
{
	uint64_t ns = process->used_dead.cpu_ns;

	list_for_each(node, &process->tasks) ns +=
		thread_cpu_ns(&list_entry(node, struct task, link)->thread);
	return ns;
}

uint64_t cpu_timer_now_locked(const struct process *process, const struct cpu_timer *timer)
{
	if (!timer->thread)
		return process_cpu_ns_locked(process);
	return timer->thread->task ? thread_cpu_ns(&timer->thread->task->thread) : 0;
}

/* What is left of the first one due; UINT64_MAX: none runs. */
static uint64_t least_left_locked(const struct process *process)
{
	uint64_t least = UINT64_MAX;

	list_for_each(node, &process->cpu_timers.running)
	{
		const struct cpu_timer *timer = list_entry(node, struct cpu_timer, link);
		uint64_t now = cpu_timer_now_locked(process, timer);

		least = MIN(least, timer->deadline_ns > now ? timer->deadline_ns - now : 0);
	}
	return least;
}

/* CPU time runs as fast as the clock with each thread that runs: so many may at once. */
static uint64_t most_at_once(const struct process *process)
{
	return MAX(MIN(process->task_count, cpu_count()), 1u);
}

static void set_check_locked(struct process *process, uint64_t least_ns)
{
	uint64_t left = least_left_locked(process), now = time_now_ns();

	if (left == UINT64_MAX)
		return;
	left = MAX(left / most_at_once(process), least_ns);
	deferred_timer_start(&process->cpu_timers.check,
			     left < INT64_MAX - now ? now + left : INT64_MAX);
}

static void expire_due_locked(struct process *process)
{
	list_for_each_safe(node, next, &process->cpu_timers.running)
	{
		struct cpu_timer *timer = list_entry(node, struct cpu_timer, link);

		bool ended = timer->thread && !timer->thread->task;

		if (!ended && cpu_timer_now_locked(process, timer) < timer->deadline_ns)
			continue;
		list_remove(&timer->link);
		if (!ended)
			timer->expire(process, timer);
	}
}

static bool runs_locked(const struct process *process)
{
	list_for_each(node, &process->tasks)
	{
		if (list_entry(node, struct task, link)->thread.state == THREAD_RUNNABLE)
			return true;
	}
	return false;
}

static void check(struct deferred_timer *deferred)
{
	struct cpu_timers *timers = container_of(deferred, struct cpu_timers, check);
	struct process *process = container_of(timers, struct process, cpu_timers);

	expire_due_locked(process);
	set_check_locked(process, runs_locked(process) ? CHECK_NS_LEAST : CPU_TIMER_LATE_NS);
}

void cpu_timers_thread_added_locked(struct process *process)
{
	if (unlikely(!list_empty(&process->cpu_timers.running)))
		set_check_locked(process, 0);
}

void cpu_timer_init(struct cpu_timer *timer,
		    void (*expire)(struct process *process, struct cpu_timer *timer))
{
	list_init(&timer->link);
	timer->thread = NULL;
	timer->expire = expire;
}

void cpu_timer_start_locked(struct process *process, struct cpu_timer *timer, uint64_t deadline_ns)
{
	timer->deadline_ns = deadline_ns;
	list_remove(&timer->link);
	list_add_head(&process->cpu_timers.running, &timer->link);
	set_check_locked(process, 0);
}

void cpu_timer_stop_locked(struct process *process, struct cpu_timer *timer)
{
	list_remove(&timer->link);
	if (list_empty(&process->cpu_timers.running))
		deferred_timer_stop_locked(&process->cpu_timers.check);
}

/* --- RLIMIT_CPU --- */

#define SECOND 1000000000ull

static uint64_t limit_ns(uint64_t seconds)
{
	return MIN(seconds, (uint64_t)INT64_MAX / SECOND) * SECOND;
}

/* The soft limit moves on by a second each time, as on Linux, up to the hard one. */
static void limit_reached(struct process *process, struct cpu_timer *timer)
{
	struct rlimit *limit = &process->limits[RLIMIT_CPU];
	uint64_t used = process_cpu_ns_locked(process);

	(void)timer;
	if (used >= limit_ns(limit->maximum)) {
		process_kill_locked(process, SIGKILL);
		return;
	}
	signal_send_process_locked(process,
				   &(struct signal_info){.signo = SIGXCPU, .code = SI_KERNEL});
	limit->current = used / SECOND + 1;
	cpu_limit_start_locked(process);
}

void cpu_limit_start_locked(struct process *process)
{
	const struct rlimit *limit = &process->limits[RLIMIT_CPU];
	uint64_t seconds = MIN(limit->current, limit->maximum);

	cpu_timer_stop_locked(process, &process->cpu_timers.limit);
	if (seconds != RLIM_INFINITY)
		cpu_timer_start_locked(process, &process->cpu_timers.limit, limit_ns(seconds));
}

void cpu_timers_init(struct cpu_timers *timers)
{
	list_init(&timers->running);
	deferred_timer_init(&timers->check, check);
	cpu_timer_init(&timers->limit, limit_reached);
}

void cpu_timers_stop_locked(struct process *process)
{
	deferred_timer_stop_locked(&process->cpu_timers.check);
	while (!list_empty(&process->cpu_timers.running))
		list_remove(process->cpu_timers.running.next);
}
