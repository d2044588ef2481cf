/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/interval_timer.h"

#include "kernel/lib/bits.h"

#include "proc/process.h"

static void send(struct process *process, int32_t signo)
{
	signal_send_process_locked(process,
				   &(struct signal_info){.signo = signo, .code = SI_KERNEL});
}

static void ring(struct deferred_timer *timer)
{
	struct interval_timers *timers = container_of(timer, struct interval_timers, real);

	send(container_of(timers, struct process, intervals), SIGALRM);
}

static uint64_t sum(uint64_t now, uint64_t ns)
{
	return ns < INT64_MAX - now ? now + ns : INT64_MAX;
}

/* A round that was slept through is not made up for. */
static uint64_t next_round(uint64_t deadline, uint64_t interval, uint64_t now)
{
	if (now > deadline)
		deadline += (now - deadline) / interval * interval;
	return sum(deadline, interval);
}

void interval_timer_again_locked(struct process *process)
{
	struct interval_timers *timers = &process->intervals;

	if (timers->real_interval_ns && !deferred_timer_runs_locked(&timers->real))
		deferred_timer_start(&timers->real,
				     next_round(timers->real.timer.deadline_ns,
						timers->real_interval_ns, time_now_ns()));
}

static void expire(struct process *process, struct cpu_timer *timer)
{
	struct cpu_interval *cpu = container_of(timer, struct cpu_interval, timer);

	send(process, cpu == &process->intervals.cpu[0] ? SIGVTALRM : SIGPROF);
	if (cpu->interval_ns)
		cpu_timer_start_locked(process, timer,
				       next_round(timer->deadline_ns, cpu->interval_ns,
						  process_cpu_ns_locked(process)));
}

void interval_timers_init(struct interval_timers *timers)
{
	deferred_timer_init(&timers->real, ring);
	for (unsigned i = 0; i < 2; i++)
		cpu_timer_init(&timers->cpu[i].timer, expire);
}

/* One that is due, but has not acted, has the least time left that can be told. */
static uint64_t left(uint64_t deadline, uint64_t now)
{
	return deadline > now ? MAX(deadline - now, NS_PER_US) : NS_PER_US;
}

static struct interval real_now(const struct process *process)
{
	const struct interval_timers *timers = &process->intervals;
	bool runs = deferred_timer_runs_locked(&timers->real);

	return (struct interval){runs ? left(timers->real.timer.deadline_ns, time_now_ns()) : 0,
				 timers->real_interval_ns};
}

static struct interval cpu_now(const struct process *process, const struct cpu_interval *cpu)
{
	bool runs = !list_empty(&cpu->timer.link);

	return (struct interval){runs ? left(cpu->timer.deadline_ns, process_cpu_ns_locked(process))
				      : 0,
				 cpu->interval_ns};
}

static void change_real(struct process *process, const struct interval *change)
{
	struct interval_timers *timers = &process->intervals;

	deferred_timer_stop_locked(&timers->real);
	timers->real_interval_ns = change->interval_ns;
	if (change->left_ns)
		deferred_timer_start(&timers->real, sum(time_now_ns(), change->left_ns));
}

static void change_cpu(struct process *process, struct cpu_interval *cpu,
		       const struct interval *change)
{
	cpu_timer_stop_locked(process, &cpu->timer);
	cpu->interval_ns = change->interval_ns;
	if (change->left_ns)
		cpu_timer_start_locked(process, &cpu->timer,
				       sum(process_cpu_ns_locked(process), change->left_ns));
}

void interval_timer_change(enum interval_kind kind, const struct interval *change,
			   struct interval *old)
{
	struct process *process = process_current();
	struct cpu_interval *cpu = &process->intervals.cpu[kind == INTERVAL_PROF];
	bool by_wall = kind == INTERVAL_REAL;

	lglock_lock(&process_lock);
	if (old)
		*old = by_wall ? real_now(process) : cpu_now(process, cpu);
	if (change && by_wall)
		change_real(process, change);
	else if (change)
		change_cpu(process, cpu, change);
	lglock_unlock(&process_lock);
}
