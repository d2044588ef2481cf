/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel/core/spread: who ends a count while others take and drop references, each on another CPU
 * than where they were counted first, is told the truth, and the last one ends it once.
 */
#include "kernel/core/spread.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/machine.h"

static struct spread_count count;
static unsigned held[ENGINE_CPUS]; /* by each CPU; less only when it is dropped */
static unsigned going;             /* those in held that are being dropped */
static unsigned ended;
static uint32_t moves; /* a walk's, odd: unmounting */
static bool is_gone;
static uint32_t handed, dropped; /* references of CPU 1, by CPU 2 */

static unsigned all_held(void)
{
	unsigned sum = 0;

	for (unsigned cpu = 0; cpu < ENGINE_CPUS; cpu++)
		sum += held[cpu];
	return sum;
}

static void begin(void)
{
	spread_boot();
	spread_init(&count, 1);
	spread_begin(&count);
	going = ended = moves = 0;
	is_gone = false;
	for (unsigned cpu = 0; cpu < ENGINE_CPUS; cpu++)
		held[cpu] = 0;
}

/* A reference of CPU @by, which CPU @on counts. */
static void give(unsigned by, unsigned on)
{
	MUST(spread_add(&count, on, 1));
	held[by]++;
}

static void put(void)
{
	ended += spread_put(&count);
}

static void drop(unsigned cpu)
{
	going++;
	put();
	going--;
	held[cpu]--;
}

/* Busy is who holds one when it is asked; nobody is who holds none when the answer comes. */
static bool try_to_end(void)
{
	bool busy = all_held();
	bool is_end = spread_end(&count, 1);

	MUST(is_end ? all_held() == going : busy);
	return is_end;
}

static void unmount(void)
{
	if (!try_to_end())
		MUST(spread_end(&count, ~0u));
	MUST(!ended);
	put();
}

static void use(unsigned cpu)
{
	spread_get(&count);
	held[cpu]++;
	drop(cpu);
	MUST(!ended);
	drop(cpu);
}

static void unmount_or_use(unsigned cpu)
{
	if (cpu)
		use(cpu);
	else
		unmount();
}

static void setup_one(void)
{
	begin();
	give(1, 2);
}

static void check(void)
{
	MUST(ended == 1 && !refcount_read(&count.rest) && !count.is_spread);
}

/* CPU 1 keeps one that CPU 2 counts, and takes more, which it gives to CPU 2 to drop. */
static void setup_handed(void)
{
	begin();
	give(1, 2);
	handed = dropped = 0;
}

static void hand_two(void)
{
	for (unsigned i = 1; i <= 2; i++) {
		spread_get(&count);
		__atomic_store_n(&handed, i, __ATOMIC_RELEASE);
	}
}

static void drop_handed(void)
{
	for (; dropped < __atomic_load_n(&handed, __ATOMIC_ACQUIRE); dropped++)
		put();
	MUST(!ended);
}

static void fail_or_hand(unsigned cpu)
{
	if (cpu == 0)
		MUST(!spread_end(&count, 1));
	else if (cpu == 1)
		hand_two();
	else
		drop_handed();
}

static void check_handed(void)
{
	drop_handed();
	put();
	MUST(!ended && spread_end(&count, 1));
	put();
	check();
}

static uint32_t moves_even(void)
{
	uint32_t seen;

	while ((seen = __atomic_load_n(&moves, __ATOMIC_ACQUIRE)) & 1)
		engine_spin();
	return seen;
}

/* As a walk in fs/walk.c, which then opens what it has found. */
static void walk(unsigned cpu)
{
	uint32_t seen = moves_even();
	bool found = !READ_ONCE(is_gone) && spread_get_unless_zero(&count);

	if (__atomic_load_n(&moves, __ATOMIC_ACQUIRE) == seen && found) {
		held[cpu]++;
		MUST(!READ_ONCE(is_gone));
		drop(cpu);
	} else if (found) {
		put();
	}
}

/* As fs/mount.c: it is judged and hidden in one move. */
static void unmount_if_unused(void)
{
	__atomic_add_fetch(&moves, 1, __ATOMIC_SEQ_CST);
	if (spread_end(&count, 1))
		WRITE_ONCE(is_gone, true);
	__atomic_add_fetch(&moves, 1, __ATOMIC_SEQ_CST);
	if (is_gone)
		put();
}

static void unmount_or_walk(unsigned cpu)
{
	if (cpu)
		walk(cpu);
	else
		unmount_if_unused();
}

static void check_walks(void)
{
	MUST(ended == is_gone && count.is_spread == !is_gone);
	if (!is_gone)
		MUST(try_to_end());
	MUST(refcount_read(&count.rest) == !is_gone);
}

const struct scenario spread_end_one = {"spread end", 2, 4, setup_one, unmount_or_use, check};
const struct scenario spread_handed = {"spread handed", 3,           3, setup_handed,
				       fail_or_hand,    check_handed};
const struct scenario spread_walk = {"spread walk", 3, 3, begin, unmount_or_walk, check_walks};
