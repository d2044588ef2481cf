/* SPDX-License-Identifier: BSD-2-Clause */
/* SCHED_DEADLINE's budgets by the rules of a constant bandwidth server. */
#include "kernel/sched/deadline.h"
#include "tests/unit/runq_fixture.h"

#define MS 1000000ull

static struct deadline budgets[THREADS];

/* A budget for each period that has begun, to pay the debt; a late one has its deadline yet. */
static void model_refill(struct deadline *d)
{
	uint64_t next = d->due_ns - d->budget.deadline_ns + d->budget.period_ns;

	if (d->left_ns > 0 || sim_now < next)
		return;
	for (; next <= sim_now; next += d->budget.period_ns) {
		d->left_ns += (int64_t)d->budget.runtime_ns;
		d->due_ns += d->budget.period_ns;
	}
	if (d->left_ns > (int64_t)d->budget.runtime_ns)
		d->left_ns = (int64_t)d->budget.runtime_ns;
	if (d->due_ns <= sim_now)
		d->due_ns = sim_now + 1;
}

/* The rule of the constant bandwidth server, and Linux's of constrained deadlines. */
static void model_wake(struct deadline *d)
{
	const struct deadline_budget *b = &d->budget;
	uint64_t next = d->due_ns - b->deadline_ns + b->period_ns;
	uint64_t rest = sim_now < d->due_ns ? d->due_ns - sim_now : 0;

	if (d->left_ns <= 0) {
		model_refill(d);
	} else if (rest && (unsigned __int128)d->left_ns * b->deadline_ns <=
				   (unsigned __int128)rest * b->runtime_ns) {
		return;
	} else if (b->deadline_ns == b->period_ns || sim_now >= next) {
		d->left_ns = (int64_t)b->runtime_ns;
		d->due_ns = sim_now + b->deadline_ns;
	} else {
		d->left_ns = (int64_t)(rest * b->runtime_ns / b->deadline_ns);
	}
}

static struct deadline random_budget(struct thread *thread)
{
	uint64_t period = 100000 * (1 + below(50));
	uint64_t deadline = below(2) ? period : period / 10 * (1 + below(10));
	uint64_t runtime = deadline / 10 * (1 + below(9));
	struct deadline budget = {
		.thread = thread,
		.budget = {runtime, deadline, period},
		.left_ns = (int64_t)(runtime / 4 * below(5)) - (int64_t)(runtime / 2 * below(5)),
		.due_ns = sim_now + deadline - period / 10 * below(40),
		.is_parked = below(3) == 0,
	};

	/* The edges, too: just now, just not yet; all used, or all but the last nanosecond. */
	if (below(4) == 0)
		budget.left_ns = (int64_t)below(4) - 1;
	if (below(4) == 0)
		budget.due_ns = sim_now + below(3) - 1 + below(2) * (deadline - period);
	return budget;
}

static bool same(const struct deadline *a, const struct deadline *b)
{
	return a->left_ns == b->left_ns && a->due_ns == b->due_ns && a->is_parked == b->is_parked;
}

static void test_wake(void)
{
	for (unsigned round = 0; round < 20000; round++) {
		struct thread *thread = &threads[0];
		struct deadline expected;
		bool has_slept = below(2);

		sim_now = 1000 * MS + below(1000);
		thread->deadline = &budgets[0];
		budgets[0] = expected = random_budget(thread);
		thread->context.work = 0;
		if (expected.is_parked)
			model_refill(&expected);
		else if (has_slept)
			model_wake(&expected);
		expected.is_parked = false;
		deadline_wake(thread, sim_now, has_slept);
		CHECK(same(&budgets[0], &expected));
		CHECK_EQ(thread->context.work, expected.left_ns > 0 ? 0 : THREAD_RESCHED);
	}
}

static void test_park(void)
{
	for (unsigned round = 0; round < 20000; round++) {
		struct thread *thread = &threads[0];
		bool yields = below(2), holds = below(4) == 0, parks;
		struct deadline expected;

		sim_now = 1000 * MS + below(1000);
		thread->deadline = &budgets[0];
		budgets[0] = random_budget(thread);
		budgets[0].is_parked = false;
		expected = budgets[0];
		thread->held_mutexes = holds;
		thread->state = THREAD_RUNNABLE;
		thread->context.work = THREAD_RESCHED | THREAD_SIGNAL;
		if (yields && expected.left_ns > 0)
			expected.left_ns = 0;
		model_refill(&expected);
		parks = expected.left_ns <= 0 && !holds;
		expected.is_parked = parks;
		CHECK_EQ(deadline_park(thread, yields, sim_now), parks);
		CHECK(same(&budgets[0], &expected));
		CHECK_EQ(thread->state, parks ? THREAD_SLEEPING : THREAD_RUNNABLE);
		CHECK_EQ(thread->context.work,
			 parks ? THREAD_SIGNAL : THREAD_RESCHED | THREAD_SIGNAL);
		CHECK_EQ(budgets[0].timer.armed, parks);
		if (parks)
			CHECK_EQ(budgets[0].timer.deadline_ns, expected.due_ns -
								       expected.budget.deadline_ns +
								       expected.budget.period_ns);
	}
}

