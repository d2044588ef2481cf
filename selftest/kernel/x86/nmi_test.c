/* SPDX-License-Identifier: BSD-2-Clause */
/* An NMI at each instruction of the entry and exit paths in turn. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/apic.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/trap.h"
#include "selftest/ring3.h"
#include "selftest/selftest.h"

#define RESULT  0x5151515151515151ull
#define USER_GS 0x123456789000ull

static const uint8_t by_syscall[] = {0x0f, 0x05, 0x90, 0x0f, 0x0b};
static const uint8_t by_int80[] = {0xcd, 0x80, 0x90, 0x0f, 0x0b};

static struct {
	uint64_t hits, wrong, gs, cr3, frame_at;
} seen;

static void send_nmi(struct trapframe *frame)
{
	(void)frame;
	seen.hits++;
	lapic_send_nmi(lapic_id());
}

static void on_call(struct trapframe *frame)
{
	seen.wrong += rdmsr(MSR_GS_BASE) != seen.gs;
	seen.wrong += (uint64_t)frame != seen.frame_at;
	seen.wrong += (read_rflags() & (RFLAGS_AC | RFLAGS_DF | RFLAGS_TF | RFLAGS_NT)) != 0;
	seen.cr3 = read_cr3();
	frame->rax = RESULT;
}

/* One run with a breakpoint at `at`; what ring 3 and ring 0 see must be as without. */
static void run_once(struct ring3 *ring3, const char *at)
{
	struct trapframe regs = ring3_regs();
	uint64_t before = cpu_self()->nmi_count;
	uint64_t hits = seen.hits;

	regs.rbx = 0xb0b;
	regs.r15 = 0xf15;
	regs.rflags |= RFLAGS_AC | RFLAGS_DF;
	ring3_on_instruction(at, send_nmi);
	ring3_run(ring3, &regs);
	seen.wrong += cpu_self()->nmi_count - before != seen.hits - hits;
	seen.wrong += regs.vector != TRAP_UD || regs.rip != RING3_CODE + 3;
	seen.wrong += regs.rax != RESULT || regs.rbx != 0xb0b || regs.r15 != 0xf15;
	seen.wrong += regs.rsp != ring3_regs().rsp || !(regs.rflags & RFLAGS_DF);
	seen.wrong += rdmsr(MSR_GS_BASE) != seen.gs || rdmsr(MSR_KERNEL_GS_BASE) != USER_GS;
}

static void run_range(struct ring3 *ring3, const char *start, const char *end)
{
	for (const char *at = start; at < end && !seen.wrong; at++)
		run_once(ring3, at);
}

SELFTEST(M2, 9, nmi_at_each_entry_instruction, .needs = M5)
{
	uint64_t user_gs = rdmsr(MSR_KERNEL_GS_BASE);
	struct ring3 ring3;

	CHECK(lapic_present());
	CHECK(ring3_open(&ring3));
	memset(&seen, 0, sizeof(seen));
	seen.gs = (uint64_t)cpu_self();
	seen.frame_at = ring3_kernel_rsp(&ring3) - sizeof(struct trapframe);
	wrmsr(MSR_KERNEL_GS_BASE, USER_GS);
	ring3_on_call(on_call);
	ring3_code(&ring3, 0, by_syscall, sizeof(by_syscall));
	run_range(&ring3, (const char *)syscall_entry, (const char *)syscall_refuse);
	uint64_t hits = seen.hits;

	ring3_code(&ring3, 0, by_int80, sizeof(by_int80));
	run_range(&ring3, entry_ordinary_start, entry_ordinary_end);
	/* The ways around both, where ring 3 has tables of its own. */
	uint64_t ordinary = seen.hits;

	if (pti_on)
		run_range(&ring3, pti_text_start, pti_text_end);
	uint64_t isolating = seen.hits - ordinary;

	ring3_code(&ring3, 0, by_syscall, sizeof(by_syscall));
	if (pti_on)
		run_range(&ring3, pti_text_start, pti_text_end);
	uint64_t cr3 = seen.cr3;

	wrmsr(MSR_KERNEL_GS_BASE, user_gs);
	ring3_close(&ring3);
	CHECK(seen.wrong == 0);
	/* SYSCALL's way in and out has at least 50 instructions, int 0x80's 40. */
	CHECK(hits >= 50);
	CHECK(ordinary - hits >= 40);
	CHECK(!pti_on || isolating >= 30);
	CHECK(!pti_on || seen.hits - ordinary - isolating >= 30);
	CHECK(cr3 != read_cr3());
	return true;
}
