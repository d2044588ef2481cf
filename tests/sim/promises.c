/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scheduler promises, on machines that are only simulated: sched-sim [long|first]. */
#include "tests/sim/promises.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/sched/realtime.h"

bool is_long;
static bool ends_at_first; /* with the first broken promise */
static unsigned broken;

void promise(bool kept, const char *what, uint64_t value, uint64_t bound)
{
	printf("%-7s %-58s %12lu (bound %lu)\n", kept ? "ok" : "BROKEN", what, value, bound);
	broken += !kept;
	if (broken && ends_at_first)
		exit(1);
}

/* The greatest distance of a share from @wanted, in thousandths of it. */
uint64_t off(uint64_t used, uint64_t wanted)
{
	uint64_t distance = used < wanted ? wanted - used : used - wanted;

	return distance * 1000 / wanted;
}

uint64_t worst_share(const struct sim_thread *threads, uint32_t count, uint64_t wanted)
{
	uint64_t worst = 0;

	for (uint32_t i = 0; i < count; i++)
		worst = MAX(worst, off(sim_used_ns(&threads[i]), wanted));
	return worst;
}

void start(struct sim_thread *threads, uint32_t count)
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
enum sim_next interactive(struct sim_thread *self)
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
	/* Two: one alone would have the CPU behind every yield. */
	struct sim_thread *hogs = sim_threads(2, user, sim_hog);
	struct sim_thread *cheater = sim_threads(1, user, cheat);

	start(hogs, 2);
	start(cheater, 1);
	sim_run(sim_now + 10 * NS_PER_SEC);
	uint64_t theirs = MIN(sim_used_ns(&hogs[0]), sim_used_ns(&hogs[1]));

	promise(sim_used_ns(cheater) <= theirs + SCHED_QUANTUM_NS,
		"who yields just before each slice's end gets, ns of 10 s", sim_used_ns(cheater),
		theirs + SCHED_QUANTUM_NS);
	free(hogs);
	free(cheater);
}

/* Wakes its peer and sleeps until it is woken; the two share one count. */
enum sim_next hand_over(struct sim_thread *self)
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

/* Real-time sleepers beside hogs and a real-time hog of less priority. */
static void realtime(void)
{
	sim_boot(2);
	struct sim_user *user = sim_user();
	struct sim_thread *hogs = sim_threads(16, user, sim_hog);
	struct sim_thread *urgent = sim_threads(1, user, interactive);
	struct sim_thread *urgent_hogs = sim_threads(2, user, sim_hog);
	uint64_t begun = sim_now, left;

	thread_realtime_set(&urgent->thread, 50, false);
	thread_realtime_set(&urgent_hogs[0].thread, 10, false);
	thread_realtime_set(&urgent_hogs[1].thread, 10, true);
	start(hogs, 16);
	start(urgent, 1);
	sim_run(sim_now + 10 * NS_PER_SEC);
	promise(urgent->longest_wake == 0, "a real-time thread waits beside 16 hogs, ns",
		urgent->longest_wake, 0);
	start(urgent_hogs, 2);
	begun = sim_now;
	sim_run(sim_now + 20 * NS_PER_SEC);
	left = 2 * (sim_now - begun) - sim_used_ns(&urgent_hogs[0]) - sim_used_ns(&urgent_hogs[1]);
	promise(left >= (sim_now - begun) / 20 * 2 * 8 / 10,
		"real-time hogs on both of 2 CPUs leave of 20 s, ns", left,
		(sim_now - begun) / 10 * 8 / 10);
	free(hogs);
	free(urgent);
	free(urgent_hogs);
}

int main(int argc, char **argv)
{
	is_long = argc > 1 && !strcmp(argv[1], "long");
	ends_at_first = argc > 1 && !strcmp(argv[1], "first");
	equal_threads();
	equal_users();
	weights();
	interactive_beside_hogs();
	lightest();
	cheating();
	ring_beside_a_hog();
	realtime();
	budgets_kept();
	several_cpus();
	return broken != 0;
}
