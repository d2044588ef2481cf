/* SPDX-License-Identifier: BSD-2-Clause */
/* The calendar against a list that is searched, and what a nice value weighs. */
#include "kernel/lib/bits.h"

#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/weight.h"
#include "tests/unit/check.h"

#define ENTRIES 40u
#define STEP    (1ull << 20)

struct calendar_model {
	struct calendar calendar;
	struct calendar_entry entries[ENTRIES];
	uint64_t seen[ENTRIES]; /* the order in which they came; 0: is not in */
	uint64_t wished[ENTRIES];
	uint64_t now, weight, came;
};

static uint64_t seed = 11;

/* What the time is moved to that lies outside the range. */
static uint64_t clamped(uint64_t now, uint64_t vtime)
{
	if (vtime + 24 * STEP < now)
		return now - 24 * STEP;
	return vtime > now + 39 * STEP ? now + 39 * STEP : vtime;
}

/* Who stands before all others that @done leaves; ENTRIES: nobody. */
static unsigned expected_first(const struct calendar_model *m, const bool *done)
{
	unsigned first = ENTRIES;

	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t step = m->entries[i].vtime / STEP;

		if (!m->seen[i] || done[i])
			continue;
		if (first == ENTRIES || step < m->entries[first].vtime / STEP ||
		    (step == m->entries[first].vtime / STEP && m->seen[i] < m->seen[first]))
			first = i;
	}
	return first;
}

/* All of them in their order, as a thief or a switch goes through them. */
static void check_order(const struct calendar_model *m)
{
	const struct calendar *calendar = &m->calendar;
	bool done[ENTRIES] = {false};
	uint64_t order = calendar_order(calendar);
	unsigned first = expected_first(m, done);

	CHECK_EQ(calendar->now, m->now);
	CHECK_EQ(calendar->weight, m->weight);
	CHECK_EQ(order != 0, first < ENTRIES);
	if (order)
		CHECK(calendar_first(calendar) == &m->entries[first]);
	while (order) {
		const struct list_node *bucket = calendar_next(calendar, &order);

		list_for_each(link, bucket)
		{
			CHECK(link == &m->entries[first].link);
			done[first] = true;
			first = expected_first(m, done);
		}
	}
	CHECK_EQ(first, ENTRIES);
}

static void add(struct calendar_model *m, unsigned i, uint64_t vtime)
{
	m->entries[i].vtime = vtime;
	m->entries[i].weight = 1 + (uint32_t)check_random(&seed) % 90000;
	calendar_add(&m->calendar, &m->entries[i]);
	CHECK_EQ(m->entries[i].vtime, clamped(m->now, vtime));
	m->seen[i] = ++m->came;
	m->weight += m->entries[i].weight;
}

static void take(struct calendar_model *m, unsigned i)
{
	calendar_remove(&m->calendar, &m->entries[i]);
	m->seen[i] = 0;
	m->weight -= m->entries[i].weight;
}

/* Time goes on by what was used over what all weigh, an eighth less unless on credit. */
static void pass(struct calendar_model *m, uint64_t vtime, uint64_t ns, uint64_t weight)
{
	static const bool none[ENTRIES];
	uint64_t counted = m->now > vtime + 2 * STEP ? ns : ns - ns / 8;
	uint64_t now = m->now + counted * 1024 / (m->weight + weight);
	unsigned first = expected_first(m, none);

	calendar_pass(&m->calendar, vtime, ns, weight);
	if (first < ENTRIES && now > m->entries[first].vtime + 8 * STEP)
		now = m->entries[first].vtime + 8 * STEP;
	m->now = now > m->now ? now : m->now;
	CHECK_EQ(m->calendar.now, m->now);
}

static void step(struct calendar_model *m)
{
	static const bool none[ENTRIES];
	uint64_t r = check_random(&seed);
	unsigned i = (unsigned)(r >> 8) % ENTRIES, first = expected_first(m, none);
	uint64_t near = m->now + (r >> 16) % (70 * STEP) - 28 * STEP;

	if (r % 4 == 0 && first < ENTRIES) {
		if (m->entries[first].vtime > m->now)
			m->now = m->entries[first].vtime;
		calendar_advance(&m->calendar, m->entries[first].vtime);
		take(m, first);
	} else if (r % 4 == 1) {
		pass(m, near, (r >> 48) * 100, 1 + (r >> 40) % 2000);
	} else if (m->seen[i]) {
		take(m, i);
	} else {
		/* Often the edges of a bucket and of the range. */
		add(m, i, r % 8 == 2 ? near / STEP * STEP - (r >> 60) % 2 : near);
	}
	check_order(m);
}

static void test_calendar(void)
{
	struct calendar_model *m = malloc(sizeof(*m));

	memset(m, 0xa5, sizeof(*m));
	memset(m->seen, 0, sizeof(m->seen));
	calendar_init(&m->calendar);
	m->now = m->calendar.now;
	m->weight = m->came = 0;
	CHECK(m->now >= 24 * STEP);
	for (unsigned i = 0; i < 40000; i++)
		step(m);
	free(m);
}

/* One who gets what he weighs keeps pace with the time of all. */
static void test_pass(void)
{
	struct calendar calendar;
	struct calendar_entry entry = {.weight = 3072};
	uint64_t start;

	calendar_init(&calendar);
	start = calendar.now;
	entry.vtime = start;
	calendar_add(&calendar, &entry);
	calendar_pass(&calendar, start, 8000, 1024);
	CHECK_EQ(calendar.now - start, 7000 / 4);
	calendar_pass(&calendar, calendar.now - 2 * STEP, 8000, 1024);
	CHECK_EQ(calendar.now - start, 2 * 7000 / 4);
	calendar_pass(&calendar, calendar.now - 2 * STEP - 1, 8000, 1024);
	CHECK_EQ(calendar.now - start, 2 * 7000 / 4 + 8000 / 4);
	calendar_pass(&calendar, start, 1000 * STEP, 1024);
	CHECK_EQ(calendar.now - start, 8 * STEP);
}

/* A step of nice is a quarter more or less, and 0 is 1024: Linux's sched_prio_to_weight[]. */
static void test_weights(void)
{
	static const uint32_t weights[40] = {88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705,
					     14949, 11916, 9548,  7620,  6100,  4904,  3906,  3121,
					     2501,  1991,  1586,  1277,  1024,  820,   655,   526,
					     423,   335,   272,   215,   172,   137,   110,   87,
					     70,    56,    45,    36,    29,    23,    18,    15};

	for (int nice = -20; nice < 20; nice++)
		CHECK_EQ(weight_of_nice(nice), weights[nice + 20]);
}

static void test_pace(void)
{
	static const struct {
		uint32_t weight;
		uint32_t pace, slice;
	} cases[] = {
		{1024, 65536, 1}, {512, 131072, 2},  {2048, 32768, 1}, {3, 22369621, 10},
		{1023, 65600, 1}, {88761, 756, 1},   {342, 196224, 2}, {341, 196800, 3},
		{110, 610080, 9}, {102, 657930, 10}, {103, 651542, 9}, {93, 721600, 10},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct thread thread = {.is_batch = i % 2 == 0, .slice_pace = 77};

		thread_weight_set(&thread, cases[i].weight, i % 2);
		CHECK_EQ(thread.weight, cases[i].weight);
		CHECK_EQ(thread.pace, cases[i].pace);
		CHECK_EQ(thread.slice_pace, cases[i].slice);
		CHECK_EQ(thread.is_batch, i % 2);
	}
}

int main(void)
{
	test_calendar();
	test_pass();
	test_weights();
	test_pace();
	return check_done("calendar");
}
