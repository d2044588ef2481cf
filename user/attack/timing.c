/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the kernel is: what faults tell of its addresses, and how long they take. */
#include "user/attack/attack.h"

#define TRIES 200

static uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

static void read_it(uint64_t at)
{
	(void)*(volatile uint64_t *)at;
}

static void prefetch_it(uint64_t at)
{
	__asm__ volatile("prefetcht0 (%0)" ::"r"(at));
}

/* Code and error of the fault: "present" would say that the kernel maps something there. */
static uint64_t told_by_fault(uint64_t at)
{
	faults(read_it, at);
	return (uint64_t)fault.code << 32 | fault.error;
}

static void fault_codes(void)
{
	uint64_t first = told_by_fault(KERNEL_TEXT);
	size_t others = 0, n = 0;

	for (uint64_t at = KERNEL_TEXT; at < UINT64_MAX - (8 << 20); at += 8 << 20, n++)
		others += told_by_fault(at) != first;
	for (uint64_t at = KERNEL_HALF; at < KERNEL_HALF + (1UL << 40); at += 1UL << 32, n++)
		others += told_by_fault(at) != first;
	saw(others ? "%zu of %zu differ" : "%zu of %zu differ: nothing told", others, n);
}

/* The fastest of some tries: what the machine does besides only adds. */
static uint64_t time_of(void (*access)(uint64_t), uint64_t at, bool faulting)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t begin = ticks();

		if (faulting)
			faults(access, at);
		else
			access(at);
		begin = ticks() - begin;
		best = begin < best ? begin : best;
	}
	return best;
}

static void compare(void (*access)(uint64_t), bool faulting)
{
	uint64_t fast = UINT64_MAX, slow = 0;

	for (uint64_t i = 0; i < 32; i++) {
		uint64_t took = time_of(access, KERNEL_TEXT + i * (16 << 20), faulting);

		fast = took < fast ? took : fast;
		slow = took > slow ? took : slow;
	}
	saw("32 addresses: %lu to %lu ticks", fast, slow);
}

static void by_faults(void)
{
	compare(read_it, true);
}

static void by_prefetch(void)
{
	compare(prefetch_it, false);
}

static void prefetch_never_faults(void)
{
	size_t faulted = 0;

	for (uint64_t i = 0; i < 512; i++)
		faulted += faults(prefetch_it, KERNEL_TEXT + i * (1 << 20));
	saw("%zu of 512 fault", faulted);
}

const struct attack timing_attacks[] = {
	{"timing/fault_codes", fault_codes, "*: nothing told", "one code for all kernel addresses",
	 NULL, false},
	{"timing/prefetch_faults", prefetch_never_faults, "0 of 512 fault", "the CPU", NULL, false},
	{"timing/fault_times", by_faults, "*", "not promised: side channels", NULL, true},
	{"timing/prefetch_times", by_prefetch, "*", "not promised: side channels", NULL, true},
	ATTACKS_END,
};