static void test_charge(void)
{
	struct thread *thread = &threads[0];

	boot();
	thread->deadline = &budgets[0];
	budgets[0].left_ns = 10;
	deadline_charge(thread, 9);
	CHECK(budgets[0].left_ns == 1 && thread->context.work == 0);
	deadline_charge(thread, 1);
	CHECK(budgets[0].left_ns == 0 && thread->context.work == THREAD_RESCHED);
	thread->context.work = 0;
	deadline_charge(thread, 1);
	CHECK(budgets[0].left_ns == -1 && thread->context.work == THREAD_RESCHED);
}

/* Who is parked is out of the queue until his time; a yield gives the rest away. */
static void test_exchange_parks(void)
{
	for (unsigned over = 0; over < 2; over++) {
		struct thread *thread = &threads[0], *other = &threads[5];
		struct runq *runq = stand(thread, 0, true);

		thread->realtime = thread->own_realtime = REALTIME_DEADLINE;
		thread->deadline = &budgets[0];
		budgets[0] = (struct deadline){.thread = thread,
					       .budget = {MS, 2 * MS, 2 * MS},
					       .left_ns = 5,
					       .due_ns = sim_now + MS};
		thread->turn_is_over = over;
		thread->cpu_ticks = 7;
		runq->running = runq_exchange(runq, thread);
		CHECK(runq->running == (over ? other : thread) && runq_consistent(runq));
		CHECK(thread->settled_ticks == 7 && budgets[0].is_parked == over);
		CHECK(!thread->in_queue && runq->waiting == !over && !thread->turn_is_over);
	}
}

static bool admit(unsigned i, uint64_t percent)
{
	const struct deadline_budget budget = {percent * MS, 100 * MS, 100 * MS};

	if (!threads[i].deadline)
		deadline_init(&budgets[i], &threads[i]);
	return thread_deadline_set(&threads[i], &budgets[i], &budget);
}

/* The CPU with the most room, and 95 % of it. */
static void test_homes(void)
{
	boot();
	memset(budgets, 0xa5, sizeof(budgets));
	threads[0].cpu = 1;
	CHECK(admit(0, 50) && budgets[0].home == 1);
	CHECK(budgets[0].share == (1 << 20) / 2 && queues[1].realtime.deadline_share == 1 << 19);
	CHECK(threads[0].realtime == 100 && threads[0].own_realtime == 100);
	CHECK(budgets[0].due_ns == sim_now + 100 * MS && budgets[0].left_ns == 50 * (int64_t)MS);
	CHECK(budgets[0].timer.armed == 0 && !budgets[0].is_parked);
	CHECK(admit(1, 95) && budgets[1].home == 0);
	CHECK(!admit(2, 46) && !threads[2].own_realtime && admit(2, 45) && budgets[2].home == 1);
	CHECK(!admit(3, 1));
	/* One's own share is room for oneself. */
	CHECK(admit(0, 50) && !admit(0, 51) && threads[0].own_realtime == 100);
	CHECK(admit(0, 20) && budgets[0].home == 1 && admit(3, 30) && budgets[3].home == 1);
	CHECK_EQ(queues[1].realtime.deadline_share,
		 budgets[0].share + budgets[2].share + budgets[3].share);
	/* Neither where the thread may not run nor on a CPU that is out. */
	thread_realtime_set(&threads[1], 0, false);
	CHECK_EQ(queues[0].realtime.deadline_share, 0);
	threads[4].affinity.words[0] = 2;
	CHECK(!admit(4, 10));
	threads[4].affinity.words[0] = 3;
	sched_cpus.words[0] = 2;
	CHECK(!admit(4, 10));
	sched_cpus.words[0] = 3;
	CHECK(admit(4, 10) && budgets[4].home == 0 && sim_irq_on && !cpu.held_locks);
}

