/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPUs that run threads: how each begins, and what all of them have done. */
#include "kernel/core/panic.h"
#include "kernel/core/state_digest.h"
#include "kernel/core/time.h"
#include "kernel/sched/deadline.h"
#include "kernel/sched/place.h"
#include "kernel/x86/root.h"

static struct runq runq_boot;
static uint32_t cpu_limit = 1;

uint32_t sched_cpu_limit(void)
{
	return cpu_limit;
}

void sched_limit_cpus(uint32_t count)
{
	ASSERT(count >= 1 && count <= LIMIT_CPUS);
	cpu_limit = count;
}

static void panic_print_thread(void)
{
	const struct thread *self = thread_self();
	const struct runq *runq = runq_self();

	panic_print("  %s, stack %p to %p, mutexes %lx, %lu threads wait for the CPU\n", self->name,
		    self->stack_base, self->stack_top, self->held_mutexes,
		    runq ? runq->waiting : 0);
}

static struct panic_section panic_thread = {.title = "thread", .print = panic_print_thread};

static void prepare_cpu(struct cpu *cpu, struct runq *runq, void *stack_base, void *stack_top)
{
	struct thread *idle = &runq->idle_thread.thread;

	runq_init(runq, cpu->id, idle);
	runq->apic_id = cpu->apic_id;
	timer_init(&runq->quantum, quantum_end);
	runq->quantum_ticks = SCHED_QUANTUM_NS / 1000 * (time_scale.tsc_hz / 1000000);
	runq->left_tsc = time_scale.tsc_base;
	kthread_init(&runq->idle_thread, idle_run, runq, "idle", stack_base, stack_top);
	idle->state = THREAD_RUNNABLE;
	idle->cpu = cpu->id;
	idle->part = &runq->kernel_part;
	cpu->runq = runq;
}

/* From the last store on, other CPUs may put threads there. */
void sched_open_cpu(void)
{
	struct cpu *cpu = cpu_self();
	struct thread *running = cpu->runq->running;
	uint64_t now = time_counter();

	ASSERT(cpu->id <= runq_count && cpu->id < cpu_limit);
	deadline_open(cpu->id);
	/* What it took to come here is nobody's time. */
	running->switch_tsc = now;
	running->base_tsc = now - running->cpu_ticks;
	running->on_cpu = 1;
	cpu->runq->away_ticks += now - cpu->runq->left_tsc;
	cpu->runq->left_tsc = 0;
	if (cpu->id == runq_count) {
		runqs[cpu->id] = cpu->runq;
		__atomic_store_n(&runq_count, cpu->id + 1, __ATOMIC_RELEASE);
		runq_turn_shift = cpu->id ? log2_floor(cpu->id) + 1 : 0;
	}
	cpu_set_add(&sched_cpus, cpu->id);
}

/* The flow of control that runs on @cpu is @thread. */
static void adopt(struct cpu *cpu, struct thread *thread)
{
	thread->context.canary = cpu->canary;
	thread->state = THREAD_RUNNABLE;
	thread->part = &cpu->runq->kernel_part;
	cpu->runq->running = thread;
	cpu->current = thread;
}

void sched_init(struct thread *boot, void *idle_stack_base, void *idle_stack_top)
{
	struct cpu *cpu = cpu_self();

	prepare_cpu(cpu, &runq_boot, idle_stack_base, idle_stack_top);
	panic_register(&panic_thread);
	adopt(cpu, boot);
	sched_open_cpu();
}

void sched_init_cpu(struct cpu *cpu, void *memory, void *idle_stack_base, void *idle_stack_top)
{
	prepare_cpu(cpu, memory, idle_stack_base, idle_stack_top);
	cpu->canary = cpu->runq->idle->context.canary;
	adopt(cpu, cpu->runq->idle);
}

void sched_run_cpu(void)
{
	struct cpu *cpu = cpu_self();
	struct runq *runq = cpu->runq;

	/* Among several CPUs an idle one holds no user root: nobody waits for its flushes. */
	runq->idle->context.root = &kernel_root;
	runqs[0]->idle->context.root = &kernel_root;
	irq_enable();
	idle_run(runq);
	__builtin_unreachable();
}

uint64_t sched_waiting_count(void)
{
	return READ_ONCE(runq_self()->waiting);
}

uint64_t sched_runnable_count(void)
{
	uint64_t count = 0;

	for (uint32_t cpu = 0; cpu < READ_ONCE(runq_count); cpu++) {
		const struct runq *runq = runqs[cpu];

		count += READ_ONCE(runq->waiting) + (READ_ONCE(runq->running) != runq->idle);
	}
	return count;
}

uint64_t sched_switch_count(void)
{
	uint64_t count = 0;

	for (uint32_t cpu = 0; cpu < READ_ONCE(runq_count); cpu++)
		count += READ_ONCE(runqs[cpu]->switches);
	return count;
}

uint64_t sched_cpu_idle_ns(uint32_t cpu)
{
	/* Its idle thread's time: a CPU that sleeps for long counts as idle meanwhile. */
	return thread_cpu_ns(runqs[cpu]->idle);
}

uint64_t sched_idle_ns(void)
{
	uint64_t ns = 0;

	for (uint32_t cpu = 0; cpu < READ_ONCE(runq_count); cpu++)
		ns += sched_cpu_idle_ns(cpu);
	return ns;
}

uint64_t sched_cpu_busy_ns(uint32_t cpu)
{
	const struct runq *runq = runqs[cpu];
	uint64_t left = READ_ONCE(runq->left_tsc), until = left ? left : time_counter();
	uint64_t present =
		time_ticks_to_ns(until - time_scale.tsc_base - READ_ONCE(runq->away_ticks));
	uint64_t idle = sched_cpu_idle_ns(cpu);

	return present > idle ? present - idle : 0;
}

uint64_t sched_busy_ns(void)
{
	uint64_t ns = 0;

	for (uint32_t cpu = 0; cpu < READ_ONCE(runq_count); cpu++)
		ns += sched_cpu_busy_ns(cpu);
	return ns;
}

struct cpu_set sched_cpus_now(void)
{
	return sched_cpus;
}

uint64_t sched_timer_count(void)
{
	uint64_t flags = irq_save();
	uint64_t count = timer_count();

	for (uint32_t cpu = 0; cpu < READ_ONCE(runq_count); cpu++)
		count -= READ_ONCE(runqs[cpu]->quantum.armed);
	irq_restore(flags);
	return count;
}

STATE_COUNTER(sched_timer_count);
