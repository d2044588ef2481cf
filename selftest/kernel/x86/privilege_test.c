/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions and selectors that ring 3 tries; each ends in its own exception, at its own RIP. */
#include "kernel/lib/compiler.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/switch.h"
#include "kernel/x86/trap.h"
#include "selftest/ring3.h"
#include "selftest/selftest.h"

struct attempt {
	const char *what;
	uint8_t size;
	uint8_t code[8];
	int feature; /* refused as #GP with it, as #UD without; -1 = always #GP */
};

#define ALWAYS (-1)

static const struct attempt attempts[] = {
	{"cli", 1, {0xfa}, ALWAYS},
	{"sti", 1, {0xfb}, ALWAYS},
	{"hlt", 1, {0xf4}, ALWAYS},
	{"in al, dx", 1, {0xec}, ALWAYS},
	{"in al, 0x80", 2, {0xe4, 0x80}, ALWAYS},
	{"out dx, al", 1, {0xee}, ALWAYS},
	{"insb", 1, {0x6c}, ALWAYS},
	{"outsb", 1, {0x6e}, ALWAYS},
	{"lgdt [rsp]", 4, {0x0f, 0x01, 0x14, 0x24}, ALWAYS},
	{"lidt [rsp]", 4, {0x0f, 0x01, 0x1c, 0x24}, ALWAYS},
	{"lldt ax", 3, {0x0f, 0x00, 0xd0}, ALWAYS},
	{"ltr ax", 3, {0x0f, 0x00, 0xd8}, ALWAYS},
	{"lmsw ax", 3, {0x0f, 0x01, 0xf0}, ALWAYS},
	{"mov rax, cr0", 3, {0x0f, 0x20, 0xc0}, ALWAYS},
	{"mov cr0, rax", 3, {0x0f, 0x22, 0xc0}, ALWAYS},
	{"mov cr3, rax", 3, {0x0f, 0x22, 0xd8}, ALWAYS},
	{"mov cr4, rax", 3, {0x0f, 0x22, 0xe0}, ALWAYS},
	{"mov cr8, rax", 4, {0x44, 0x0f, 0x22, 0xc0}, ALWAYS},
	{"mov rax, dr7", 3, {0x0f, 0x21, 0xf8}, ALWAYS},
	{"mov dr7, rax", 3, {0x0f, 0x23, 0xf8}, ALWAYS},
	{"rdmsr", 2, {0x0f, 0x32}, ALWAYS},
	{"wrmsr", 2, {0x0f, 0x30}, ALWAYS},
	{"invlpg [rsp]", 4, {0x0f, 0x01, 0x3c, 0x24}, ALWAYS},
	{"swapgs", 3, {0x0f, 0x01, 0xf8}, ALWAYS},
	{"sysret", 3, {0x48, 0x0f, 0x07}, ALWAYS},
	{"clts", 2, {0x0f, 0x06}, ALWAYS},
	{"wbinvd", 2, {0x0f, 0x09}, ALWAYS},
	{"invd", 2, {0x0f, 0x08}, ALWAYS},
	{"rdpmc", 2, {0x0f, 0x33}, ALWAYS},
	{"xsetbv", 3, {0x0f, 0x01, 0xd1}, CPU_XSAVE},
};

static bool refused(struct ring3 *ring3, const struct attempt *attempt)
{
	static const uint8_t end[] = {0x0f, 0x0b};
	struct trapframe regs = ring3_regs();
	bool gp = attempt->feature == ALWAYS || cpu_has((enum cpu_feature)attempt->feature);

	ring3_code(ring3, 0, attempt->code, attempt->size);
	ring3_code(ring3, attempt->size, end, sizeof(end));
	ring3_run(ring3, &regs);
	return regs.rip == RING3_CODE && regs.error == 0 && regs.vector == (gp ? TRAP_GP : TRAP_UD);
}

SELFTEST(M4, 21, privileged_instructions, .needs = M5)
{
	struct ring3 ring3;
	unsigned wrong = 0;

	CHECK(ring3_open(&ring3));
	for (unsigned i = 0; i < ARRAY_SIZE(attempts); i++)
		wrong += !refused(&ring3, &attempts[i]);
	ring3_close(&ring3);
	CHECK(wrong == 0);
	return true;
}

/* sgdt, sidt, smsw, sldt, str: what they give away is kernel addresses. */
SELFTEST(M4, 21, descriptor_table_reads, .needs = M5, .skip = "no-umip")
{
	static const struct attempt reads[] = {
		{"sgdt [rsp]", 4, {0x0f, 0x01, 0x04, 0x24}, ALWAYS},
		{"sidt [rsp]", 4, {0x0f, 0x01, 0x0c, 0x24}, ALWAYS},
		{"smsw eax", 3, {0x0f, 0x01, 0xe0}, ALWAYS},
		{"sldt eax", 3, {0x0f, 0x00, 0xc0}, ALWAYS},
		{"str eax", 3, {0x0f, 0x00, 0xc8}, ALWAYS},
	};
	struct ring3 ring3;
	unsigned wrong = 0;

	if (!cpu_has(CPU_UMIP))
		SELFTEST_SKIP();
	CHECK(ring3_open(&ring3));
	for (unsigned i = 0; i < ARRAY_SIZE(reads); i++)
		wrong += !refused(&ring3, &reads[i]);
	ring3_close(&ring3);
	CHECK(wrong == 0);
	return true;
}

