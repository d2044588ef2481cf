/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/kernel/sched/private_queue.h"

#include "kernel/lib/string.h"

static struct private_queue the_queue;

/* Rounded up: what it is turned back into is @ns again. */
static uint64_t ns_to_ticks(uint64_t ns)
{
	return ((ns << 20) + (time_scale.mult >> 12) - 1) / (time_scale.mult >> 12);
}

struct private_queue *private_queue(unsigned count)
{
	struct private_queue *queue = &the_queue;

	memset(queue, 0, sizeof(*queue));
	runq_init(&queue->runq, 0, &queue->idle);
	queue->runq.quantum_ticks = SCHED_QUANTUM_NS;
	for (unsigned i = 0; i < PRIVATE_USERS; i++)
		sched_group_init(&queue->users[i], &queue->parts[i], 1);
	for (unsigned i = 0; i < count; i++) {
		struct thread *thread = &queue->threads[i];

		thread->state = THREAD_RUNNABLE;
		list_init(&thread->turn.link);
		thread_weight_set(thread, WEIGHT_NORMAL, false);
		thread->group = &queue->users[0];
		thread->part = &queue->parts[0];
		thread->turn.vtime = queue->parts[0].threads.now;
	}
	return queue;
}

static void run_on(struct private_queue *queue, struct thread *thread)
{
	queue->runq.running = thread;
}

void private_queue_start(struct private_queue *queue, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		runq_push(&queue->runq, &queue->threads[i]);
	run_on(queue, &queue->threads[0]);
}

void private_queue_use(struct private_queue *queue, uint64_t ns)
{
	queue->used_ns[queue->runq.running - queue->threads] += ns;
	queue->now_ns += ns;
	queue->runq.running->cpu_ticks += ns_to_ticks(ns);
	realtime_charge(&queue->runq.realtime, queue->runq.running->realtime ? ns : 0,
			queue->now_ns, queue->runq.quantum_ticks);
	runq_settle_running(&queue->runq);
}

uint64_t private_queue_slice(const struct private_queue *queue)
{
	return runq_quantum(&queue->runq) / queue->runq.running->slice_pace;
}

void private_queue_exchange(struct private_queue *queue)
{
	run_on(queue, runq_exchange(&queue->runq, queue->runq.running));
}

void private_queue_yield(struct private_queue *queue)
{
	run_on(queue, runq_yield(&queue->runq, queue->runq.running));
}

void private_queue_sleep(struct private_queue *queue)
{
	run_on(queue, runq_pop(&queue->runq));
}

bool private_queue_wake(struct private_queue *queue, unsigned index, bool is_new)
{
	struct thread *thread = &queue->threads[index];
	bool at_once = runq_welcome(&queue->runq, thread, is_new);

	runq_push(&queue->runq, thread);
	return at_once;
}

void private_queue_run(struct private_queue *queue, uint64_t end_ns)
{
	while (queue->now_ns < end_ns) {
		private_queue_use(queue, private_queue_slice(queue));
		private_queue_exchange(queue);
	}
}
