/* SPDX-License-Identifier: BSD-2-Clause */
/* Ring 3 enters by SYSCALL, int 0x80 and exceptions with hostile registers. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pte.h"
#include "kernel/x86/switch.h"
#include "kernel/x86/trap.h"
#include "selftest/ring3.h"
#include "selftest/selftest.h"

/* Each is the entry, NOP, UD2: the return lands at 2 and the program ends there or at 3. */
static const uint8_t by_syscall[] = {0x0f, 0x05, 0x90, 0x0f, 0x0b};
static const uint8_t by_int80[] = {0xcd, 0x80, 0x90, 0x0f, 0x0b};
static const uint8_t by_ud2[] = {0x0f, 0x0b};
/* mov al, [0]: the page fault entry. */
static const uint8_t by_page_fault[] = {0x8a, 0x04, 0x25, 0, 0, 0, 0};

static const struct {
	const uint8_t *code;
	size_t size;
	bool call;
} gates[] = {
	{by_syscall, sizeof(by_syscall), true},
	{by_int80, sizeof(by_int80), true},
	{by_ud2, sizeof(by_ud2), false},
	{by_page_fault, sizeof(by_page_fault), false},
};

#define RESULT 0x1122334455667788ull
#define MUST_BE_CLEAR                                                                          \
	(RFLAGS_TF | RFLAGS_DF | RFLAGS_NT | RFLAGS_AC | RFLAGS_RF | RFLAGS_IOPL | RFLAGS_VM | \
	 RFLAGS_ID)

/* What the kernel side of the last entry saw. */
static struct {
	unsigned entries;
	uint64_t flags, gs_base, frame_at;
	struct trapframe frame;
} seen;

static void look(const struct trapframe *frame)
{
	seen.flags = read_rflags();
	seen.gs_base = rdmsr(MSR_GS_BASE);
	seen.frame_at = (uint64_t)frame;
	seen.frame = *frame;
	seen.entries++;
}

static void on_call(struct trapframe *frame)
{
	look(frame);
	frame->rax = RESULT;
}

static void on_exception(struct trapframe *frame)
{
	if (!seen.entries)
		look(frame);
}

/* Every gate's code has its own place: rewriting one would throw away QEMU's translation of it. */
static uint64_t gate_at(unsigned gate)
{
	return RING3_CODE + 64ull * gate;
}

static bool open_gates(struct ring3 *ring3)
{
	if (!ring3_open(ring3))
		return false;
	for (unsigned gate = 0; gate < ARRAY_SIZE(gates); gate++)
		ring3_code(ring3, 64ull * gate, gates[gate].code, gates[gate].size);
	ring3_on_call(on_call);
	ring3_on_exception(on_exception);
	return true;
}

static uint64_t enter(struct ring3 *ring3, unsigned gate, struct trapframe *regs)
{
	regs->rip = gate_at(gate);
	seen.entries = 0;
	return ring3_run(ring3, regs);
}

/* Bit n of `combination` sets flag n of these. */
static uint64_t combine(unsigned combination)
{
	static const uint64_t flags[] = {RFLAGS_TF, RFLAGS_DF,   RFLAGS_NT, RFLAGS_AC,
					 RFLAGS_RF, RFLAGS_IOPL, RFLAGS_ID};
	uint64_t result = RFLAGS_FIXED | RFLAGS_IF;

	for (unsigned i = 0; i < ARRAY_SIZE(flags); i++)
		if (combination >> i & 1)
			result |= flags[i];
	return result;
}

static bool flags_right(struct ring3 *ring3, unsigned gate, uint64_t flags)
{
	struct trapframe regs = ring3_regs();
	uint64_t own = flags & ~(RFLAGS_IOPL | RFLAGS_RF);

	regs.rflags = flags;
	enter(ring3, gate, &regs);
	CHECK(seen.entries == 1);
	CHECK(!(seen.flags & MUST_BE_CLEAR));
	/* A call runs with interrupts on, the first C code of an exception without. */
	CHECK(!(seen.flags & RFLAGS_IF) == !gates[gate].call);
	CHECK((seen.frame.rflags & ~RFLAGS_RF) == own);
	CHECK((regs.rflags & ~RFLAGS_RF) == own);
	if (!gates[gate].call)
		return true;
	/* With TF ring 3 gets its single step behind the NOP, else it runs on to UD2. */
	CHECK(regs.vector == (flags & RFLAGS_TF ? TRAP_DB : TRAP_UD));
	CHECK(regs.rip == gate_at(gate) + 3);
	return true;
}

