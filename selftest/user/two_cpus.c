/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-10: two threads on two CPUs; what one takes away while the other's call copies there. The
 * copy is whole or ends at the hole.
 */
#include "selftest/user/cpus.h"
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

#define RACE_PAGES  3
#define RACE_ROUNDS 40

static struct thread other;
static uint8_t *race_page;
static volatile uint32_t race_over;

static void change(long i)
{
	uint8_t *page = race_page + PAGE;

	switch (i % 4) {
	case 0:
		CHECK(sys3(SYS_munmap, (long)page, PAGE, 0) == 0);
		break;
	case 1:
	case 3:
		CHECK(sys_mmap(page, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) == page);
		break;
	default:
		CHECK(sys3(SYS_mprotect, (long)page, PAGE, 0) == 0);
		break;
	}
}

static void comes_and_goes(long rounds)
{
	run_on(1);
	for (long i = 0; i < rounds; i++)
		change(i);
	race_over = 1;
}

static void race(void)
{
	long fd = sys3(SYS_open, (long)"/dev/zero", O_RDONLY, 0), got;

	race_page = sys_mmap(NULL, RACE_PAGES * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS);
	CHECK(fd >= 0 && !mmap_failed(race_page));
	CHECK(thread_start(&other, comes_and_goes, 4 * test_rounds(RACE_ROUNDS)) > 0);
	while (!race_over) {
		race_page[0] = 1;
		race_page[2 * PAGE] = 1;
		got = sys3(SYS_read, fd, (long)race_page, RACE_PAGES * PAGE);
		/* The page may go in the middle of being filled. */
		CHECK(got == (long)(RACE_PAGES * PAGE) ||
		      (got >= (long)PAGE && got <= (long)(2 * PAGE)));
		CHECK(race_page[0] == 0 && race_page[2 * PAGE] == (got != RACE_PAGES * (long)PAGE));
	}
	thread_join(&other);
	sys3(SYS_munmap, (long)race_page, RACE_PAGES * PAGE, 0);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	run_on(0);
	race();
}
