/* SPDX-License-Identifier: BSD-2-Clause */
/* Real-time threads by sched(7)'s rules: who is first, and for how long. */
#include "kernel/sched/realtime.h"
#include "tests/unit/runq_fixture.h"

#define MS 1000000ull

static struct deadline budgets[THREADS];

/* --- who is first --- */

static uint64_t order[THREADS]; /* among equals: the lowest stands first */
static bool waits[THREADS];

static bool goes_before(unsigned a, unsigned b)
{
	if (threads[a].realtime != threads[b].realtime)
		return threads[a].realtime > threads[b].realtime;
	if (threads[a].realtime == REALTIME_DEADLINE && budgets[a].due_ns != budgets[b].due_ns)
		return budgets[a].due_ns < budgets[b].due_ns;
	return order[a] < order[b];
}

static unsigned expected_first(void)
{
	unsigned first = THREADS;

	for (unsigned i = 0; i < THREADS; i++)
		if (waits[i] && (first == THREADS || goes_before(i, first)))
			first = i;
	return first;
}

static void check_lists(const struct realtime *realtime)
{
	uint64_t filled[2] = {0, 0}, count = 0;

	for (unsigned i = 0; i < THREADS; i++) {
		if (!waits[i])
			continue;
		filled[threads[i].realtime / 64] |= BIT(threads[i].realtime % 64);
		count++;
	}
	CHECK(realtime->filled[0] == filled[0] && realtime->filled[1] == filled[1]);
	CHECK_EQ(realtime->waiting, count);
	CHECK_EQ(realtime_best(realtime), count ? threads[expected_first()].realtime : 0);
}

/* The one that takes the CPU with a budget has a timer for its end, but not for a short time. */
static void take(struct realtime *realtime)
{
	unsigned first = expected_first();
	int64_t left = budgets[first].left_ns = (int64_t)below(3) * 15000 - 15000;

	budgets[first].timer.armed = 0;
	CHECK(realtime_take(realtime) == &threads[first]);
	waits[first] = false;
	CHECK_EQ(budgets[first].timer.armed, threads[first].realtime == REALTIME_DEADLINE);
	if (budgets[first].timer.armed)
		CHECK_EQ(budgets[first].timer.deadline_ns, sim_now + (uint64_t)MAX(left, 20000));
}

static void test_lists(void)
{
	static const uint8_t priorities[] = {1, 2, 50, 63, 64, 65, 98, 99, 100, 100, 100};
	struct realtime *realtime = &queues[0].realtime;

	boot();
	memset(realtime->lists, 0xa5, sizeof(realtime->lists));
	for (unsigned step = 1; step < 20000; step++) {
		unsigned i = (unsigned)below(THREADS);
		bool before = below(3) == 0;

		if (below(4) == 0 && realtime->waiting) {
			take(realtime);
		} else if (waits[i]) {
			realtime_remove(realtime, &threads[i]);
			waits[i] = false;
		} else {
			threads[i].realtime = priorities[below(sizeof(priorities))];
			threads[i].deadline = &budgets[i];
			budgets[i].thread = &threads[i];
			budgets[i].due_ns = below(20);
			before &= threads[i].realtime != REALTIME_DEADLINE;
			order[i] = before ? 1000000 - step : 1000000 + step;
			realtime_add(realtime, &threads[i], before);
			waits[i] = true;
		}
		check_lists(realtime);
	}
}

/* 95 quanta of a hundred; a new hundred begins when the old one is over. */
static void test_limit(void)
{
	struct realtime realtime = {.period_start = 1000};

	realtime_charge(&realtime, 949, 1500, 10);
	CHECK(!realtime.is_throttled && realtime.used == 949);
	realtime_charge(&realtime, 1, 1999, 10);
	CHECK(realtime.is_throttled && realtime.used == 950);
	realtime_charge(&realtime, 0, 1999, 10);
	CHECK(realtime.is_throttled && realtime.period_start == 1000);
	realtime_charge(&realtime, 5, 2000, 10);
	CHECK(!realtime.is_throttled && realtime.used == 5 && realtime.period_start == 2000);
}

/* --- when one must go, and who goes first --- */

static bool expected_leave(const struct thread *running, uint32_t best, bool earlier,
			   bool throttled, bool others, bool is_over)
{
	if (running->realtime == REALTIME_DEADLINE)
		return best == REALTIME_DEADLINE && earlier;
	if (best == REALTIME_DEADLINE)
		return true;
	if (!running->realtime)
		return is_over || (best && !throttled);
	if (throttled && others)
		return true;
	return best > running->realtime ||
	       (best == running->realtime && is_over && running->takes_turns);
}

