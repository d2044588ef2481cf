/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M7-02: text RX, constants R; data, heap and stack without X. */
#include "selftest/user/probe.h"

#define RETURN 0xc3

static const uint8_t constant[64] = {RETURN};
static uint8_t data[64] = {RETURN};
static uint8_t bss[64];
static int is_linux;

__attribute__((noinline)) static void some_code(void)
{
	__asm__ volatile("nop");
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

void test_main(const uint64_t *stack)
{
	(void)stack;
	is_linux = sys0(SYS_native_yield) == -ENOSYS;
	CHECK(probe_begin());
	own_sections();
}
