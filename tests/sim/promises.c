/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scheduler promises, on machines that are only simulated: sched-sim [long]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define MS NS_PER_MS

static bool is_long;
static unsigned broken;

static void promise(bool kept, const char *what, uint64_t value, uint64_t bound)
{
	printf("%-7s %-58s %12lu (bound %lu)\n", kept ? "ok" : "BROKEN", what, value, bound);
	broken += !kept;
}

/* The greatest distance of a share from @wanted, in thousandths of it. */
static uint64_t off(uint64_t used, uint64_t wanted)
{
	uint64_t distance = used < wanted ? wanted - used : used - wanted;

	return distance * 1000 / wanted;
}

static uint64_t worst_share(const struct sim_thread *threads, uint32_t count, uint64_t wanted)
{
	uint64_t worst = 0;

	for (uint32_t i = 0; i < count; i++)
		worst = MAX(worst, off(sim_used_ns(&threads[i]), wanted));
	return worst;
}

static void start(struct sim_thread *threads, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		sim_wake(&threads[i], 0);
}

static void equal_threads(void)
{
	uint64_t worst = 0;

	for (uint32_t count = 2; count <= 10; count++) {
		sim_boot(1);
		struct sim_thread *hogs = sim_threads(count, sim_user(), sim_hog);

		start(hogs, count);
		sim_run(sim_now + NS_PER_SEC);
		worst = MAX(worst, worst_share(hogs, count, NS_PER_SEC / count));
		free(hogs);
	}
	promise(worst <= 30, "equal shares of 2 to 10 threads over 1 s, off by 1/1000", worst, 30);
}

static void equal_users(void)
{
	static const uint32_t counts[] = {1, 2, 10, 100, 1000};
	uint64_t worst = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		sim_boot(1);
		struct sim_thread *many = sim_threads(counts[i], sim_user(), sim_hog);
		struct sim_thread *one = sim_threads(1, sim_user(), sim_hog);

		start(many, counts[i]);
		start(one, 1);
		sim_run(sim_now + NS_PER_SEC);
		worst = MAX(worst, worst_share(one, 1, NS_PER_SEC / 2));
		free(many);
		free(one);
	}
	promise(worst <= 30, "a user with 1 thread beside one with 1 to 1000, by 1/1000", worst,
		30);
}

static void weights(void)
{
	uint64_t worst = 0;

	for (int32_t nice = -20; nice <= 15; nice += 5) {
		sim_boot(1);
		struct sim_thread *hogs = sim_threads(2, sim_user(), sim_hog);
		uint64_t weight = weight_of_nice(nice);

		thread_weight_set(&hogs[1].thread, (uint32_t)weight, false);
		start(hogs, 2);
		sim_run(sim_now + 10 * NS_PER_SEC);
		worst = MAX(worst, off(sim_used_ns(&hogs[1]),
				       10 * NS_PER_SEC * weight / (weight + WEIGHT_NORMAL)));
		free(hogs);
	}
	promise(worst <= 30, "shares of nice -20 to 15 beside 0 over 10 s, by 1/1000", worst, 30);
}

/* Uses a little, sleeps for long. */
static enum sim_next interactive(struct sim_thread *self)
{
	enum sim_next next = self->rounds++ % 2 ? SIM_SLEEP : SIM_GO;

	self->burst_ns = next == SIM_GO ? 10000 + sim_random(&self->random, MS) : 0;
	self->sleep_ns = MS + sim_random(&self->random, 60 * MS);
	return next;
}

static void interactive_beside_hogs(void)
{
	sim_boot(1);
	struct sim_user *user = sim_user();
	struct sim_thread *hogs = sim_threads(8, user, sim_hog);
	struct sim_thread *shell = sim_threads(1, user, interactive);

	start(hogs, 8);
	start(shell, 1);
	sim_run(sim_now + NS_PER_SEC);
	shell->longest_wake = 0; /* it was new */
	sim_run(sim_now + 20 * NS_PER_SEC);
	promise(shell->longest_wake <= 2 * SCHED_QUANTUM_NS,
		"an interactive thread waits beside 8 hogs, ns", shell->longest_wake,
		2 * SCHED_QUANTUM_NS);
	free(hogs);
	free(shell);
}

