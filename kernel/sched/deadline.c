/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/deadline.h"

#include "kernel/sched/place.h"

#define SHARE_SHIFT    20u
#define SHARE_LIMIT    ((95ull << SHARE_SHIFT) / 100)
#define TIMER_LEAST_NS 20000u /* while one whose budget is used up may not be parked */

/* --- one thread's budget --- */

static uint64_t next_period(const struct deadline *deadline)
{
	return deadline->due_ns - deadline->budget.deadline_ns + deadline->budget.period_ns;
}

static void begin(struct deadline *deadline, uint64_t now_ns)
{
	deadline->due_ns = now_ns + deadline->budget.deadline_ns;
	deadline->left_ns = (int64_t)deadline->budget.runtime_ns;
}

/* The budget is used up: that of each period which has begun since; a debt may take several. */
static void refill(struct deadline *deadline, uint64_t now_ns)
{
	const struct deadline_budget *budget = &deadline->budget;
	uint64_t next = next_period(deadline), periods;

	if (deadline->left_ns > 0 || now_ns < next)
		return;
	periods = (now_ns - next) / budget->period_ns + 1;
	deadline->left_ns += (int64_t)(periods * budget->runtime_ns);
	deadline->left_ns = MIN(deadline->left_ns, (int64_t)budget->runtime_ns);
	deadline->due_ns += periods * budget->period_ns;
	/* Late by more than that is long: a period of its own. */
	deadline->due_ns = MAX(deadline->due_ns, now_ns + 1);
}

/* Whether what is left can be used until the deadline without more than its share. */
static bool fits(const struct deadline *deadline, uint64_t now_ns)
{
	return now_ns < deadline->due_ns &&
	       (uint64_t)deadline->left_ns * deadline->budget.deadline_ns <=
		       deadline->budget.runtime_ns * (deadline->due_ns - now_ns);
}

/* Behind a sleep what is left is good for no more than the rest of the period, or a new one begins.
 */
static void wake_up(struct deadline *deadline, uint64_t now_ns)
{
	const struct deadline_budget *budget = &deadline->budget;

	if (deadline->left_ns <= 0)
		refill(deadline, now_ns);
	else if (fits(deadline, now_ns))
		return;
	else if (budget->deadline_ns == budget->period_ns || now_ns >= next_period(deadline))
		begin(deadline, now_ns);
	else if (now_ns < deadline->due_ns)
		deadline->left_ns = (int64_t)((deadline->due_ns - now_ns) * budget->runtime_ns /
					      budget->deadline_ns);
	else
		deadline->left_ns = 0;
}

void deadline_wake(struct thread *thread, uint64_t now_ns, bool has_slept)
{
	struct deadline *deadline = thread->deadline;

	if (deadline->is_parked)
		refill(deadline, now_ns);
	else if (has_slept)
		wake_up(deadline, now_ns);
	deadline->is_parked = false;
	/* Woken before its time it goes no further than to where it can be parked. */
	if (deadline->left_ns <= 0)
		thread_work_add(thread, THREAD_RESCHED);
}

void deadline_charge(struct thread *thread, uint64_t ns)
{
	thread->deadline->left_ns -= (int64_t)ns;
	if (thread->deadline->left_ns <= 0)
		thread_work_add(thread, THREAD_RESCHED);
}

bool deadline_park(struct thread *thread, bool yields, uint64_t now_ns)
{
	struct deadline *deadline = thread->deadline;

	if (yields && deadline->left_ns > 0)
		deadline->left_ns = 0;
	refill(deadline, now_ns);
	if (deadline->left_ns > 0 || thread->held_mutexes)
		return false;
	deadline->is_parked = true;
	/* What asked for this asks no more: even the smallest budget is of use in ring 3. */
	__atomic_fetch_and(&thread->context.work, ~THREAD_RESCHED, __ATOMIC_RELAXED);
	thread->state = THREAD_SLEEPING;
	timer_start(&deadline->timer, next_period(deadline));
	return true;
}

/* --- those that wait for a CPU --- */

bool deadline_precedes(const struct thread *thread, const struct thread *other)
{
	return thread->deadline->due_ns < other->deadline->due_ns;
}

static struct thread *thread_of(struct rb_node *node)
{
	return container_of(node, struct deadline, node)->thread;
}

void deadline_add(struct realtime *realtime, struct thread *thread)
{
	struct rb_node *parent = NULL;
	unsigned side = 0;

	for (struct rb_node *at = realtime->deadlines.root; at; at = at->child[side]) {
		parent = at;
		side = !deadline_precedes(thread, thread_of(at));
	}
	rb_insert(&realtime->deadlines, &thread->deadline->node, parent, side);
}

void deadline_remove(struct realtime *realtime, struct thread *thread)
{
	rb_erase(&realtime->deadlines, &thread->deadline->node);
}

struct thread *deadline_first(const struct realtime *realtime)
{
	return thread_of(rb_first(&realtime->deadlines));
}

/* --- time --- */

