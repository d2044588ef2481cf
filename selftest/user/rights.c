/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M7-02, P-M9-06: text RX, constants R, the rest without X; W and X together are never given. */
#include "selftest/user/probe.h"

#define MREMAP_MAYMOVE 1
#define MAP_SHARED     1
#define EACCES         13

#define RETURN 0xc3

static const uint8_t constant[64] = {RETURN};
static uint8_t data[64] = {RETURN};
static uint8_t bss[64];
static int is_linux;

__attribute__((noinline)) static void some_code(void)
{
	__asm__ volatile("nop");
}

static int gives(const void *at, enum probe_kind kind, int code)
{
	uint64_t address = (uint64_t)(uintptr_t)at;
	int signal = probe(address, kind);

	if (!code)
		return signal == 0;
	return signal == SIGSEGV && probed.code == code && probed.address == address;
}

static int is_data(void *at)
{
	*(volatile uint8_t *)at = RETURN;
	return gives(at, PROBE_READ, 0) && gives(at, PROBE_WRITE, 0) &&
	       gives(at, PROBE_EXEC, SEGV_ACCERR);
}

static void own_sections(void)
{
	uint8_t on_stack[16];
	uint8_t *heap = (uint8_t *)sys3(SYS_brk, 0, 0, 0);

	CHECK(gives((void *)(uintptr_t)some_code, PROBE_READ, 0));
	CHECK(gives((void *)(uintptr_t)some_code, PROBE_EXEC, 0));
	CHECK(gives((void *)(uintptr_t)some_code, PROBE_WRITE, SEGV_ACCERR));
	CHECK(gives(constant, PROBE_READ, 0));
	CHECK(gives(constant, PROBE_WRITE, SEGV_ACCERR));
	CHECK(gives(constant, PROBE_EXEC, SEGV_ACCERR));
	CHECK(is_data(data) && is_data(bss));
	CHECK(is_data(on_stack) || is_linux); /* the program asks for what it gets there */
	CHECK(sys3(SYS_brk, (long)heap + (long)PAGE, 0, 0) == (long)heap + (long)PAGE);
	CHECK(is_data(heap));
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
	is_linux = sys0(SYS_native_yield) == -ENOSYS;
	CHECK(probe_begin());
	own_sections();
	one_after_the_other();
	if (!is_linux)
		never_together();
}
