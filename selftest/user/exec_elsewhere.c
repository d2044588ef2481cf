/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M14-01: behind execve no CPU uses a leaf of the old image. A thread on CPU 1 reads a page all
 * the time while another execs on CPU 0; the new image looks there from both CPUs.
 */
#include "selftest/user/again.h"
#include "selftest/user/cpus.h"
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

#define THERE ((volatile uint64_t *)0x10000000)
#define OLD   0x01d01d01d01d01d0ull
#define LIVES "bcdefghi"

static struct thread other;
static volatile uint64_t seen, reads;

static void reads_on(long arg)
{
	(void)arg;
	run_on(1);
	for (;;) {
		seen = *THERE;
		reads++;
	}
}

static void map_there(void)
{
	void *page = (void *)(uintptr_t)THERE;

	CHECK(sys_mmap(page, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) == page);
}

/* Both CPUs see the new page, which nobody has written to. */
static void look(void)
{
	map_there();
	for (unsigned cpu = 2; cpu-- > 0;) {
		run_on(cpu);
		CHECK(*THERE == 0);
	}
}

void test_main(const uint64_t *stack)
{
	static const char lives[] = LIVES;
	char word = again_word(stack);

	if (word)
		look();
	else
		map_there();
	if (word == lives[sizeof(lives) - 2])
		return;
	*THERE = OLD;
	run_on(0);
	CHECK(thread_start(&other, reads_on, 0) > 0);
	while (reads < 100)
		sys0(SYS_native_yield);
	CHECK(seen == OLD);
	again(stack, word ? (char)(word + 1) : lives[0]);
}
