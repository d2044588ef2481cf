/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M7-01, P-M7-03: the state in which a program starts is Linux's and holds nothing of the
 * kernel's. */
#include "selftest/user/user.h"

#define RFLAGS_AT_START 0x202 /* IF and the fixed bit; IOPL 0 */
#define AT_RANDOM       25
#define KERNEL_HALF     0xffff800000000000ul

static uint16_t code_selector(void)
{
	uint16_t cs;

	__asm__("mov %%cs, %0" : "=r"(cs));
	return cs;
}

static const uint64_t *skip_strings(const uint64_t *at)
{
	while (*at)
		at++;
	return at + 1;
}

static void check_auxv(const uint64_t *at)
{
	const uint8_t *random = NULL;

	for (; at[0]; at += 2) {
		CHECK(at[1] < KERNEL_HALF);
		if (at[0] == AT_RANDOM)
			random = (const uint8_t *)at[1];
	}
	CHECK(random != NULL);
	unsigned set = 0;
	for (int i = 0; i < 16; i++)
		set += random[i] != 0;
	CHECK(set > 4);
}

void test_main(const uint64_t *stack)
{
	CHECK((code_selector() & 3) == 3);
	for (int i = 0; i < 15; i++)
		CHECK(first_state.regs[i] == 0);
	CHECK(first_state.flags == RFLAGS_AT_START);
	CHECK(first_state.rsp % 16 == 0);
	CHECK(stack[0] >= 1);
	const uint64_t *envp = skip_strings(stack + 1);
	check_auxv(skip_strings(envp));
}
