/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Two CPUs with run queues, and threads of three groups; what the scheduler asks of others is
 * counted. */
#include "kernel/sched/deadline.h"
#include "kernel/sched/place.h"
#include "tests/unit/check.h"
#include "tests/unit/locks.h"

#define CPUS    2u
#define GROUPS  3u /* the last is the kernel's */
#define THREADS 24u

static uint64_t seed = 21;
static struct runq *queues;
static struct sched_group groups[GROUPS - 1];
static struct sched_part parts[GROUPS - 1][CPUS];
static struct thread threads[THREADS], idles[CPUS];
static struct cpu cpu;
static unsigned kicks, wakes, charges;

uint64_t sim_now = 1000000;
bool sim_irq_on = true;
struct cpu *sim_self = &cpu;
struct time_scale time_scale = {.mult = 1ull << 32, .tsc_hz = 1000000000};
struct cpu_set idle_cpus, sched_cpus;

uint64_t time_counter_fell(void)
{
	abort();
}

void timer_start(struct timer *timer, uint64_t deadline_ns)
{
	timer->deadline_ns = deadline_ns;
	timer->armed = 1;
}

bool timer_cancel(struct timer *timer)
{
	bool was_armed = timer->armed;

	timer->armed = 0;
	return was_armed;
}

void runq_kick(const struct runq *runq)
{
	CHECK(runq != cpu.runq);
	kicks++;
}

void running_charge(struct runq *runq)
{
	CHECK(runq->lock.held);
	charges++;
}

bool thread_wake_irqoff(struct thread *thread)
{
	CHECK(!sim_irq_on && !cpu.held_locks);
	thread->wait_class = 99;
	wakes++;
	return true;
}

static inline struct sched_group *group_of(unsigned i)
{
	return i < GROUPS - 1 ? &groups[i] : &sched_group_kernel;
}

static inline uint64_t below(uint64_t limit)
{
	return check_random(&seed) % limit;
}

static inline void init_thread(struct thread *thread, struct sched_group *group)
{
	*thread = (struct thread){.state = THREAD_RUNNABLE, .group = group};
	thread_weight_set(thread, weight_of_nice((int)below(40) - 20), false);
	thread->affinity.words[0] = 3;
}

/* Two CPUs that do nothing; what they are made from is garbage. */
static inline void boot(void)
{
	memset(queues, 0xa5, CPUS * sizeof(*queues));
	memset(parts, 0xa5, sizeof(parts));
	memset(groups, 0xa5, sizeof(groups));
	runq_turn_shift = 1;
	for (uint32_t i = 0; i < CPUS; i++) {
		idles[i] = (struct thread){.state = THREAD_RUNNABLE, .cpu = i};
		/* As bring-up hands it in: zeroes. */
		memset(&queues[i], 0, sizeof(queues[i]));
		memset(&queues[i].parts, 0xa5, sizeof(queues[i].parts));
		memset(&queues[i].kernel_part, 0xa5, sizeof(queues[i].kernel_part));
		runq_init(&queues[i], i, &idles[i]);
		queues[i].quantum_ticks = SCHED_QUANTUM_NS;
		runqs[i] = &queues[i];
	}
	runq_count = CPUS;
	cpu = (struct cpu){.runq = &queues[0]};
	sched_cpus.words[0] = 3;
	sched_group_kernel = (struct sched_group){};
	for (unsigned i = 0; i < GROUPS - 1; i++)
		sched_group_init(&groups[i], parts[i], CPUS);
	for (unsigned i = 0; i < THREADS; i++)
		init_thread(&threads[i], group_of(i % GROUPS));
}

static inline bool is_last_of_bucket(const struct calendar *calendar,
				     const struct calendar_entry *entry)
{
	return calendar->buckets[entry->bucket].prev == &entry->link;
}

static inline void check_bucket(const struct calendar_entry *entry)
{
	CHECK_EQ(entry->bucket, entry->vtime / CALENDAR_STEP_NS % CALENDAR_BUCKETS);
}

static inline uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline void push(struct runq *runq, struct thread *thread)
{
	uint64_t waiting = runq->waiting, part_waiting;
	uint64_t vtime = thread->turn.vtime;
	bool is_moved = thread->is_moved;

	thread->part = runq_part(runq, thread->group);
	part_waiting = thread->part->waiting;
	runq_push(runq, thread);
	CHECK(thread->in_queue && runq->waiting == waiting + 1);
	CHECK(!runq->lone || (waiting == 0 && !thread->realtime));
	if (thread->realtime)
		return;
	if (waiting == 0) {
		CHECK(runq->lone == thread && thread->part->waiting == part_waiting);
		return;
	}
	CHECK(!runq->lone && thread->turn.weight == thread->weight);
	if (!is_moved)
		vtime = later(vtime, thread->part->threads.now - CALENDAR_CREDIT_NS);
	CHECK_EQ(thread->turn.vtime, calendar_clamp(&thread->part->threads, vtime));
	CHECK(is_last_of_bucket(&thread->part->threads, &thread->turn));
	check_bucket(&thread->turn);
	check_bucket(&thread->part->turn);
}

static inline void random_time(struct runq *runq, struct thread *thread)
{
	thread->part = runq_part(runq, thread->group);
	thread->turn.vtime = thread->part->threads.now + below(60) * CALENDAR_STEP_NS / 2 -
			     10 * CALENDAR_STEP_NS;
	thread->is_moved = below(4) == 0;
	if (!thread->part->waiting)
		thread->part->turn.vtime =
			runq->parts.now + below(20) * CALENDAR_STEP_NS / 4 - CALENDAR_STEP_NS;
}

/* @thread runs or waits, here or on the other CPU, or is asleep; somebody else waits or not. */
static inline struct runq *stand(struct thread *thread, unsigned where, bool others)
{
	struct runq *runq = &queues[where / 2 % 2];

	boot();
	thread->cpu = runq->cpu;
	kicks = wakes = charges = 0;
	for (unsigned i = 0; i < THREADS; i++)
		threads[i].part = runq_part(runq, threads[i].group);
	if (where % 2 == 0)
		runq->running = thread;
	if (others)
		runq_push(runq, &threads[5]);
	if (where % 2 == 1 && where < 4)
		runq_push(runq, thread);
	return runq;
}
