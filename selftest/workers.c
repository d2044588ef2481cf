/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/workers.h"

#include "kernel/lib/debug.h"

#include "kernel/sched/runq.h"
#include "kernel/sched/sched.h"
#include "kernel/x86/cpus.h"
#include "mm/kstack.h"

#define QUANTUM_SECONDS 100

static struct kthread kthreads[WORKERS_MAX];

/* Nobody is ahead of the new one, which begins where the last that ended did. */
static void start_with(struct thread *self, const struct thread *worker)
{
	if (worker->cpu == self->cpu && vtime_after(worker->turn.vtime, self->turn.vtime))
		self->turn.vtime = worker->turn.vtime;
}

bool workers_start(struct workers *workers, unsigned count, void (*run)(void *arg))
{
	ASSERT(count <= WORKERS_MAX);
	workers->count = 0;
	workers->quantum_ticks = 0;
	for (unsigned i = 0; i < count; i++) {
		workers->stacks[i] = kstack_alloc();
		if (!workers->stacks[i]) {
			workers_join(workers);
			return false;
		}
		if (CONFIG_DEBUG)
			kstack_mark(workers->stacks[i]);
		kthread_create(&kthreads[i], run, (void *)(uintptr_t)i, "worker",
			       workers->stacks[i], (char *)workers->stacks[i] + KSTACK_SIZE);
		workers->count++;
		start_with(thread_self(), &kthreads[i].thread);
	}
	return true;
}

static void times_stand(struct workers *workers, uint32_t pace)
{
	WRITE_ONCE(thread_self()->pace, pace);
	for (unsigned i = 0; i < workers->count; i++)
		WRITE_ONCE(kthreads[i].thread.pace, pace);
}

bool workers_start_exact(struct workers *workers, unsigned count, void (*run)(void *arg))
{
	struct runq *runq = runq_self();
	uint64_t quantum_ticks = runq->quantum_ticks;

	runq->quantum_ticks = QUANTUM_SECONDS * time_scale.tsc_hz;
	thread_self()->slice_ticks = 0;
	if (!workers_start(workers, count, run)) {
		runq->quantum_ticks = quantum_ticks;
		return false;
	}
	workers->quantum_ticks = quantum_ticks;
	times_stand(workers, 0);
	return true;
}

bool workers_start_on(struct workers *workers, unsigned cpu, void (*run)(void *arg))
{
	struct cpu_set set = {.words = {0}};

	if (cpu >= LIMIT_CPUS || !cpu_at(cpu) || !workers_start(workers, 1, run))
		return false;
	cpu_set_add(&set, cpu);
	return thread_affinity_set(workers_thread(0), &set);
}

void workers_await(const uint32_t *at, uint32_t wanted)
{
	while (__atomic_load_n(at, __ATOMIC_ACQUIRE) < wanted)
		thread_yield();
}

static void quantum_restore(uint64_t quantum_ticks)
{
	struct runq *runq = runq_self();

	WRITE_ONCE(thread_self()->pace, PACE_NORMAL);
	runq->quantum_ticks = quantum_ticks;
	timer_start(&runq->quantum, time_now_ns() + SCHED_QUANTUM_NS);
}

void workers_join(struct workers *workers)
{
	for (unsigned i = 0; i < workers->count; i++) {
		kthread_join(&kthreads[i]);
		kstack_free(workers->stacks[i]);
	}
	if (workers->quantum_ticks)
		quantum_restore(workers->quantum_ticks);
}

struct thread *workers_thread(unsigned index)
{
	return &kthreads[index].thread;
}
