/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M4-19: numbers that name no call answer ENOSYS, whatever their upper half says. */
#include "selftest/user/user.h"

#define STATE_AUDIT 7

static const uint64_t numbers[] = {
	512,
	513,
	4095,
	4096 + 64,
	0x7fffffff,
	1ul << 31,
	(1ul << 31) + SYS_getpid,
	1ul << 32,
	(1ul << 32) + SYS_getpid,
	(1ul << 32) + SYS_native_yield,
	1ul << 63,
	(1ul << 63) + SYS_getpid,
	0x40000000 + SYS_getpid,
	-1ul,
	-512ul,
	-4096ul,
	0xffffffff,
};

/* Calls of Linux that are not there; nobody is to be told more than once. */
static const uint64_t absent[] = {134, 174, 177, 178, 180, 183, 335, 423};

static uint64_t audit_head(void)
{
	uint64_t state[8] = {0};

	CHECK(sys3(SYS_probe_state, 0, (long)state, 0) == 0);
	return state[STATE_AUDIT];
}

void test_main(const uint64_t *stack)
{
	uint64_t head = audit_head();

	(void)stack;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		CHECK(sys3((long)numbers[i], 0, 0, 0) == -ENOSYS);
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		CHECK(sys3((long)absent[i], 0, 0, 0) == -ENOSYS);
	CHECK(audit_head() - head <= 1);
	CHECK(sys0(SYS_getpid) > 0);
}