SELFTEST(M5, 2, flags_clean_in_and_own_out)
{
	struct ring3 ring3;
	bool ok = true;

	CHECK(open_gates(&ring3));
	for (unsigned i = 0; ok && i < 128; i++)
		for (unsigned gate = 0; ok && gate < ARRAY_SIZE(gates); gate++) {
			/* A single step out of ring 3 comes before its exception does. */
			if (!gates[gate].call && combine(i) & RFLAGS_TF)
				continue;
			ok = flags_right(&ring3, gate, combine(i));
		}
	ring3_close(&ring3);
	return ok;
}

/* 1 to 14 in the registers, hardly a value that the kernel has by chance. */
static struct trapframe pattern_regs(void)
{
	struct trapframe regs = ring3_regs();
	uint64_t *word = &regs.r15;

	for (unsigned i = 0; i < 15; i++)
		word[i] = 0xc0de000000000000ull + 0x0101010101ull * (i + 1);
	return regs;
}

static bool registers_kept(struct ring3 *ring3, unsigned gate)
{
	struct trapframe before = pattern_regs();
	struct trapframe after = before;
	bool by_syscall_gate = gate == 0;

	enter(ring3, gate, &after);
	CHECK(seen.entries == 1 && after.vector == TRAP_UD);
	CHECK(seen.frame.error == before.rax);
	CHECK(seen.frame.vector == (by_syscall_gate ? TRAP_SYSCALL : TRAP_INT80));
	CHECK(after.rax == RESULT);
	CHECK(after.rcx == (by_syscall_gate ? gate_at(gate) + 2 : before.rcx));
	CHECK(after.r11 == (by_syscall_gate ? before.rflags : before.r11));
	before.rax = after.rax;
	before.rcx = after.rcx;
	before.r11 = after.r11;
	CHECK(!memcmp(&before, &after, offsetof(struct trapframe, vector)));
	CHECK(before.rsp == after.rsp);
	return true;
}

SELFTEST(M5, 6, registers_survive_a_call)
{
	struct ring3 ring3;
	bool ok;

	CHECK(open_gates(&ring3));
	ok = registers_kept(&ring3, 0) && registers_kept(&ring3, 1);
	ring3_close(&ring3);
	return ok;
}

SELFTEST(M5, 6, kernel_stack_does_not_drift)
{
	struct ring3 ring3;
	unsigned rounds = selftest_scaled(200);
	uint64_t top;
	bool ok = true;

	CHECK(open_gates(&ring3));
	top = ring3_kernel_rsp(&ring3);
	for (unsigned i = 0; ok && i < rounds; i++) {
		struct trapframe regs = pattern_regs();

		enter(&ring3, i % ARRAY_SIZE(gates), &regs);
		ok = seen.entries == 1 && seen.frame_at == top - sizeof(struct trapframe);
	}
	ring3_close(&ring3);
	CHECK(ok);
	return true;
}

/* A frame that asks for ring 0's segments and flags leaves with ring 3's. */
SELFTEST(M5, 5, exit_forces_segments_and_flags)
{
	const uint64_t forbidden = RFLAGS_IOPL | RFLAGS_VM | RFLAGS_VIF | RFLAGS_VIP;
	struct ring3 ring3;
	struct trapframe regs = ring3_regs();

	CHECK(open_gates(&ring3));
	regs.cs = KERNEL_CS;
	regs.ss = KERNEL_SS;
	regs.rflags = RFLAGS_FIXED | forbidden;
	enter(&ring3, 2, &regs);
	ring3_close(&ring3);
	CHECK(regs.vector == TRAP_UD);
	CHECK(regs.cs == USER_CS && regs.ss == USER_SS);
	CHECK(!(regs.rflags & forbidden) && regs.rflags & RFLAGS_IF);
	return true;
}

/* The error code is vector * 8 + 2 (SDM vol 3, 6.13); QEMU before 8 counts in 16-byte gates. */
static bool gate_refused(const struct trapframe *regs, unsigned vector)
{
	return regs->vector == TRAP_GP && regs->rip == RING3_CODE &&
	       (regs->error == vector * 8 + 2 || regs->error == vector * 16 + 2);
}

