/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M5-04, P-M5-03: the page that ends at the gap is never mapped; a call on the last bytes before
 * it. */
#include "selftest/user/probe.h"

#define USER_END 0x7ffffffff000ul
#define LAST     (USER_END - PAGE)

#define MREMAP_MAYMOVE      1
#define MREMAP_FIXED        2
#define MAP_FIXED_NOREPLACE 0x100000
#define MAP_GROWSDOWN       0x100

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static long map_at(uint64_t at, uint64_t len, int flags)
{
	return (long)sys_mmap((void *)at, len, PROT_READ | PROT_WRITE, ANONYMOUS | flags);
}

static void by_mmap(void)
{
	CHECK(map_at(USER_END, PAGE, MAP_FIXED) == -ENOMEM);
	CHECK(map_at(USER_END, PAGE, MAP_FIXED_NOREPLACE) == -ENOMEM);
	CHECK(map_at(LAST, 2 * PAGE, MAP_FIXED) == -ENOMEM);
	CHECK(map_at(USER_END - 16 * PAGE, 17 * PAGE, MAP_FIXED) == -ENOMEM);
	CHECK(map_at(USER_END, PAGE, MAP_FIXED | MAP_GROWSDOWN) == -ENOMEM);
	CHECK(map_at(USER_END + PAGE, PAGE, MAP_FIXED) == -ENOMEM);
	long hinted = map_at(USER_END, PAGE, 0);
	CHECK(hinted > 0 && (uint64_t)hinted < USER_END);
	CHECK(probe(USER_END, PROBE_READ) == SIGSEGV && probed.address == USER_END);
}

static void by_mremap(void)
{
	long own = map_at(0, PAGE, 0);

	CHECK(own > 0);
	CHECK(sys6(SYS_mremap, own, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (long)USER_END, 0) ==
	      -EINVAL);
	CHECK(sys6(SYS_mremap, own, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (long)LAST, 0) ==
	      -EINVAL);
	CHECK(probe((uint64_t)own, PROBE_WRITE) == 0);
}

static void by_brk_and_stack(void)
{
	long now = sys3(SYS_brk, 0, 0, 0);

	CHECK(sys3(SYS_brk, (long)USER_END + 1, 0, 0) == now);
	CHECK(sys3(SYS_brk, (long)(USER_END + PAGE), 0, 0) == now);
	CHECK(sys3(SYS_brk, now + (long)PAGE, 0, 0) == now + (long)PAGE);
	CHECK((uint64_t)&now < USER_END);
	CHECK(sys3(SYS_munmap, (long)USER_END, PAGE, 0) == -EINVAL);
	CHECK(sys3(SYS_mprotect, (long)USER_END, PAGE, PROT_READ) == -ENOMEM);
}

/* The last page itself is usable, and a call whose return address is the limit is no way out. */
static void at_the_edge(void)
{
	long at = map_at(LAST, PAGE, MAP_FIXED_NOREPLACE);
	uint8_t *code = (uint8_t *)USER_END - 2;

	if (at != (long)LAST)
		return; /* the stack's random place */
	code[0] = 0x0f;
	code[1] = 0x05;
	CHECK(sys3(SYS_mprotect, at, PAGE, PROT_READ | PROT_EXEC) == 0);
	PROBE("mov $39, %%eax; jmp *%0", "r"(code));
	CHECK(probed.signo == SIGSEGV && probed.address == USER_END);
	CHECK(probed.error & 4);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(probe_begin());
	by_mmap();
	by_mremap();
	by_brk_and_stack();
	at_the_edge();
}
