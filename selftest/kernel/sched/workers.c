/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/kernel/sched/workers.h"

#include "mm/kstack.h"

static struct kthread kthreads[WORKERS_MAX];

bool workers_start(struct workers *workers, unsigned count, void (*run)(void *arg))
{
	ASSERT(count <= WORKERS_MAX);
	workers->count = 0;
	for (unsigned i = 0; i < count; i++) {
		workers->stacks[i] = kstack_alloc();
		if (!workers->stacks[i]) {
			workers_join(workers);
			return false;
		}
		kthread_create(&kthreads[i], run, (void *)(uintptr_t)i, "worker",
			       workers->stacks[i], (char *)workers->stacks[i] + KSTACK_SIZE);
		workers->count++;
	}
	return true;
}

void workers_join(struct workers *workers)
{
	for (unsigned i = 0; i < workers->count; i++) {
		kthread_join(&kthreads[i]);
		kstack_free(workers->stacks[i]);
	}
}

struct thread *workers_thread(unsigned index)
{
	return &kthreads[index].thread;
}