/* `int n`: only the gates with DPL 3 may be called; the others are #GP with their IDT index. */
SELFTEST(M5, 7, no_other_vector_callable)
{
	struct ring3 ring3;
	unsigned wrong = 0;

	CHECK(ring3_open(&ring3));
	ring3_on_call(on_call);
	for (unsigned vector = 0; vector < 256; vector++) {
		uint8_t code[] = {0xcd, (uint8_t)vector, 0x0f, 0x0b};
		struct trapframe regs = ring3_regs();

		ring3_code(&ring3, 0, code, sizeof(code));
		ring3_run(&ring3, &regs);
		if (vector == TRAP_INT80)
			wrong += regs.vector != TRAP_UD || regs.rax != RESULT;
		else if (vector == TRAP_BP || vector == TRAP_OF)
			wrong += regs.vector != vector || regs.rip != RING3_CODE + 2;
		else
			wrong += !gate_refused(&regs, vector);
	}
	ring3_close(&ring3);
	CHECK(wrong == 0);
	return true;
}

static const char kernel_looking[8];
static uint64_t gs_at_first_instruction;

static void on_first_instruction(struct trapframe *frame)
{
	(void)frame;
	gs_at_first_instruction = rdmsr(MSR_GS_BASE);
}

static bool gs_right(struct ring3 *ring3, unsigned gate, uint64_t user_gs)
{
	struct trapframe regs = ring3_regs();
	uint64_t own = (uint64_t)cpu_self();

	user_gs_base_set(user_gs);
	enter(ring3, gate, &regs);
	CHECK(seen.entries == 1 && seen.gs_base == own);
	CHECK(user_gs_base() == user_gs);
	CHECK(rdmsr(MSR_GS_BASE) == own && cpu_self() == (struct cpu *)own);
	return true;
}

SELFTEST(M5, 8, kernel_gs_after_every_entry)
{
	const uint64_t bases[] = {0, 0x1234, 0x7ffffffff000ull, (uint64_t)cpu_self(),
				  (uint64_t)kernel_looking};
	struct ring3 ring3;
	bool ok = true;

	CHECK(open_gates(&ring3));
	for (unsigned i = 0; ok && i < ARRAY_SIZE(bases); i++)
		for (unsigned gate = 0; ok && gate < ARRAY_SIZE(gates); gate++)
			ok = gs_right(&ring3, gate, bases[i]);
	/* Once more with a #DB before SWAPGS has run. */
	ring3_on_instruction((const void *)rdmsr(MSR_LSTAR), on_first_instruction);
	gs_at_first_instruction = 0;
	ok = ok && gs_right(&ring3, 0, (uint64_t)cpu_self() + 8);
	user_gs_base_set(0);
	ring3_close(&ring3);
	CHECK(ok);
	CHECK(gs_at_first_instruction == (uint64_t)cpu_self());
	return true;
}

SELFTEST(M5, 9, user_stack_pointer_unused)
{
	const uint64_t stacks[] = {0,
				   7,
				   0x12345678,
				   0x7ffffffff000ull,
				   0x800000000000ull,
				   0xffff7ffffffffff8ull,
				   (uint64_t)cpu_self(),
				   0xffffffffffffffffull};
	struct ring3 ring3;
	unsigned wrong = 0;

	CHECK(open_gates(&ring3));
	for (unsigned i = 0; i < ARRAY_SIZE(stacks) * ARRAY_SIZE(gates); i++) {
		struct trapframe regs = ring3_regs();

		regs.rsp = stacks[i / ARRAY_SIZE(gates)];
		enter(&ring3, i % ARRAY_SIZE(gates), &regs);
		wrong += seen.entries != 1 || regs.rsp != stacks[i / ARRAY_SIZE(gates)];
		wrong += seen.frame_at != ring3_kernel_rsp(&ring3) - sizeof(struct trapframe);
	}
	ring3_close(&ring3);
	CHECK(wrong == 0);
	return true;
}

/* SYSCALL in the last mappable bytes: the return address is the limit, so SYSRET is out. */
SELFTEST(M5, 3, call_at_the_end_of_user_memory)
{
	struct ring3 ring3;
	struct trapframe regs = ring3_regs();
	uint64_t address;

	CHECK(ring3_open(&ring3));
	ring3_code(&ring3, PAGE_SIZE - 2, by_syscall, 2);
	ring3_on_call(on_call);
	regs.rip = RING3_LAST + PAGE_SIZE - 2;
	address = ring3_run(&ring3, &regs);
	ring3_close(&ring3);
	CHECK(regs.vector == TRAP_PF && regs.error == (PF_USER | PF_FETCH));
	CHECK(address == RING3_LAST + PAGE_SIZE && regs.rip == address);
	CHECK(regs.rax == RESULT);
	return true;
}
