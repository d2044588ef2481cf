/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shoot-downs: this thread, on CPU 0, takes a page or a right away while another one computes on
 * CPU 1. The instructions are those of both CPUs; the other one gives its turn of the emulator back
 * at once. What TLB interrupts one operation takes stands in a BENCHINFO line.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "user/bench/bench.h"

static atomic_int partner;
static unsigned long long interrupts_x100;
static const char *info;

static long stay_on(unsigned cpu)
{
	unsigned long set[16] = {1ul << cpu};

	return sys3(SYS_sched_setaffinity, 0, sizeof(set), (long)set);
}

static void *compute(void *arg)
{
	atomic_store(&partner, stay_on(1) < 0 ? -1 : 1);
	for (;;)
		__builtin_ia32_pause();
	return arg;
}

static long setup_partner(long arg)
{
	pthread_t thread;

	info = (const char *)arg;
	if (stay_on(0) < 0 || pthread_create(&thread, NULL, compute, NULL))
		return -EAGAIN;
	/* Without the pause it keeps the emulator's turn while instructions are counted. */
	for (; !atomic_load(&partner); __builtin_ia32_pause())
		TRY(sys0(SYS_sched_yield));
	return atomic_load(&partner) < 0 ? -ENODEV : setup_touched(PAGE);
}

/* The sum of the TLB line of /proc/interrupts. */
static unsigned long long shootdowns(void)
{
	static char text[16 * KIB];
	unsigned long long sum = 0, one;
	long fd = sys3(SYS_open, (long)"/proc/interrupts", O_RDONLY, 0), len = 0, got;
	char *at, *end;

	while (fd >= 0 &&
	       (got = sys3(SYS_read, fd, (long)(text + len), (long)sizeof(text) - 1 - len)) > 0)
		len += got;
	sys_close((int)fd);
	text[len] = 0;
	at = strstr(text, "TLB:");
	for (at = at ? at + 4 : text + len; (one = strtoull(at, &end, 10), end != at); at = end)
		sum += one;
	return sum;
}

static int64_t counted(int64_t ticks, unsigned long long before, unsigned n)
{
	interrupts_x100 = (shootdowns() - before) * 100 / n;
	return ticks;
}

static int64_t run_mprotect(unsigned n)
{
	unsigned long long before = shootdowns();

	return counted(
		TIMED(n,
		      {
			      TRY(sys3(SYS_mprotect, (long)st.page, PAGE, PROT_READ));
			      TRY(sys3(SYS_mprotect, (long)st.page, PAGE, PROT_READ | PROT_WRITE));
			      *(volatile uint8_t *)st.page = 1;
		      }),
		before, n);
}

static int64_t run_munmap(unsigned n)
{
	unsigned long long before = shootdowns();

	return counted(TIMED(n,
			     {
				     TRY(sys6(SYS_mmap, (long)st.page, PAGE, PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
				     *(volatile uint8_t *)st.page = 1;
				     TRY(sys3(SYS_munmap, (long)st.page, PAGE, 0));
			     }),
		       before, n);
}

static void say_interrupts(void)
{
	say("BENCHINFO ", info, interrupts_x100);
}

const struct op cpu_ops[] = {
	OP(mprotect_2cpu, mprotect, .setup = setup_partner, .teardown = say_interrupts,
	   .arg = (long)"mprotect_2cpu_tlb_interrupts_x100"),
	OP(munmap_2cpu, munmap, .setup = setup_partner, .teardown = say_interrupts,
	   .arg = (long)"munmap_2cpu_tlb_interrupts_x100"),
	OPS_END,
};
