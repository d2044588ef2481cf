/* SPDX-License-Identifier: BSD-2-Clause */
/* Promises on several CPUs, and what a step costs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/promises.h"

/* Of the second that begins now. */
static uint64_t worst_share_from_now(const struct sim_thread *threads, uint32_t count,
				     uint64_t wanted)
{
	uint64_t *before = malloc(count * sizeof(*before)), worst = 0;

	if (!before)
		abort();
	for (uint32_t i = 0; i < count; i++)
		before[i] = sim_used_ns(&threads[i]);
	sim_run(sim_now + NS_PER_SEC);
	for (uint32_t i = 0; i < count; i++)
		worst = MAX(worst, off(sim_used_ns(&threads[i]) - before[i], wanted));
	free(before);
	return worst;
}

static void shares_of_several_cpus(void)
{
	static const uint32_t machines[][2] = {{2, 3},  {2, 5},   {2, 15}, {4, 5},  {4, 7},
					       {4, 10}, {4, 21},  {8, 9},  {8, 12}, {8, 20},
					       {8, 63}, {16, 17}, {16, 40}};
	uint64_t worst = 0;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		uint32_t cpus = machines[i][0], count = machines[i][1];

		sim_boot(cpus);
		struct sim_thread *hogs = sim_threads(count, sim_user(), sim_hog);

		/* One has had a CPU alone for long: he owes nothing. */
		start(hogs, 1);
		sim_run(sim_now + 3 * NS_PER_SEC);
		start(hogs + 1, count - 1);
		sim_run(sim_now + 200 * MS);
		for (unsigned second = 0; second < 3; second++)
			worst = MAX(worst,
				    worst_share_from_now(hogs, count, NS_PER_SEC * cpus / count));
		free(hogs);
	}
	promise(worst <= 30, "equal shares of 3 to 63 threads on 2 to 16 CPUs, by 1/1000", worst,
		30);
}

#define USERS 4u

/* A machine and up to four users, each with so many hogs. */
struct crowd {
	uint32_t cpus;
	uint32_t counts[USERS];
	struct sim_thread *hogs[USERS];
	uint64_t before[USERS];
};

static uint64_t used_by(const struct crowd *crowd, uint32_t user)
{
	uint64_t used = 0;

	for (uint32_t i = 0; i < crowd->counts[user]; i++)
		used += sim_used_ns(&crowd->hogs[user][i]);
	return used;
}

/*
 * What @user is to have of a second: the same as everybody, but no more than his threads can use;
 * what they leave is the others'.
 */
static uint64_t wanted_by(const struct crowd *crowd, uint32_t user)
{
	uint64_t least = 0, most = NS_PER_SEC * crowd->cpus;

	while (most - least > 1) {
		uint64_t level = (least + most) / 2, all = 0;

		for (uint32_t i = 0; i < USERS; i++)
			all += MIN(level, crowd->counts[i] * NS_PER_SEC);
		if (all <= NS_PER_SEC * crowd->cpus)
			least = level;
		else
			most = level;
	}
	return MIN(least, crowd->counts[user] * NS_PER_SEC);
}

/* Off by so much in any of three seconds. */
static uint64_t worst_user(struct crowd *crowd)
{
	uint64_t worst = 0;

	sim_boot(crowd->cpus);
	for (uint32_t i = 0; i < USERS; i++)
		crowd->hogs[i] = sim_threads(crowd->counts[i], sim_user(), sim_hog);
	for (uint32_t i = 0; i < USERS; i++)
		start(crowd->hogs[i], crowd->counts[i]);
	sim_run(sim_now + 200 * MS);
	for (unsigned second = 0; second < 3; second++) {
		for (uint32_t i = 0; i < USERS; i++)
			crowd->before[i] = used_by(crowd, i);
		sim_run(sim_now + NS_PER_SEC);
		for (uint32_t i = 0; i < USERS; i++)
			if (crowd->counts[i])
				worst = MAX(worst, off(used_by(crowd, i) - crowd->before[i],
						       wanted_by(crowd, i)));
	}
	for (uint32_t i = 0; i < USERS; i++)
		free(crowd->hogs[i]);
	return worst;
}

static void users_of_several_cpus(void)
{
	/* CPUs and threads; from {2, 1, 3} on a user has fewer threads than there are CPUs. */
	static const uint32_t crowds[][1 + USERS] = {
		{2, 2, 2},        {2, 2, 3},       {2, 2, 20},      {4, 5, 6},     {4, 4, 40},
		{4, 8, 100},      {8, 8, 9},       {8, 5, 6, 7, 8}, {2, 1, 3},     {2, 1, 10},
		{4, 1, 10},       {4, 2, 10},      {4, 3, 3},       {4, 1, 1, 10}, {4, 2, 3, 10},
		{4, 1, 3, 10, 5}, {8, 1, 9},       {8, 3, 20},      {8, 1, 2, 50}, {16, 4, 100},
		{64, 8, 200},     {64, 3, 70, 70},
	};
	uint64_t worst = 0;

	for (size_t i = 0; i < ARRAY_SIZE(crowds); i++) {
		struct crowd crowd = {.cpus = crowds[i][0]};

		memcpy(crowd.counts, &crowds[i][1], sizeof(crowd.counts));
		worst = MAX(worst, worst_user(&crowd));
	}
	promise(worst <= 30, "2 to 4 users of 1 to 200 threads on 2 to 64 CPUs, by 1/1000", worst,
		30);
}

