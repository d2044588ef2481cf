/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vDSO: code of ours that runs in ring 3, in every program. It reads the clock without a system
 * call where the counter is steady, and makes the call where it is not.
 */
#include "kernel/core/clock_page.h"

#define NS_PER_SEC 1000000000u
#define NS_PER_US  1000u

#define SYS_gettimeofday  96
#define SYS_clock_gettime 228
#define SYS_clock_getres  229
#define SYS_getcpu        309

/* CLOCK_REALTIME, its coarse kind and TAI; MONOTONIC, RAW, its coarse kind and BOOTTIME. */
#define CLOCK_LAST       11u
#define CLOCKS_REALTIME  (1u << 0 | 1u << 5 | 1u << 11)
#define CLOCKS_MONOTONIC (1u << 1 | 1u << 4 | 1u << 6 | 1u << 7)

struct timespec {
	uint64_t seconds, nanoseconds;
};

struct timeval {
	uint64_t seconds, microseconds;
};

/* vdso.ld: the page below the image. */
extern const volatile struct clock_page clock_page __attribute__((visibility("hidden")));

int __vdso_clock_gettime(uint32_t clock, struct timespec *out);
int __vdso_gettimeofday(struct timeval *out, uint64_t *zone);
int64_t __vdso_time(int64_t *out);
int __vdso_clock_getres(uint32_t clock, struct timespec *out);
int __vdso_getcpu(uint32_t *cpu, uint32_t *node, void *unused);

static int ask_kernel(long number, uint64_t first, const void *second)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(first), "S"(second)
			 : "rcx", "r11", "memory");
	return (int)result;
}

/* LFENCE: the counter is read where the program stands, not before. */
static inline uint64_t monotonic_ns(void)
{
	__extension__ typedef unsigned __int128 u128;
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	uint64_t ticks = ((uint64_t)high << 32 | low) - clock_page.tsc_base;

	return (uint64_t)((u128)ticks * clock_page.mult >> 32);
}

static inline bool is_one_of(uint32_t clock, uint32_t set)
{
	return clock <= CLOCK_LAST && set >> clock & 1;
}

int __vdso_clock_gettime(uint32_t clock, struct timespec *out)
{
	uint64_t ns = 0;

	if (is_one_of(clock, CLOCKS_REALTIME))
		ns = clock_page.realtime_base_ns;
	else if (!is_one_of(clock, CLOCKS_MONOTONIC))
		return ask_kernel(SYS_clock_gettime, clock, out);
	if (!clock_page.usable)
		return ask_kernel(SYS_clock_gettime, clock, out);
	ns += monotonic_ns();
	out->seconds = ns / NS_PER_SEC;
	out->nanoseconds = ns % NS_PER_SEC;
	return 0;
}

int __vdso_gettimeofday(struct timeval *out, uint64_t *zone)
{
	if (!clock_page.usable)
		return ask_kernel(SYS_gettimeofday, (uint64_t)out, zone);
	if (out) {
		uint64_t ns = clock_page.realtime_base_ns + monotonic_ns();

		out->seconds = ns / NS_PER_SEC;
		out->microseconds = ns % NS_PER_SEC / NS_PER_US;
	}
	if (zone)
		*zone = clock_page.zone;
	return 0;
}

int64_t __vdso_time(int64_t *out)
{
	struct timespec now;

	__vdso_clock_gettime(0, &now);
	if (out)
		*out = (int64_t)now.seconds;
	return (int64_t)now.seconds;
}

int __vdso_clock_getres(uint32_t clock, struct timespec *out)
{
	if (!is_one_of(clock, CLOCKS_REALTIME | CLOCKS_MONOTONIC))
		return ask_kernel(SYS_clock_getres, clock, out);
	if (out)
		*out = (struct timespec){0, 1};
	return 0;
}

int __vdso_getcpu(uint32_t *cpu, uint32_t *node, void *unused)
{
	uint32_t number;

	(void)unused;
	if (!clock_page.cpu_in_aux)
		return ask_kernel(SYS_getcpu, (uint64_t)cpu, node);
	__asm__ volatile("rdtscp" : "=c"(number) : : "rax", "rdx");
	if (cpu)
		*cpu = number;
	if (node)
		*node = 0;
	return 0;
}

#define ALIAS(name) \
	extern __typeof__(__vdso_##name) name __attribute__((weak, alias("__vdso_" #name)))
ALIAS(clock_gettime);
ALIAS(gettimeofday);
ALIAS(clock_getres);
ALIAS(getcpu);
ALIAS(time);
