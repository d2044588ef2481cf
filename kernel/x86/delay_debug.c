/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/delay.h"

/* One place in so many, for up to so many pauses. */
#define DELAY_ONE_IN 256u
#define DELAY_PAUSES 512u

/* Of each CPU; an interrupt in the middle of a draw costs a number, no more. */
static struct {
	uint64_t state; /* 0: never dawdles */
} __aligned(64) delays[CPUS_MAX];

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static uint64_t draw(uint64_t *state)
{
	uint64_t x = READ_ONCE(*state);

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	WRITE_ONCE(*state, x);
	return x * 0x2545f4914f6cdd1dull >> 32;
}

void delay_here(void)
{
	uint64_t *state = &delays[cpu_id()].state;
	uint64_t drawn;

	if (!READ_ONCE(*state))
		return;
	drawn = draw(state);
	if (drawn % DELAY_ONE_IN != 0)
		return;
	for (uint64_t i = drawn / DELAY_ONE_IN % DELAY_PAUSES; i > 0; i--)
		cpu_relax();
}

void delay_seed(uint64_t seed)
{
	for (uint64_t cpu = 0; cpu < CPUS_MAX; cpu++)
		WRITE_ONCE(delays[cpu].state, seed ? (seed + cpu) * 0x9e3779b97f4a7c15ull : 0);
}