static void lightest(void)
{
	static const uint32_t counts[] = {1, 8, 64};
	uint64_t worst = 0, bound = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		sim_boot(1);
		struct sim_user *user = sim_user();
		struct sim_thread *hogs = sim_threads(counts[i], user, sim_hog);
		struct sim_thread *light = sim_threads(1, user, sim_hog);

		thread_weight_set(&light->thread, WEIGHT_IDLE, true);
		start(hogs, counts[i]);
		start(light, 1);
		sim_run(sim_now + 30 * NS_PER_SEC);
		bound = CALENDAR_AHEAD_NS + 2 * SCHED_QUANTUM_NS;
		worst = MAX(worst, sim_longest_wait(light) / counts[i]);
		free(hogs);
		free(light);
	}
	promise(worst <= bound, "SCHED_IDLE beside 1, 8, 64 hogs waits, for each, ns", worst,
		bound);
}

/* Gives the CPU away a microsecond before its slice ends. */
static enum sim_next cheat(struct sim_thread *self)
{
	enum sim_next next = self->rounds++ % 2 ? SIM_YIELD : SIM_GO;

	self->burst_ns = next == SIM_GO ? SCHED_QUANTUM_NS - NS_PER_US : 0;
	return next;
}

static void cheating(void)
{
	sim_boot(1);
	struct sim_user *user = sim_user();
	struct sim_thread *hog = sim_threads(1, user, sim_hog);
	struct sim_thread *cheater = sim_threads(1, user, cheat);

	start(hog, 1);
	start(cheater, 1);
	sim_run(sim_now + 10 * NS_PER_SEC);
	promise(sim_used_ns(cheater) <= sim_used_ns(hog) + SCHED_QUANTUM_NS,
		"who yields just before each slice's end gets, ns of 10 s", sim_used_ns(cheater),
		sim_used_ns(hog) + SCHED_QUANTUM_NS);
	free(hog);
	free(cheater);
}

/* Wakes its peer and sleeps until it is woken; the two share one count. */
static enum sim_next hand_over(struct sim_thread *self)
{
	if (self->rounds++ % 2) {
		self->burst_ns = 0;
		self->sleep_ns = 0;
		/* Often enough the peer runs elsewhere before this one sleeps. */
		thread_wake(&self->peer->thread);
		return SIM_SLEEP;
	}
	self->burst_ns = 1 + sim_random(&self->random, 20000);
	return SIM_GO;
}

/* Hundreds of sleepers with a credit each, one of which always runs: no hog waits for all of it. */
static void ring_beside_a_hog(void)
{
	static const uint32_t counts[] = {2, 16, 128, 512};
	uint64_t worst = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		sim_boot(1);
		struct sim_user *user = sim_user();
		struct sim_thread *ring = sim_threads(counts[i], user, hand_over);
		struct sim_thread *hog = sim_threads(1, user, sim_hog);

		for (uint32_t j = 0; j < counts[i]; j++)
			ring[j].peer = &ring[(j + 1) % counts[i]];
		start(hog, 1);
		sim_run(sim_now + 50 * MS);
		start(ring, 1);
		sim_run(sim_now + 10 * NS_PER_SEC);
		worst = MAX(worst, sim_longest_wait(hog));
		free(ring);
		free(hog);
	}
	promise(worst <= CALENDAR_AHEAD_NS + 2 * SCHED_QUANTUM_NS,
		"a hog beside a ring of 2 to 512 who wake each other waits, ns", worst,
		CALENDAR_AHEAD_NS + 2 * SCHED_QUANTUM_NS);
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

static void stealing(void)
{
	static const uint32_t counts[] = {2, 4, 8};
	uint64_t worst = 0;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		sim_boot(counts[i]);
		struct sim_user *user = sim_user();
		struct sim_thread *hogs = sim_threads(3 * counts[i], user, interactive);

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
	if (!sched_consistent())
		promise(false, "the queues are consistent", count, 0);
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

int main(int argc, char **argv)
{
	is_long = argc > 1 && !strcmp(argv[1], "long");
	equal_threads();
	equal_users();
	weights();
	interactive_beside_hogs();
	lightest();
	cheating();
	ring_beside_a_hog();
	hand_overs();
	stealing();
	costs();
	return broken != 0;
}