void deadline_run(struct thread *thread)
{
	struct deadline *deadline = thread->deadline;

	timer_start(&deadline->timer,
		    time_now_ns() + (uint64_t)MAX(deadline->left_ns, (int64_t)TIMER_LEAST_NS));
}

/* Return: whether it runs and has used up its budget. Context: the lock. */
static bool is_over(struct runq *runq, struct deadline *deadline)
{
	running_charge(runq);
	if (deadline->left_ns <= 0)
		return true;
	deadline_run(deadline->thread);
	return false;
}

/* Its time has come, if it is out of debt. Context: the lock. */
static bool is_ready(struct deadline *deadline)
{
	if (!deadline->is_parked)
		return false;
	refill(deadline, time_now_ns());
	if (deadline->left_ns > 0)
		return true;
	timer_start(&deadline->timer, next_period(deadline));
	return false;
}

/* The budget ends if it still runs; or its period begins if it is parked. */
static void timer_rings(struct timer *timer)
{
	struct deadline *deadline = container_of(timer, struct deadline, timer);
	struct thread *thread = deadline->thread;
	struct runq *runq = runq_lock_of(thread);
	bool is_its_time = is_ready(deadline);

	if (thread == runq->running && thread->own_realtime == REALTIME_DEADLINE &&
	    is_over(runq, deadline) && runq != runq_self())
		runq_kick(runq);
	spin_unlock(&runq->lock);
	if (is_its_time)
		thread_wake_irqoff(thread);
}

/* --- who has a budget --- */

void deadline_init(struct deadline *deadline, struct thread *thread)
{
	*deadline = (struct deadline){.thread = thread};
	timer_init(&deadline->timer, timer_rings);
}

/* CPUs that are about to go, or out. */
static struct cpu_set closed;

/* First it is closed, then looked at; who takes a share of it does it the other way round. */
bool deadline_close(uint32_t cpu)
{
	cpu_set_add(&closed, cpu);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!READ_ONCE(runqs[cpu]->realtime.deadline_share))
		return true;
	deadline_open(cpu);
	return false;
}

void deadline_open(uint32_t cpu)
{
	cpu_set_take(&closed, cpu);
}

static bool share_take(uint32_t cpu, uint64_t share)
{
	WRITE_ONCE(runqs[cpu]->realtime.deadline_share,
		   runqs[cpu]->realtime.deadline_share + share);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (likely(!cpu_set_has(&closed, cpu)))
		return true;
	runqs[cpu]->realtime.deadline_share -= share;
	return false;
}

static uint64_t share_of(const struct deadline_budget *budget)
{
	return (budget->runtime_ns << SHARE_SHIFT) / budget->period_ns;
}

/* What the threads at home on @cpu may use of it, without @thread. */
static uint64_t share_without(uint32_t cpu, const struct thread *thread)
{
	const struct deadline *its = thread->deadline;
	uint64_t share = runqs[cpu]->realtime.deadline_share;

	return thread->own_realtime == REALTIME_DEADLINE && its->home == cpu ? share - its->share
									     : share;
}

/* The CPU with the most room, if that is enough; LIMIT_CPUS: it is not. */
static uint32_t find_home(const struct thread *thread, uint64_t share)
{
	uint32_t count = READ_ONCE(runq_count), home = LIMIT_CPUS;
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t cpu = (thread->cpu + i) % count;

		if (!cpu_set_has(&sched_cpus, cpu) || cpu_set_has(&closed, cpu) ||
		    !cpu_set_has(&thread->affinity, cpu) || share_without(cpu, thread) >= least)
			continue;
		least = share_without(cpu, thread);
		home = cpu;
	}
	return least + share <= SHARE_LIMIT ? home : LIMIT_CPUS;
}

static void set_locked(struct runq *runq, struct thread *thread, struct deadline *memory)
{
	thread->deadline = memory;
	begin(memory, time_now_ns());
	thread->own_realtime = REALTIME_DEADLINE;
	realtime_apply(runq, thread);
	if (thread == runq->running)
		deadline_run(thread);
}

bool thread_deadline_set(struct thread *thread, struct deadline *memory,
			 const struct deadline_budget *budget)
{
	uint64_t share = share_of(budget), flags;
	uint32_t home = find_home(thread, share);
	struct runq *runq;

	if (home == LIMIT_CPUS || !share_take(home, share))
		return false;
	thread_realtime_set(thread, 0, false);
	memory->budget = *budget;
	memory->share = share;
	memory->home = home;
	flags = irq_save();
	runq = runq_lock_of(thread);
	set_locked(runq, thread, memory);
	spin_unlock(&runq->lock);
	irq_restore(flags);
	return true;
}

bool deadline_leave(struct thread *thread)
{
	struct deadline *deadline = thread->deadline;
	bool was_parked = deadline->is_parked;

	runqs[deadline->home]->realtime.deadline_share -= deadline->share;
	deadline->is_parked = false;
	return was_parked;
}

void thread_deadline_end(void)
{
	struct thread *self = thread_self();

	thread_realtime_set(self, 0, false);
	(void)timer_cancel(&self->deadline->timer);
}