/* A CPU that is about to go takes no budget, unless it has one. */
static void test_closing(void)
{
	boot();
	threads[0].affinity.words[0] = threads[1].affinity.words[0] = 1;
	CHECK(deadline_close(0) && !admit(0, 10) && !threads[0].own_realtime);
	CHECK_EQ(queues[0].realtime.deadline_share, 0);
	deadline_open(0);
	CHECK(admit(0, 10) && !deadline_close(0) && deadline_close(1));
	deadline_open(1);
	CHECK(admit(1, 10) && budgets[1].home == 0);
}

/* The running one's budget is watched from the first; at its end it is nobody's. */
static void test_running_budget(void)
{
	struct thread *thread = &threads[0];
	struct runq *runq = stand(thread, 0, false);

	CHECK(admit(0, 10));
	CHECK(budgets[0].timer.armed && budgets[0].timer.deadline_ns == sim_now + 10 * MS);
	CHECK(runq->urgency == REALTIME_DEADLINE);
	cpu.current = thread;
	thread_deadline_end();
	CHECK(!budgets[0].timer.armed && !thread->own_realtime && !runq->urgency);
	CHECK(runq->realtime.deadline_share == 0 && wakes == 0);
	/* One on another CPU is told once. */
	runq = stand(thread, 2, true);
	CHECK(admit(0, 10) && kicks == 1 && runq->urgency == REALTIME_DEADLINE);
	runq = stand(thread, 0, false);
	/* A parked one that gets another class is woken. */
	CHECK(admit(0, 10));
	budgets[0].is_parked = true;
	runq->running = runq->idle;
	thread_realtime_set(thread, 7, false);
	CHECK(wakes == 1 && !budgets[0].is_parked && thread->realtime == 7);
}

static void ring(unsigned i)
{
	sim_irq_on = false;
	budgets[i].timer.armed = 0;
	budgets[i].timer.fire(&budgets[i].timer);
	CHECK(!cpu.held_locks);
	sim_irq_on = true;
}

/* The timer: of the running one's end, on whichever CPU; of a parked one's beginning. */
static void test_timer(void)
{
	for (unsigned where = 0; where < 4; where += 2) {
		struct thread *thread = &threads[0];
		struct runq *runq = stand(thread, where, false);

		CHECK(admit(0, 10));
		kicks = charges = wakes = 0;
		budgets[0].left_ns = 30000;
		ring(0);
		CHECK(charges == 1 && kicks == 0 && budgets[0].timer.armed);
		CHECK_EQ(budgets[0].timer.deadline_ns, sim_now + 30000);
		budgets[0].left_ns = 1;
		ring(0);
		CHECK_EQ(budgets[0].timer.deadline_ns, sim_now + 20000);
		charges = 1;
		budgets[0].left_ns = 0;
		ring(0);
		CHECK(charges == 2 && kicks == (where == 2) && !budgets[0].timer.armed);
		/* It has another class now, or somebody else runs. */
		thread->own_realtime = 0;
		ring(0);
		thread->own_realtime = REALTIME_DEADLINE;
		runq->running = runq->idle;
		ring(0);
		CHECK(charges == 2 && wakes == 0 && kicks == (where == 2));
		/* Parked: its next period begins, or is yet to begin, or does not pay the debt. */
		budgets[0].is_parked = true;
		budgets[0].left_ns = -5;
		budgets[0].due_ns = sim_now + 1;
		ring(0);
		CHECK(wakes == 0 && budgets[0].timer.armed);
		CHECK_EQ(budgets[0].timer.deadline_ns, sim_now + 1);
		budgets[0].due_ns = sim_now;
		ring(0);
		CHECK(wakes == 1 && !budgets[0].timer.armed);
		CHECK(budgets[0].left_ns == 10 * (int64_t)MS - 5);
		CHECK(budgets[0].due_ns == sim_now + 100 * MS);
		/* A debt that is just paid leaves nothing to run on. */
		for (int64_t rest = 0; rest < 2; rest++) {
			budgets[0].is_parked = true;
			budgets[0].left_ns = rest - 10 * (int64_t)MS;
			budgets[0].due_ns = sim_now;
			ring(0);
			CHECK_EQ(wakes, 1 + rest);
		}
	}
}

int main(void)
{
	queues = aligned_alloc(64, CPUS * sizeof(*queues));
	test_wake();
	test_park();
	test_charge();
	test_exchange_parks();
	test_homes();
	test_closing();
	test_running_budget();
	test_timer();
	free(queues);
	return check_done("deadline");
}
