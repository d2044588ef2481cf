/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/place.h"

#include "kernel/sched/deadline.h"
#include "kernel/x86/apic.h"

struct cpu_set idle_cpus;
struct cpu_set sched_cpus;
struct cpu_set sched_allowed = CPU_SET_FIRST;

void runq_kick(const struct runq *runq)
{
	lapic_send(runq->apic_id, VECTOR_KICK);
}

/* An idle CPU for @thread, the last one before all others, claimed; LIMIT_CPUS: none. */
static uint32_t claim_idle(const struct thread *thread, uint32_t last)
{
	uint32_t cpu;

	do {
		cpu = cpu_set_find(&idle_cpus, &thread->affinity, last);
	} while (cpu != LIMIT_CPUS &&
		 !(cpu_set_take(&idle_cpus, cpu) && cpu_set_has(&sched_cpus, cpu)));
	return cpu;
}

static bool may_stay(const struct thread *thread, uint32_t cpu)
{
	return cpu_set_has(&thread->affinity, cpu) && cpu_set_has(&sched_cpus, cpu);
}

/* Where one of less priority runs, its last CPU before all others; a snapshot. */
static uint32_t find_less_urgent(const struct thread *thread)
{
	uint32_t count = READ_ONCE(runq_count);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t cpu = (thread->cpu + i) % count;

		if (may_stay(thread, cpu) && READ_ONCE(runqs[cpu]->urgency) < thread->realtime)
			return cpu;
	}
	return LIMIT_CPUS;
}

static uint32_t choose(struct thread *thread)
{
	uint32_t last = thread->cpu, cpu;

	if (unlikely(thread->realtime == REALTIME_DEADLINE) &&
	    may_stay(thread, thread->deadline->home))
		return thread->deadline->home;
	cpu = claim_idle(thread, last);
	if (cpu != LIMIT_CPUS)
		return cpu;
	if (unlikely(thread->realtime)) {
		cpu = find_less_urgent(thread);
		if (cpu != LIMIT_CPUS)
			return cpu;
	}
	if (may_stay(thread, last))
		return last;
	cpu = cpu_set_find(&sched_cpus, &thread->affinity, last);
	if (likely(cpu != LIMIT_CPUS))
		return cpu;
	/* All that it may run on are out: anywhere, as on Linux. */
	thread->affinity = sched_allowed;
	return cpu_set_find(&sched_cpus, &sched_allowed, last);
}

struct runq *runq_choose(struct runq *runq, struct thread *thread)
{
	/* Still on its stack there: it waits for that CPU, which is about to leave it. */
	if (unlikely(READ_ONCE(thread->on_cpu))) {
		if (may_stay(thread, runq->cpu))
			return runq;
		while (__atomic_load_n(&thread->on_cpu, __ATOMIC_ACQUIRE))
			cpu_relax();
	}
	for (;;) {
		uint32_t cpu = choose(thread);

		if (cpu == runq->cpu)
			return runq;
		/* Between the locks it is runnable and in no queue: nobody else touches it but for
		 * its affinity. */
		runq_leave(runq, thread);
		WRITE_ONCE(thread->cpu, cpu);
		spin_unlock(&runq->lock);
		runq = runqs[cpu];
		spin_lock(&runq->lock);
		runq_arrive(runq, thread);
		if (likely(may_stay(thread, cpu)))
			return runq;
	}
}

void thread_move(struct thread *thread)
{
	struct runq *runq;

	thread->parting = PARTING_NOT;
	runq = runq_choose(runq_lock_of(thread), thread);
	runq_enqueue_moved(runq, thread);
	spin_unlock(&runq->lock);
}

/* Context: @runq locked, which is that of thread->cpu; drops it. */
static void leave_cpu(struct runq *runq, struct thread *thread)
{
	if (thread == runq->running) {
		thread_work_add(thread, THREAD_RESCHED);
		if (runq != runq_self())
			runq_kick(runq);
	} else if (thread->in_queue) {
		runq_remove(runq, thread);
		runq = runq_choose(runq, thread);
		runq_enqueue_moved(runq, thread);
	}
	spin_unlock(&runq->lock);
}

bool thread_affinity_set(struct thread *thread, const struct cpu_set *set)
{
	struct runq *runq;
	uint64_t flags;

	if (cpu_set_find(set, &sched_cpus, 0) == LIMIT_CPUS)
		return false;
	flags = irq_save();
	runq = runq_lock_of(thread);
	thread->affinity = *set;
	if (cpu_set_has(set, runq->cpu))
		spin_unlock(&runq->lock);
	else
		leave_cpu(runq, thread);
	irq_restore(flags);
	return true;
}

void sched_spread(bool everywhere)
{
	sched_allowed = everywhere ? sched_cpus : CPU_SET_FIRST;
}
