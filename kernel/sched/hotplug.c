/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs that stop running threads while the others go on, and come back. */
#include "kernel/sched/deadline.h"
#include "kernel/sched/place.h"
#include "kernel/sched/sched_hooks.h"

/* The CPU that is being emptied. */
static struct {
	struct thread *waiter; /* who empties it */
	uint32_t empty;        /* its idle thread runs, and nobody else will */
	uint32_t may_go;
} leaving;

/* One of those that wait goes to another CPU; false when none waits. Context: interrupts off. */
static bool move_one(struct runq *runq)
{
	struct thread *thread;

	spin_lock(&runq->lock);
	if (!runq->waiting) {
		/* Whoever runs follows when it gives the CPU away; the idle thread looks. */
		thread_work_add(runq->running, THREAD_RESCHED);
		runq_kick(runq);
		spin_unlock(&runq->lock);
		return false;
	}
	thread = runq_pop(runq);
	runq = runq_choose(runq, thread);
	runq_enqueue_moved(runq, thread);
	spin_unlock(&runq->lock);
	return true;
}

bool sched_empty_cpu(uint32_t cpu)
{
	struct runq *runq = runqs[cpu];
	uint64_t flags;
	bool more = true;

	ASSERT(cpu != 0);
	if (!deadline_close(cpu))
		return false;
	leaving.empty = leaving.may_go = 0;
	leaving.waiter = thread_self();
	flags = spin_lock_irqsave(&runq->lock);
	cpu_set_take(&sched_cpus, cpu);
	spin_unlock_irqrestore(&runq->lock, flags);
	while (more) {
		flags = irq_save();
		more = move_one(runq);
		irq_restore(flags);
		preempt_point();
	}
	thread_wait_flag(&leaving.empty);
	return true;
}

void sched_visit_cpus(void)
{
	struct thread *self = thread_self();
	const struct cpu_set before = self->affinity;

	ASSERT(self->is_kernel);
	for (uint32_t cpu = 0; cpu < READ_ONCE(runq_count); cpu++) {
		struct cpu_set there = {.words = {0}};

		cpu_set_add(&there, cpu);
		if (!thread_affinity_set(self, &there))
			continue;
		preempt_point();
		ASSERT(cpu_id() == cpu);
	}
	thread_affinity_set(self, &before);
}

void sched_let_go(uint32_t cpu)
{
	__atomic_store_n(&leaving.may_go, 1, __ATOMIC_SEQ_CST);
	runq_kick(runqs[cpu]);
}

void idle_leave(struct runq *runq)
{
	irq_disable();
	cpu_set_take(&idle_cpus, runq->cpu);
	timer_stop(&runq->quantum);
	timer_leave_cpu();
	runq->left_tsc = time_counter();
	runq->idle->cpu_ticks += runq->left_tsc - runq->idle->switch_tsc;
	runq->idle->on_cpu = 0;
	irq_enable();
	__atomic_store_n(&leaving.empty, 1, __ATOMIC_SEQ_CST);
	thread_wake(leaving.waiter);
	/* Others may have meant this CPU before they knew, and wait for its answer. */
	for (;;) {
		irq_disable();
		if (__atomic_load_n(&leaving.may_go, __ATOMIC_SEQ_CST))
			cpu_leave();
		cpu_wait_irq();
	}
}
