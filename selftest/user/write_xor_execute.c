/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M9-06: W and X together are never given, by no way; one right after the other is. */
#include "selftest/user/probe.h"

#define MREMAP_MAYMOVE 1
#define MAP_SHARED     1
#define EACCES         13

static void some_code(void)
{
	__asm__ volatile("nop");
}

static long map(int prot, int flags)
{
	return (long)sys_mmap(NULL, 2 * PAGE, prot, flags | MAP_ANONYMOUS);
}

static long protect(long at, int prot)
{
	return sys3(SYS_mprotect, at, PAGE, prot);
}

/* One right after the other is allowed: that is how a JIT compiler works. */
static void one_after_the_other(void)
{
	long at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);

	CHECK(at > 0 && is_data((void *)at));
	CHECK(protect(at, PROT_READ | PROT_EXEC) == 0);
	CHECK(gives((void *)at, PROBE_EXEC, 0));
	CHECK(gives((void *)at, PROBE_WRITE, SEGV_ACCERR));
	CHECK(protect(at, PROT_READ | PROT_WRITE) == 0 && is_data((void *)at));
	CHECK(protect(at, PROT_READ) == 0);
	CHECK(gives((void *)at, PROBE_WRITE, SEGV_ACCERR));
	CHECK(gives((void *)at, PROBE_EXEC, SEGV_ACCERR));
	CHECK(protect(at, 0) == 0 && gives((void *)at, PROBE_READ, SEGV_ACCERR));
	CHECK(sys3(SYS_munmap, at, 2 * PAGE, 0) == 0);
	CHECK(gives((void *)at, PROBE_READ, SEGV_MAPERR));
}

static void never_together(void)
{
	static const int both[] = {PROT_WRITE | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC};
	long at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE), moved;

	CHECK(at > 0);
	for (unsigned i = 0; i < 2; i++) {
		CHECK(map(both[i], MAP_PRIVATE) == -EACCES);
		CHECK(map(both[i], MAP_SHARED) == -EACCES);
		CHECK((long)sys_mmap((void *)at, PAGE, both[i],
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) == -EACCES);
		CHECK(protect(at, both[i]) == -EACCES);
		CHECK(protect((long)some_code & ~4095l, both[i]) == -EACCES);
	}
	CHECK(is_data((void *)at)); /* a refusal changes nothing */
	moved = sys6(SYS_mremap, at, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE, 0, 0);
	CHECK(moved > 0 && is_data((void *)moved));
	CHECK(is_data((void *)(moved + 63 * (long)PAGE)));
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(probe_begin());
	some_code();
	one_after_the_other();
	if (sys0(SYS_native_yield) != -ENOSYS)
		never_together(); /* Linux gives both */
}
