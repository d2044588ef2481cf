/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M9-01: the first touch of a page gives zeros and takes one frame, by ring 3 and by a call
 * alike; an access outside every area takes none.
 */
#include "selftest/user/probe.h"

#define PAGES  64
#define SPARE  6 /* page tables that the first pages of a new place may need */
#define ABSENT 0x10000ul

static int is_linux;
static uint8_t bss[8 * PAGE];

static uint64_t free_frames(void)
{
	uint64_t state[8] = {0};

	sys3(SYS_probe_state, 0, (long)state, 0);
	return state[0];
}

static int is_zero(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i])
			return 0;
	return 1;
}

static void dirty(volatile uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = 0xa5;
}

static uint8_t *area(void)
{
	return sys_mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
}

static void zeros(void)
{
	long heap = sys3(SYS_brk, 0, 0, 0);
	uint8_t *map = area();

	CHECK(!mmap_failed(map));
	CHECK(sys3(SYS_brk, heap + 4 * (long)PAGE, 0, 0) == heap + 4 * (long)PAGE);
	CHECK(is_zero((uint8_t *)heap, 4 * PAGE) && is_zero(bss, sizeof(bss)));
	CHECK(is_zero(map, PAGES * PAGE));
	/* Once dirty and given back, they come as zeros again. */
	dirty(map, PAGES * PAGE);
	dirty((volatile uint8_t *)heap, 4 * PAGE);
	CHECK(sys3(SYS_munmap, (long)map, PAGES * PAGE, 0) == 0);
	CHECK(sys3(SYS_brk, heap, 0, 0) == heap);
	CHECK(sys3(SYS_brk, heap + 4 * (long)PAGE, 0, 0) == heap + 4 * (long)PAGE);
	map = area();
	CHECK(!mmap_failed(map) && is_zero(map, PAGES * PAGE));
	CHECK(is_zero((uint8_t *)heap, 4 * PAGE));
	CHECK(sys3(SYS_munmap, (long)map, PAGES * PAGE, 0) == 0);
}

/* Around what a call writes, a page that nobody touched before is zero as well. */
static void by_calls(void)
{
	uint8_t *map = area();

	CHECK(!mmap_failed(map));
	CHECK(sys3(SYS_clock_gettime, 1, (long)map + 100, 0) == 0);
	CHECK(is_zero(map, 100) && is_zero(map + 116, PAGE - 116));
	CHECK(!is_zero(map + 100, 16));
	CHECK(sys3(SYS_munmap, (long)map, PAGES * PAGE, 0) == 0);
}

static void frames(void)
{
	uint8_t *map = area();
	uint64_t before = free_frames(), after;

	CHECK(!mmap_failed(map) && before != 0);
	for (unsigned i = 0; i < PAGES; i++)
		map[i * PAGE] = 1;
	after = free_frames();
	CHECK(before - after >= PAGES && before - after <= PAGES + SPARE);
	for (unsigned i = 0; i < PAGES; i++)
		map[i * PAGE + 8] = 1; /* the same pages: nothing more */
	CHECK(free_frames() == after);
}

static void outside(void)
{
	static const uint64_t list[] = {ABSENT, 0x100000, 0x7000000000, 0x7ffffffff000ul - PAGE};
	uint64_t before = free_frames();

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		CHECK(probe(list[i], PROBE_READ) == SIGSEGV && probed.code == SEGV_MAPERR);
		CHECK(probe(list[i], PROBE_WRITE) == SIGSEGV && probed.address == list[i]);
		CHECK(sys3(SYS_clock_gettime, 1, (long)list[i], 0) == -EFAULT);
	}
	CHECK(is_linux || free_frames() == before);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	is_linux = sys0(SYS_native_yield) == -ENOSYS;
	CHECK(probe_begin());
	probe(ABSENT, PROBE_READ); /* the pages that a handler needs are there from now on */
	zeros();
	by_calls();
	if (!is_linux)
		frames();
	outside();
}