static void test_must_leave(void)
{
	static const uint8_t priorities[] = {0, 1, 50, 51, 99, 100};
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 4000; round++) {
		struct thread *running = &threads[0], *waiting = &threads[1];
		bool is_over = below(2), throttled = below(2), others = below(2), earlier, leaves;
		uint32_t best = priorities[below(6)];

		boot();
		running->realtime = priorities[below(6)];
		running->takes_turns = below(2);
		running->deadline = &budgets[0], waiting->deadline = &budgets[1];
		budgets[0].due_ns = 10, budgets[1].due_ns = 9 + below(3);
		budgets[1].thread = waiting;
		earlier = budgets[1].due_ns < 10;
		runq->running = running;
		runq->realtime.is_throttled = throttled;
		runq->waiting = others;
		if (best) {
			waiting->realtime = (uint8_t)best;
			realtime_add(&runq->realtime, waiting, false);
			runq->waiting++;
		}
		leaves = expected_leave(running, best, earlier, throttled, others, is_over);
		CHECK_EQ(realtime_must_leave(runq, running, is_over), leaves);
		CHECK_EQ(running->turn_is_over,
			 leaves && running->realtime && running->realtime != 100 &&
				 best == running->realtime && !(throttled && others));
	}
}

static void test_goes_first(void)
{
	static const uint8_t priorities[] = {0, 1, 50, 99, 100};
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 2000; round++) {
		struct thread *running = &threads[0], *thread = &threads[1];
		bool throttled = below(2), first, has_slept = below(2);

		boot();
		running->realtime = priorities[below(5)];
		thread->realtime = priorities[below(5)];
		running->deadline = &budgets[0], thread->deadline = &budgets[1];
		budgets[1] = (struct deadline){
			.budget = {10 * MS, 100 * MS, 100 * MS},
			.due_ns = 5,
			.left_ns = 10 * (int64_t)MS,
			.thread = thread,
		};
		budgets[0].due_ns = has_slept ? sim_now + 99 * MS + below(3) * MS : 4 + below(3);
		thread->switch_count = 7 + has_slept;
		thread->forced_count = 3;
		thread->unbroken_sleeps = 4;
		runq->running = running;
		runq->realtime.is_throttled = throttled;
		first = realtime_goes_first(runq, thread);
		if (thread->realtime != 100) {
			CHECK_EQ(first, !throttled && thread->realtime > running->realtime);
			continue;
		}
		CHECK_EQ(budgets[1].due_ns, has_slept ? sim_now + 100 * MS : 5);
		CHECK_EQ(first, running->realtime != 100 || budgets[1].due_ns < budgets[0].due_ns);
	}
}

/* An idle CPU is for whoever comes, at their limit, too. */
static void test_welcome(void)
{
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 4; round++) {
		boot();
		threads[0].realtime = 5;
		threads[3].part = threads[0].part = &parts[0][0];
		runq->running = round & 1 ? runq->idle : &threads[3];
		runq->realtime.is_throttled = round & 2;
		CHECK_EQ(runq_welcome_realtime(runq, &threads[0], false), round != 2);
	}
}

/* A pop: real-time threads first; at their limit only if nobody else waits. */
static void test_pop(void)
{
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 64; round++) {
		struct thread *real = &threads[0], *other = &threads[1], *self = &threads[3];
		bool throttled = round & 1, others = round & 2, has_budget = round & 4;
		bool self_over = round & 8, self_equal = round & 16, self_is_real = round & 32;
		struct thread *next;

		boot();
		real->realtime = has_budget ? 100 : 50;
		real->deadline = &budgets[0];
		budgets[0] = (struct deadline){.thread = real, .left_ns = 5, .due_ns = 9};
		self->realtime = !self_is_real ? 0 : self_equal ? 50 : 40;
		self->turn_is_over = self_over;
		for (unsigned i = 0; i < THREADS; i++)
			threads[i].part = runq_part(runq, threads[i].group);
		runq->running = self;
		if (others)
			runq_push(runq, other);
		runq_push(runq, real);
		runq->realtime.is_throttled = throttled;
		next = runq_exchange(runq, self);
		runq->running = next;
		CHECK(!next->in_queue && runq_consistent(runq));
		CHECK_EQ(runq->waiting, 1 + others);
		CHECK_EQ(self->in_queue, next != self);
		if (has_budget)
			CHECK(next == real);
		else if (throttled && (others || !self_is_real))
			CHECK(!next->realtime);
		else if (self_is_real && self_equal && !self_over)
			CHECK(next == self);
		else
			CHECK(next == real);
		CHECK_EQ(self->turn_is_over, !self_is_real && self_over);
	}
}

/* --- priorities that are set, lent and given back --- */

