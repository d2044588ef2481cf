/* SPDX-License-Identifier: BSD-2-Clause */
/* SCHED_DEADLINE: so much in each period, and no more. */
#include <stdlib.h>

#include "kernel/sched/deadline.h"
#include "kernel/sched/realtime.h"
#include "tests/sim/promises.h"

#define BUDGETS 4u

static struct deadline memory[BUDGETS];

/* Together 93 % of a CPU; periods without a common measure. */
static const struct deadline_budget budgets[BUDGETS] = {
	{2 * MS, 5 * MS, 5 * MS},
	{3 * MS, 17 * MS, 17 * MS},
	{20 * MS, 73 * MS, 73 * MS},
	{8 * MS, 90 * MS, 100 * MS},
};

/* They have a budget from when they begin. */
static void begin(struct sim_thread *threads, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		deadline_init(&memory[i], &threads[i].thread);
		if (!thread_deadline_set(&threads[i].thread, &memory[i], &budgets[i % BUDGETS]))
			abort();
	}
	start(threads, count);
}

/* The most that one had too little, or too much, in a period of its own. */
struct extremes {
	uint64_t lacks, exceeds;
};

static struct extremes worst(struct extremes a, struct extremes b)
{
	return (struct extremes){MAX(a.lacks, b.lacks), MAX(a.exceeds, b.exceeds)};
}

static void look(const struct sim_thread *thread, const struct deadline_budget *budget,
		 uint64_t *seen_ns, struct extremes *extremes)
{
	uint64_t used = sim_used_ns(thread) - *seen_ns;

	*seen_ns += used;
	if (used < budget->runtime_ns)
		extremes->lacks = MAX(extremes->lacks, budget->runtime_ns - used);
	else
		extremes->exceeds = MAX(extremes->exceeds, used - budget->runtime_ns);
}

/* Ends each period of each, in the order of time. */
static struct extremes watch(const struct sim_thread *threads, uint32_t count, uint64_t ns)
{
	struct extremes extremes = {0, 0};
	uint64_t next[BUDGETS], seen[BUDGETS] = {0}, end = sim_now + ns;

	for (uint32_t i = 0; i < count; i++)
		next[i] = sim_now + budgets[i].period_ns;
	for (;;) {
		uint32_t first = 0;

		for (uint32_t i = 1; i < count; i++)
			first = next[i] < next[first] ? i : first;
		if (next[first] > end)
			return extremes;
		/* What happens at that moment belongs to the next one. */
		sim_run(next[first] - 1);
		look(&threads[first], &budgets[first], &seen[first], &extremes);
		next[first] += budgets[first].period_ns;
	}
}

static struct extremes hogs_with_budgets(uint32_t others, uint32_t realtime)
{
	sim_boot(1);
	struct sim_user *user = sim_user();
	struct sim_thread *hogs = sim_threads(others + 1, user, sim_hog);
	struct sim_thread *urgent = sim_threads(realtime + 1, user, sim_hog);
	struct sim_thread *threads = sim_threads(BUDGETS, user, sim_hog);
	struct extremes extremes;

	for (uint32_t i = 0; i < realtime; i++)
		thread_realtime_set(&urgent[i].thread, 99 - i, i % 2);
	start(hogs, others);
	start(urgent, realtime);
	begin(threads, BUDGETS);
	extremes = watch(threads, BUDGETS, 20 * NS_PER_SEC);
	free(hogs);
	free(urgent);
	free(threads);
	return extremes;
}

/* Whatever it sleeps, it has no more than its share and one budget. */
static enum sim_next naps(struct sim_thread *self)
{
	enum sim_next next = self->rounds++ % 2 ? SIM_SLEEP : SIM_GO;

	self->burst_ns = next == SIM_GO ? sim_random(&self->random, 4 * MS) : 0;
	self->sleep_ns = 1 + sim_random(&self->random, 3 * MS);
	return next;
}

static void sleepers_with_budgets(void)
{
	sim_boot(1);
	struct sim_user *user = sim_user();
	struct sim_thread *hog = sim_threads(1, user, sim_hog);
	struct sim_thread *threads = sim_threads(BUDGETS, user, naps);
	uint64_t most = 0;

	start(hog, 1);
	begin(threads, BUDGETS);
	sim_run(sim_now + 20 * NS_PER_SEC);
	for (uint32_t i = 0; i < BUDGETS; i++) {
		uint64_t share = 20 * NS_PER_SEC / budgets[i].period_ns * budgets[i].runtime_ns;

		share += 2 * budgets[i].runtime_ns;
		most = MAX(most, sim_used_ns(&threads[i]) * 1000 / share);
	}
	promise(most <= 1000, "who naps has of his share and two budgets, 1/1000", most, 1000);
	free(hog);
	free(threads);
}

/* Each CPU takes as many as it has room for, and keeps their deadlines. */
static void budgets_on_two_cpus(void)
{
	static const struct deadline_budget most_of_one = {60 * MS, 100 * MS, 100 * MS};
	uint64_t admitted = 0, least = UINT64_MAX;

	sim_boot(2);
	struct sim_user *user = sim_user();
	struct sim_thread *hogs = sim_threads(4, user, sim_hog);
	struct sim_thread *threads = sim_threads(3, user, sim_hog);

	start(hogs, 4);
	for (uint32_t i = 0; i < 3; i++) {
		deadline_init(&memory[i], &threads[i].thread);
		admitted += thread_deadline_set(&threads[i].thread, &memory[i], &most_of_one);
	}
	start(threads, 3);
	sim_run(sim_now + 10 * NS_PER_SEC);
	for (uint32_t i = 0; i < 2; i++)
		least = MIN(least, sim_used_ns(&threads[i]));
	promise(admitted == 2, "budgets of 60 % of a CPU that two CPUs admit", admitted, 2);
	promise(least >= 6 * NS_PER_SEC, "and of 10 s each has, ns", least, 6 * NS_PER_SEC);
	free(hogs);
	free(threads);
}

void budgets_kept(void)
{
	struct extremes extremes = worst(hogs_with_budgets(0, 0), hogs_with_budgets(8, 0));

	extremes = worst(extremes, hogs_with_budgets(8, 3));
	promise(extremes.lacks <= 1, "budgets beside hogs and real-time hogs lack in a period, ns",
		extremes.lacks, 1);
	promise(extremes.exceeds <= 1, "and are exceeded in a period, ns", extremes.exceeds, 1);
	sleepers_with_budgets();
	budgets_on_two_cpus();
}