/* The twin: what ring 3 may do works, and its I/O privilege level is 0. */
SELFTEST(M4, 21, allowed_instructions, .needs = M5)
{
	/* rdtsc; pushfq; pop rbx; push rax; pop rax; nop; ud2 */
	static const uint8_t code[] = {0x0f, 0x31, 0x9c, 0x5b, 0x50, 0x58, 0x90, 0x0f, 0x0b};
	struct trapframe regs = ring3_regs();
	struct ring3 ring3;

	regs.rflags |= RFLAGS_IOPL;
	CHECK(ring3_open(&ring3));
	ring3_code(&ring3, 0, code, sizeof(code));
	ring3_run(&ring3, &regs);
	ring3_close(&ring3);
	CHECK(regs.vector == TRAP_UD && regs.rip == RING3_CODE + 7);
	CHECK(!(regs.rbx & RFLAGS_IOPL) && regs.rbx & RFLAGS_IF);
	return true;
}

/* Loads AX into DS, ES, FS, GS, SS. */
static const uint8_t loads[5][3] = {{0x8e, 0xd8, 0x90},
				    {0x8e, 0xc0, 0x90},
				    {0x8e, 0xe0, 0x90},
				    {0x8e, 0xe8, 0x90},
				    {0x8e, 0xd0, 0x90}};
#define LOAD_SS 4

static bool load_allowed(unsigned load, unsigned selector)
{
	if (load == LOAD_SS)
		return selector == USER_SS;
	return (selector & ~3u) == 0 || (selector & ~3u) == (USER_SS & ~3u) ||
	       (selector & ~3u) == (USER_CS & ~3u);
}

static bool load_right(struct ring3 *ring3, unsigned load, unsigned selector)
{
	static const uint8_t end[] = {0x0f, 0x0b};
	struct trapframe regs = ring3_regs();

	regs.rax = selector;
	ring3_code(ring3, 0, loads[load], 3);
	ring3_code(ring3, 3, end, sizeof(end));
	ring3_run(ring3, &regs);
	if (load_allowed(load, selector))
		return regs.vector == TRAP_UD && regs.rip == RING3_CODE + 3;
	return regs.vector == TRAP_GP && regs.rip == RING3_CODE && regs.error == (selector & ~3u);
}

static void selectors_reset(void)
{
	struct context none = {0};

	context_reset_user(&none);
}

/* Every selector inside the table and its neighbours, then samples of the rest. */
SELFTEST(M4, 22, segment_loads, .needs = M5)
{
	struct ring3 ring3;
	unsigned wrong = 0;
	unsigned step = 65536 / selftest_scaled(64);

	CHECK(ring3_open(&ring3));
	for (unsigned load = 0; load < ARRAY_SIZE(loads); load++)
		for (unsigned s = 0; s < 65536; s += s < 0x60 ? 1 : step | 1)
			wrong += !load_right(&ring3, load, s);
	ring3_close(&ring3);
	selectors_reset();
	CHECK(wrong == 0);
	return true;
}

static const uint8_t end_code[] = {0x0f, 0x0b};
#define LANDING 64

/* Whether a far transfer by `code` (RAX = selector, RDX = its far pointer) ended as it must. */
static bool transfer_right(struct ring3 *ring3, const uint8_t *code, size_t size, unsigned selector,
			   bool allowed)
{
	struct trapframe regs = ring3_regs();

	regs.rax = selector;
	regs.rbx = RING3_CODE + LANDING;
	regs.rdx = (uint64_t)selector << 32 | (RING3_CODE + LANDING);
	ring3_code(ring3, 0, code, size);
	ring3_code(ring3, LANDING, end_code, sizeof(end_code));
	ring3_run(ring3, &regs);
	if (allowed)
		return regs.vector == TRAP_UD && regs.rip == RING3_CODE + LANDING &&
		       regs.cs == USER_CS;
	return regs.vector == TRAP_GP && regs.error == (selector & ~3u) && regs.cs == USER_CS &&
	       regs.rip < RING3_CODE + size;
}

/* A jump keeps ring 3 whatever RPL the selector has: the code segment must be ours. */
SELFTEST(M4, 22, far_jumps, .needs = M5)
{
	/* push rdx; jmp far [rsp] */
	static const uint8_t jump[] = {0x52, 0xff, 0x2c, 0x24};
	struct ring3 ring3;
	unsigned wrong = 0;
	unsigned step = 65536 / selftest_scaled(64);

	CHECK(ring3_open(&ring3));
	for (unsigned s = 0; s < 65536; s += s < 0x60 ? 1 : step | 1)
		wrong += !transfer_right(&ring3, jump, sizeof(jump), s,
					 (s & ~3u) == (USER_CS & ~3u));
	ring3_close(&ring3);
	CHECK(wrong == 0);
	return true;
}

/* QEMU's TCG reads the frame as ring 0 would, which SMAP refuses before any selector is looked at.
 */
static bool tcg_with_smap(void)
{
	return cpu_has(CPU_SMAP) && cpu_has(CPU_HYPERVISOR) &&
	       cpuid(0x40000000u, 0).ebx == 0x54474354;
}

SELFTEST(M4, 22, interrupt_returns, .needs = M5, .skip = "tcg-smap")
{
	/* push 0x2b; push rsp; pushfq; push rax; push rbx; iretq */
	static const uint8_t iret[] = {0x6a, 0x2b, 0x54, 0x9c, 0x50, 0x53, 0x48, 0xcf};
	struct ring3 ring3;
	unsigned wrong = 0;
	unsigned step = 65536 / selftest_scaled(64);

	if (tcg_with_smap())
		SELFTEST_SKIP();
	CHECK(ring3_open(&ring3));
	for (unsigned s = 0; s < 65536; s += s < 0x60 ? 1 : step | 1)
		wrong += !transfer_right(&ring3, iret, sizeof(iret), s, s == USER_CS);
	ring3_close(&ring3);
	CHECK(wrong == 0);
	return true;
}