static void test_set(void)
{
	for (unsigned round = 0; round < 3000; round++) {
		struct thread *thread = &threads[0];
		unsigned where = (unsigned)below(6);
		bool others = below(2), runs = where % 2 == 0, lent = below(2), turns = below(2);
		struct runq *runq = stand(thread, where, others);
		uint32_t before = 0, priority = below(3) ? 1 + (uint32_t)below(99) : 0, now;

		if (lent) {
			thread_realtime_lend(thread, 40 + (uint32_t)below(65));
			before = thread->realtime;
			CHECK(before >= 40 && before <= 99 && thread->lent_realtime == before);
		}
		kicks = charges = 0;
		thread->context.work = 0;
		thread_realtime_set(thread, priority, turns);
		now = MAX(before, priority);
		CHECK_EQ(thread->realtime, now);
		CHECK(thread->own_realtime == priority && thread->takes_turns == turns);
		CHECK_EQ(charges, runs);
		CHECK_EQ(runq->urgency, runs ? now : 0);
		CHECK_EQ(wakes, 0);
		if (runs)
			CHECK_EQ(thread->context.work & THREAD_RESCHED,
				 now != before && others ? THREAD_RESCHED : 0);
		if (runs)
			CHECK_EQ(kicks, now != before && others && runq->cpu == 1);
		CHECK(runq_consistent(runq) && sim_irq_on && !cpu.held_locks && !runq->lock.held);
		CHECK_EQ(runq->realtime.waiting, thread->in_queue && now);
		/* What is lent ends with the running one's return of it. */
		cpu.current = thread;
		thread_realtime_return();
		CHECK_EQ(thread->realtime, priority);
		CHECK(thread->lent_realtime == 0 && runq_consistent(runq) && sim_irq_on);
		CHECK(!cpu.held_locks);
	}
}

/* A lowered thread stands before its new equals, a raised one behind. */
static void test_stands_first(void)
{
	for (uint32_t before = 49; before < 52; before += 2) {
		struct thread *thread = &threads[0], *equal = &threads[3];
		struct runq *runq = stand(thread, 1, true);

		thread_realtime_set(thread, before, false);
		equal->realtime = equal->own_realtime = 50;
		runq_push(runq, equal);
		thread_realtime_set(thread, 50, false);
		CHECK(runq_pop(runq) == (before > 50 ? thread : equal));
		CHECK(runq_consistent(runq));
	}
}

/* Who is lent a priority while he waits for a mutex looks again whether he has it. */
static void test_lend(void)
{
	struct thread *thread = &threads[0];
	struct runq *runq = stand(thread, 3, true);

	thread->wait_class = 0;
	thread->waits_for_mutex = 1;
	thread_realtime_lend(thread, 30);
	CHECK(thread->realtime == 30 && wakes == 1 && runq_consistent(runq));
	thread_realtime_lend(thread, 30);
	thread_realtime_lend(thread, 29);
	CHECK(thread->realtime == 30 && thread->lent_realtime == 30 && wakes == 1);
	thread->waits_for_mutex = 0;
	thread_realtime_lend(thread, REALTIME_DEADLINE);
	CHECK(thread->realtime == 99 && wakes == 1 && sim_irq_on && !cpu.held_locks);
}

/* The best of a thread's own, what is lent and what is inherited, which the next call replaces. */
static void test_inherit(void)
{
	for (unsigned round = 0; round < 2000; round++) {
		struct thread *thread = &threads[0];
		struct runq *runq = stand(thread, (unsigned)below(6), below(2));
		uint32_t own = (uint32_t)below(4), lent = (uint32_t)below(4), before;
		uint32_t inherited = (uint32_t)below(4);

		thread_realtime_set(thread, own, false);
		thread_realtime_lend(thread, lent);
		for (unsigned turn = 0; turn < 2; turn++, inherited = (uint32_t)below(4)) {
			before = thread->realtime;
			wakes = 0;
			thread->waits_for_mutex = below(2);
			thread_realtime_inherit(thread, inherited);
			CHECK_EQ(thread->realtime, MAX(own, MAX(lent, inherited)));
			CHECK_EQ(wakes, thread->waits_for_mutex && inherited > before);
			CHECK(sim_irq_on && !cpu.held_locks && runq_consistent(runq));
		}
	}
}

/* CPU time since the last sleep: with a priority of its own only. */
static void test_count(void)
{
	struct thread *thread = &threads[0];
	struct runq *runq = stand(thread, 0, false);

	thread->switch_count = 5, thread->forced_count = 2;
	thread->unbroken_sleeps = 3;
	realtime_count(thread, 10);
	CHECK_EQ(thread->unbroken_ticks, 0);
	thread->own_realtime = 1;
	realtime_count(thread, 10);
	thread->switch_count++, thread->forced_count++;
	realtime_count(thread, 5);
	CHECK_EQ(thread->unbroken_ticks, 15);
	CHECK_EQ(thread_realtime_ns(thread), 15);
	CHECK(charges == 1 && sim_irq_on && !cpu.held_locks && !runq->lock.held);
	thread->switch_count++;
	CHECK_EQ(thread_realtime_ns(thread), 0);
	realtime_count(thread, 4);
	CHECK(thread->unbroken_ticks == 4 && thread->unbroken_sleeps == 4);
	runq->running = runq->idle;
	CHECK_EQ(thread_realtime_ns(thread), 4);
	CHECK_EQ(charges, 2);
}

int main(void)
{
	queues = aligned_alloc(64, CPUS * sizeof(*queues));
	test_lists();
	test_limit();
	test_must_leave();
	test_goes_first();
	test_welcome();
	test_pop();
	test_set();
	test_stands_first();
	test_lend();
	test_inherit();
	test_count();
	free(queues);
	return check_done("realtime");
}