#define PAIRS 16u

static void hand_overs(void)
{
	uint64_t wanted = is_long ? 1000000 : 50000, least = UINT64_MAX;

	sim_boot(4);
	struct sim_thread *threads = sim_threads(2 * PAIRS, sim_user(), hand_over);

	for (uint32_t i = 0; i < 2 * PAIRS; i++)
		threads[i].peer = &threads[i ^ 1];
	for (uint32_t i = 0; i < PAIRS; i++)
		sim_wake(&threads[2 * i], i % 4);
	for (uint64_t done = 0, before = UINT64_MAX; done < wanted && done != before;) {
		before = done;
		sim_run(sim_now + NS_PER_SEC / 10);
		done = 0;
		for (uint32_t i = 0; i < 2 * PAIRS; i++)
			done += threads[i].rounds / 2;
	}
	uint64_t all = 0;

	for (uint32_t i = 0; i < 2 * PAIRS; i++) {
		all += threads[i].rounds / 2;
		least = MIN(least, threads[i].rounds / 2);
	}
	promise(all >= wanted && least * 4 * PAIRS > all,
		"hand-overs on 4 CPUs without a lost wake", all, wanted);
	free(threads);
}

/* Uses much and sleeps for long, so the queues are never of one length. */
static enum sim_next busy(struct sim_thread *self)
{
	enum sim_next next = self->rounds++ % 2 ? SIM_SLEEP : SIM_GO;

	self->burst_ns = next == SIM_GO ? MS + sim_random(&self->random, 40 * MS) : 0;
	self->sleep_ns = MS + sim_random(&self->random, 60 * MS);
	return next;
}

static void stealing(void)
{
	static const uint32_t counts[] = {2, 4, 8};
	uint64_t worst = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		sim_boot(counts[i]);
		struct sim_user *user = sim_user();
		struct sim_thread *hogs = sim_threads(3 * counts[i], user, busy);

		start(hogs, 3 * counts[i]);
		sim_run(sim_now + 10 * NS_PER_SEC);
		worst = MAX(worst, sim_longest_idleness);
		free(hogs);
	}
	promise(worst <= SCHED_QUANTUM_NS, "a CPU is idle while somebody waits, at most ns", worst,
		SCHED_QUANTUM_NS);
}

/* The figure for docs: what a step costs among so many threads, on so many CPUs. */
static void cost(uint32_t cpus, uint32_t count)
{
	sim_boot(cpus);
	struct sim_user *user[4] = {sim_user(), sim_user(), sim_user(), sim_user()};
	struct sim_thread *hogs[4], *sleepers[4];
	uint64_t longest = 0;

	for (uint32_t i = 0; i < 4; i++) {
		hogs[i] = sim_threads(count / 8, user[i], sim_hog);
		sleepers[i] = sim_threads(count / 8, user[i], interactive);
		start(hogs[i], count / 8);
		start(sleepers[i], count / 8);
	}
	uint64_t steps = sim_steps, ticks = sim_host_ticks, begun = sim_now;

	for (unsigned i = 0; i < 1000 && sim_steps - steps < (is_long ? 4000000 : 200000); i++)
		sim_run(sim_now + NS_PER_SEC / 20);
	ASSERT(sched_consistent());
	for (uint32_t i = 0; i < 4; i++)
		for (uint32_t j = 0; j < count / 8; j++)
			longest = MAX(longest, sim_longest_wait(&hogs[i][j]));
	printf("cost cpus %u threads %u steps %lu ticks_per_step %lu longest_wait_ms %llu of "
	       "%llu\n",
	       cpus, count, sim_steps - steps, (sim_host_ticks - ticks) / (sim_steps - steps),
	       longest / MS, (sim_now - begun) / MS);
	for (uint32_t i = 0; i < 4; i++)
		free(hogs[i]), free(sleepers[i]);
}

static void costs(void)
{
	static const uint32_t counts[] = {16, 160, 1600, 16000, 100000};
	static const uint32_t cpus[] = {1, 4, 64, 1024};

	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++)
		for (size_t j = 0; j < ARRAY_SIZE(counts); j++)
			if (counts[j] >= 4 * cpus[i])
				cost(cpus[i], counts[j]);
}

void several_cpus(void)
{
	shares_of_several_cpus();
	users_of_several_cpus();
	hand_overs();
	stealing();
	costs();
}
