/* SPDX-License-Identifier: BSD-2-Clause */
/* The idle thread of each CPU: looks for work on the others, then waits for an interrupt. */
#include "kernel/sched/place.h"

void runq_receive(struct runq *runq, struct thread *thread)
{
	spin_lock(&runq->lock);
	runq_catch_up(runq);
	runq_arrive(runq, thread);
	/* Its affinity may have changed between the locks. */
	runq = runq_choose(runq, thread);
	runq_enqueue_moved(runq, thread);
	spin_unlock(&runq->lock);
}

/* Take a thread from @victim to @runq, this CPU's. */
static bool steal_from(struct runq *victim, struct runq *runq)
{
	struct thread *thread;

	spin_lock(&victim->lock);
	thread = runq_give(victim, runq->cpu);
	if (thread)
		runq_move(victim, runq, thread);
	spin_unlock(&victim->lock);
	if (!thread)
		return false;
	runq_receive(runq, thread);
	return true;
}

static bool steal(struct runq *runq)
{
	uint32_t count = READ_ONCE(runq_count);

	for (uint32_t i = 1; i < count; i++) {
		struct runq *victim = runqs[(runq->cpu + i) % count];

		if (READ_ONCE(victim->waiting) && steal_from(victim, runq))
			return true;
	}
	return false;
}

void idle_call(const struct runq *runq)
{
	uint32_t cpu = cpu_set_find(&idle_cpus, &sched_cpus, runq->cpu);

	if (cpu != LIMIT_CPUS && cpu_set_take(&idle_cpus, cpu)) {
		thread_work_add(runqs[cpu]->idle, THREAD_RESCHED);
		runq_kick(runqs[cpu]);
	}
}

/* Interrupts are off between the look and the wait, so no wake is slept through. */
static void idle_wait(struct runq *runq)
{
	irq_disable();
	if (!READ_ONCE(runq->waiting) && !(thread_work() & THREAD_RESCHED))
		cpu_wait_irq();
	else
		irq_enable();
}

void idle_run(void *arg)
{
	struct runq *runq = arg;

	for (;;) {
		bool found = false;

		if (unlikely(!cpu_set_has(&sched_cpus, runq->cpu)))
			idle_leave(runq);
		if (unlikely(runq_count > 1)) {
			irq_disable();
			cpu_set_add(&idle_cpus, runq->cpu);
			found = steal(runq);
			irq_enable();
		}
		if (!found)
			idle_wait(runq);
		if (unlikely(runq_count > 1))
			cpu_set_take(&idle_cpus, runq->cpu);
		schedule();
	}
}
