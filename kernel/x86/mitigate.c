/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/mitigate.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/pti.h"

#define THUNK_BYTES 32u
#define THUNKS      16u
#define RSP_NUMBER  4u
#define INT3        0xcc
#define CALL_NEAR   0xe8
#define JMP_SHORT   0xeb

/* thunks.asm. */
extern const uint8_t indirect_thunks[];
/* The places where something stands that can be taken out: VERW of 7 bytes, and a jump of 2 over
 * what fills the return stack buffer, which is a no-operation while it is wanted. */
extern const uint8_t pti_clear_buffers_syscall[], pti_clear_buffers_iret[];
extern const uint8_t clear_buffers_syscall[], clear_buffers_iret[], fill_returns[],
	fill_returns_end[];

#define VERW_BYTES 7u
static const uint8_t no_operation[VERW_BYTES] = {0x0f, 0x1f, 0x80};
static const uint8_t *const verw_sites[] = {clear_buffers_syscall, clear_buffers_iret,
					    pti_clear_buffers_syscall, pti_clear_buffers_iret};

static __ro_after_init struct mitigations decided;
static __ro_after_init uint32_t bugs;
__ro_after_init bool barrier_on;

static const void *hidden(const void *at)
{
	return HIDE_VALUE(at);
}

/* No leaf that maps text is ever writable: for these few bytes the CPU does not ask. CPUID makes
 * it forget what it has fetched. */
void text_write(const uint8_t *at, const uint8_t *bytes, size_t len)
{
	uint64_t flags = irq_save();
	uint64_t cr0 = read_cr0();
	enum err opened = write_cr0(cr0 & ~CR0_WP);

	if (opened == OK) {
		memcpy((void *)(uint64_t)at, bytes, len);
		opened = write_cr0(cr0);
	}
	(void)opened;
	cpuid(0, 0);
	irq_restore(flags);
}

static void thunk_make_plain(unsigned number)
{
	uint8_t code[THUNK_BYTES];
	size_t at = 0;

	memset(code, INT3, sizeof(code));
	if (number >= 8)
		code[at++] = 0x41;
	code[at++] = 0xff;
	code[at] = (uint8_t)(0xe0 | (number & 7));
	text_write(indirect_thunks + (size_t)number * THUNK_BYTES, code, sizeof(code));
}

static void take_out_retpolines(void)
{
	for (unsigned number = 0; number < THUNKS; number++)
		if (number != RSP_NUMBER)
			thunk_make_plain(number);
}

static void take_out_filling(void)
{
	const uint8_t jump[] = {JMP_SHORT, (uint8_t)(fill_returns_end - fill_returns - 2)};

	text_write(fill_returns, jump, sizeof(jump));
}

static void take_out_verw(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(verw_sites); i++)
		text_write(verw_sites[i], no_operation, VERW_BYTES);
}

static struct bug_facts facts_collect(void)
{
	return (struct bug_facts){
		.maker = bugs_maker(cpu_vendor()),
		.signature = cpuid(1, 0).eax,
		.features = cpu_feature_bits,
		.caps = cpu_has(CPU_ARCH_CAPS) ? rdmsr(MSR_ARCH_CAPS) : 0,
	};
}

void mitigate_init(const struct bug_words *words)
{
	struct bug_facts facts = facts_collect();

	bugs = bugs_of(&facts);
	decided = bugs_decide(&facts, words);
	barrier_on = decided.barrier;
	if (decided.branches != BRANCH_RETPOLINE)
		take_out_retpolines();
	if (!decided.fill_returns)
		take_out_filling();
	if (!decided.clear_buffers)
		take_out_verw();
	if (decided.pti)
		pti_choose();
	mitigate_cpu();
}

static bool has_spec_ctrl(void)
{
	return cpu_has(CPU_SPEC_CTRL) || cpu_has(CPU_AMD_IBRS) || cpu_has(CPU_AMD_STIBP) ||
	       cpu_has(CPU_AMD_SSBD);
}

void mitigate_cpu(void)
{
	if (has_spec_ctrl())
		wrmsr(MSR_SPEC_CTRL, decided.spec_ctrl);
	wrmsr(MSR_EFER, efer_wanted());
}

const struct mitigations *mitigate_decided(void)
{
	return &decided;
}

uint32_t mitigate_bugs(void)
{
	return bugs;
}

uint64_t spec_ctrl_wanted(void)
{
	return has_spec_ctrl() ? decided.spec_ctrl : 0;
}

uint64_t spec_ctrl_now(void)
{
	return has_spec_ctrl() ? rdmsr(MSR_SPEC_CTRL) : 0;
}

uint64_t auto_ibrs_wanted(void)
{
	return decided.auto_ibrs ? EFER_AIBRSE : 0;
}

void mitigate_barrier(void)
{
	wrmsr(MSR_PRED_CMD, PRED_CMD_IBPB);
}

static bool all_thunks_begin_with(uint8_t byte)
{
	const uint8_t *thunks = hidden(indirect_thunks);

	for (unsigned number = 0; number < THUNKS; number++)
		if (number != RSP_NUMBER && thunks[(size_t)number * THUNK_BYTES] != byte)
			return false;
	return true;
}

enum branches mitigate_branches_now(void)
{
	if (all_thunks_begin_with(CALL_NEAR))
		return BRANCH_RETPOLINE;
	if (spec_ctrl_now() & SPEC_CTRL_IBRS || rdmsr(MSR_EFER) & EFER_AIBRSE)
		return BRANCH_ENHANCED;
	return BRANCH_PLAIN;
}

bool mitigate_fills_returns_now(void)
{
	const uint8_t *site = hidden(fill_returns);

	return site[0] != JMP_SHORT;
}

bool mitigate_clears_buffers_now(void)
{
	/* Under page-table isolation the first two are its jumps. */
	for (size_t i = pti_is_on_here() ? 2 : 0; i < ARRAY_SIZE(verw_sites); i++)
		if (memcmp(hidden(verw_sites[i]), no_operation, VERW_BYTES) == 0)
			return false;
	return true;
}
