/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/interleave-sched/machine.h"

#include <setjmp.h>
#include <string.h>

#include "kernel/core/irq.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/switch_hooks.h"

struct thread sched_threads[SCHED_THREADS];
static uint8_t queues[ENGINE_CPUS][SCHED_CPU_BYTES] __aligned(64);
static struct sched_part parts[ENGINE_CPUS];
static struct sched_group group;
static const struct thread *on_stack[ENGINE_CPUS]; /* whose flow of control a CPU is */
static unsigned reaped[SCHED_THREADS];
static unsigned wanted, left; /* threads: all, those that have not ended */
static void (*act)(unsigned thread);
static jmp_buf loops[ENGINE_CPUS];
static bool is_running;

struct thread *machine_thread(unsigned cpu)
{
	(void)cpu;
	return NULL;
}

static bool is_idle(const struct thread *thread)
{
	return thread == runq_self()->idle;
}

/* A CPU that waits for an interrupt goes on behind it. */
static bool kicked(void *arg)
{
	(void)arg;
	engine_unpark(engine_self());
	return true;
}

static void go_on(void)
{
	irq_enable();
	longjmp(loops[engine_self()], 1);
}

/* Who leaves is on its stack up to here: nobody else may have it. */
void context_switch(struct context *from, struct context *to)
{
	const struct thread *leaves = container_of(from, struct thread, context);
	const struct thread *comes = container_of(to, struct thread, context);

	POINT(NULL, POINT_READ);
	for (unsigned cpu = 0; cpu < ENGINE_CPUS; cpu++)
		MUST(on_stack[cpu] != comes);
	on_stack[engine_self()] = comes;
	/* Two that never go on where they left. */
	if (!is_running || !(is_idle(leaves) || leaves->state == THREAD_DEAD))
		return;
	thread_started();
	go_on();
}

void cpu_wait_irq(void)
{
	if (!left)
		go_on();
	machine_wait_irq();
}

void thread_reap(struct thread *thread)
{
	reaped[thread - sched_threads]++;
	if (--left)
		return;
	for (unsigned cpu = 0; cpu < runq_count; cpu++)
		engine_unpark(cpu);
}

void sched_machine(unsigned cpus, unsigned count, void (*threads_act)(unsigned thread))
{
	is_running = false;
	act = threads_act;
	wanted = left = count;
	runq_count = 0;
	memset(&idle_cpus, 0, sizeof(idle_cpus));
	memset(&sched_cpus, 0, sizeof(sched_cpus));
	memset(queues, 0, sizeof(queues));
	memset(on_stack, 0, sizeof(on_stack));
	memset(reaped, 0, sizeof(reaped));
	sched_limit_cpus(cpus);
	irq_register_vector(VECTOR_KICK, kicked, NULL);
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		sched_init_cpu(cpu_at(cpu), queues[cpu], NULL, NULL);
		engine_be(cpu);
		sched_open_cpu();
	}
	sched_spread(true);
	sched_group_init(&group, parts, cpus);
	for (unsigned i = 0; i < count; i++) {
		thread_init(&sched_threads[i], "thread", NULL, NULL);
		thread_group_set(&sched_threads[i], &group);
	}
}

void sched_queue(unsigned thread, unsigned cpu)
{
	sched_threads[thread].cpu = cpu;
	engine_be(cpu);
	thread_wake(&sched_threads[thread]);
}

void sched_dispatch(unsigned thread, unsigned cpu)
{
	sched_queue(thread, cpu);
	schedule();
	MUST(thread_self() == &sched_threads[thread]);
}

void sched_give_away(void)
{
	thread_work_add(thread_self(), THREAD_RESCHED);
	schedule();
}

void sched_run(unsigned cpu)
{
	is_running = true;
	(void)setjmp(loops[cpu]);
	while (left) {
		if (is_idle(thread_self()))
			idle_run(runq_self());
		else if (thread_work() & THREAD_RESCHED)
			schedule();
		else
			act((unsigned)(thread_self() - sched_threads));
	}
}

void sched_check(void)
{
	for (unsigned i = 0; i < wanted; i++)
		MUST(reaped[i] == 1);
	for (unsigned cpu = 0; cpu < runq_count; cpu++)
		MUST(!runqs[cpu]->waiting && !runqs[cpu]->lock.held);
}
