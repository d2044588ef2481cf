/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-22: no selector leads to another privilege level or to 32-bit code. What LAR shows to ring 3
 * is looked at for all 65,536, and they are loaded into the segment registers and into CS.
 */
#include "selftest/user/probe.h"

#define SELECTORS 65536u
#define NEAR      80u /* the descriptor table ends before; all of these are always tried */

#define RIGHTS_DPL(r)  ((r) >> 13 & 3)
#define RIGHTS_CODE    0x0800u
#define RIGHTS_USER    0x1000u /* code or data, not a gate or a TSS */
#define RIGHTS_LONG    0x200000u
#define RIGHTS_DEFAULT 0x400000u /* 32-bit code */

static int is_linux;

static int load_rights(uint32_t selector, uint32_t *rights)
{
	uint8_t visible;

	__asm__ volatile("lar %2, %0; setz %1"
			 : "=&r"(*rights), "=q"(visible)
			 : "r"(selector)
			 : "cc");
	return visible;
}

static int is_harmless(uint32_t rights)
{
	if (!(rights & RIGHTS_USER) || RIGHTS_DPL(rights) != 3)
		return 0;
	return !(rights & RIGHTS_CODE) || ((rights & RIGHTS_LONG) && !(rights & RIGHTS_DEFAULT));
}

static void visible_descriptors(void)
{
	uint32_t rights, seen = 0;

	for (uint32_t s = 0; s < SELECTORS; s++) {
		if (!load_rights(s, &rights))
			continue;
		seen++;
		CHECK(s < NEAR || is_linux);
		CHECK(is_harmless(rights) || is_linux);
	}
	CHECK(seen >= 8); /* user code and data, each with four requested levels */
}

/* Runs on as ring 3 in 64-bit mode: 0x48 is a prefix there and "dec eax" in 32-bit mode. */
static int mode_is_kept(void)
{
	uint32_t cs, dec;

	__asm__ volatile("xor %%eax, %%eax; .byte 0x48, 0x90; mov %%cs, %1"
			 : "=&a"(dec), "=r"(cs)
			 :
			 : "cc");
	return dec == 0 && cs == 0x33;
}

static void load_data(uint32_t s)
{
	uint32_t rights;
	int visible = load_rights(s, &rights) || s < 4;

	PROBE("mov %0, %%ds", "r"(s));
	CHECK(probed.signo == (visible ? 0 : SIGSEGV));
	PROBE("mov %0, %%es", "r"(s));
	CHECK(probed.signo == (visible ? 0 : SIGSEGV));
	PROBE("mov %0, %%fs", "r"(s));
	CHECK(probed.signo == (visible ? 0 : SIGSEGV));
	PROBE("mov %0, %%gs", "r"(s));
	CHECK(probed.signo == (visible ? 0 : SIGSEGV));
	PROBE("mov %0, %%ss", "r"(s));
	CHECK(probed.signo == 0 || probed.signo == SIGSEGV || probed.signo == SIGBUS);
	CHECK(mode_is_kept());
}

/*
 * By far jump and by IRETQ to the next instruction. TCG 7.2 pops IRETQ's frame with the rights of
 * ring 0, so that SMAP refuses even the good one.
 */
static void load_code(uint32_t s)
{
	struct __attribute__((packed)) {
		uint32_t offset;
		uint16_t selector;
	} target = {0, (uint16_t)s};

	PROBE("lea 1f(%%rip), %%rcx; mov %%ecx, (%0); ljmp *(%0); 1: mov %%cs, %%ecx; .byte 0x48, "
	      "0x90; cmp $0x33, %%ecx; je 2f; ud2; 2:",
	      "r"(&target));
	CHECK(probed.signo == ((s & ~3u) == 0x30 ? 0 : SIGSEGV));
	PROBE("mov %%rsp, %%rdx; mov %%ss, %%ecx; push %%rcx; push %%rdx; pushf; push %0;"
	      "lea 1f(%%rip), %%rcx; push %%rcx; iretq; 1: mov %%cs, %%ecx; cmp $0x33, %%ecx;"
	      "je 2f; ud2; 2:",
	      "r"((uint64_t)s));
	CHECK(probed.signo == SIGSEGV || (s == 0x33 && probed.signo == 0));
	CHECK(mode_is_kept());
}

void test_main(const uint64_t *stack)
{
	uint32_t step = SELECTORS / test_rounds(32);

	(void)stack;
	is_linux = sys0(SYS_native_yield) == -ENOSYS;
	CHECK(probe_begin());
	visible_descriptors();
	for (uint32_t s = 0; s < SELECTORS; s += s < NEAR ? 1 : step ? step : 1)
		load_data(s);
	for (uint32_t s = 0; s < SELECTORS && !is_linux; s += s < NEAR ? 1 : 16 * step + 1)
		load_code(s);
}
