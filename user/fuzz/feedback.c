/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a kernel of `make COVERAGE=1` records of each process: the places in its text that a call
 * went through; an input that reaches a new one is kept. Two places in a row are an edge, counted
 * only: nearly every input has a new one.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/fuzz/fuzz.h"

#define SYS_native_coverage 4100
#define PLACES_MAX          16384
#define EDGES               (1u << 18)
#define TEXT_BYTES          (4u << 20)
#define KEPT_MAX            4096

struct everything {
	struct shared shared;
	uint8_t edges[EDGES];
	uint8_t places[TEXT_BYTES];
	struct input kept[KEPT_MAX];
};

static struct everything *all;
struct shared *shared;
static uint32_t record[PLACES_MAX];

bool feedback_begin(void)
{
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED)
		return false;
	shared = &all->shared;
	return true;
}

static long take_record(unsigned slot)
{
	return syscall(SYS_native_coverage, slot, record, PLACES_MAX);
}

bool coverage_begin(unsigned slot)
{
	return take_record(slot) >= 0;
}

static bool is_new(uint8_t *seen, uint32_t *count)
{
	if (*seen || __atomic_exchange_n(seen, 1, __ATOMIC_RELAXED))
		return false;
	__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	return true;
}

static void keep(const struct input *input)
{
	uint32_t at = __atomic_fetch_add(&shared->kept, 1, __ATOMIC_RELAXED);

	all->kept[at % KEPT_MAX] = *input;
}

void coverage_judge(unsigned slot, const struct input *input)
{
	long count = take_record(slot);
	uint32_t before = 0;
	bool fresh = false;

	for (long i = 0; i < count; i++) {
		uint32_t place = record[i] % TEXT_BYTES;

		fresh |= is_new(&all->places[place], &shared->places);
		is_new(&all->edges[(place * 2654435761u ^ before) % EDGES], &shared->edges);
		before = place * 40503u >> 1;
	}
	if (fresh)
		keep(input);
}

const struct input *kept_input(uint64_t *state)
{
	uint32_t kept = shared->kept < KEPT_MAX ? shared->kept : KEPT_MAX;

	return kept ? &all->kept[below(state, kept)] : NULL;
}

void print_places(const char *path)
{
	FILE *file = fopen(path, "w");

	for (uint32_t i = 0; file && i < TEXT_BYTES; i++)
		if (all->places[i])
			fprintf(file, "%x\n", i);
	if (file)
		fclose(file);
}
