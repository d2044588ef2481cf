/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of /sys/devices/system/cpu/vulnerabilities: what is on in truth, as Linux says it. */
#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/format.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/mitigate.h"
#include "kernel/x86/pti.h"

#define UNKNOWN "Unknown: Dependent on hypervisor status"

static const char *const files[] = {
#define BUG(name, file) [BUG_##name] = file,
#include "kernel/x86/bugs.def"
#undef BUG
};

const char *mitigate_file(enum bug bug)
{
	return files[bug];
}

static uint64_t caps(void)
{
	return cpu_has(CPU_ARCH_CAPS) ? rdmsr(MSR_ARCH_CAPS) : 0;
}

/* VERW clears the buffers only with the microcode that says so. */
static const char *buffers_text(bool microcode, const char *what)
{
	if (!mitigate_clears_buffers_now())
		return "Vulnerable";
	return microcode ? what : "Vulnerable: Clear CPU buffers attempted, no microcode";
}

static const char *retbleed_text(void)
{
	return bugs_maker(cpu_vendor()) == MAKER_INTEL && mitigate_branches_now() == BRANCH_ENHANCED
		       ? "Mitigation: Enhanced IBRS"
		       : "Vulnerable";
}

static const char *srbds_text(void)
{
	if (!cpu_has(CPU_SRBDS_CTRL))
		return cpu_has(CPU_HYPERVISOR) ? UNKNOWN : "Vulnerable: No microcode";
	return rdmsr(MSR_MCU_OPT_CTRL) & 1 ? "Vulnerable" : "Mitigation: Microcode";
}

static const char *words_of(enum bug bug)
{
	switch (bug) {
	case BUG_SPECTRE_V1:
		return "Mitigation: usercopy/swapgs barriers and index masks";
	case BUG_SSB:
		return spec_ctrl_now() & SPEC_CTRL_SSBD
			       ? "Mitigation: Speculative Store Bypass disabled"
			       : "Vulnerable";
	case BUG_L1TF:
		/* Nothing is inverted: an entry that is not present holds nothing (P-M1-16). */
		return "Mitigation: Empty PTEs";
	case BUG_MULTIHIT:
		return "KVM: Mitigation: VMX unsupported";
	case BUG_MDS:
	case BUG_TAA:
		return buffers_text(cpu_has(CPU_MD_CLEAR), "Mitigation: Clear CPU buffers");
	case BUG_MMIO:
		return buffers_text(cpu_has(CPU_MD_CLEAR) || caps() & CAPS_FB_CLEAR,
				    "Mitigation: Clear CPU buffers");
	case BUG_RFDS:
		return buffers_text(caps() & CAPS_RFDS_CLEAR, "Mitigation: Clear Register File");
	case BUG_RETBLEED:
		return retbleed_text();
	case BUG_SRBDS:
		return srbds_text();
	case BUG_GDS:
		return cpu_has(CPU_HYPERVISOR) ? UNKNOWN : "Vulnerable";
	case BUG_MELTDOWN:
		return pti_is_on_here() ? "Mitigation: PTI" : "Vulnerable";
	case BUG_SRSO:
	case BUG_SPECTRE_V2:
	case BUG_COUNT:
		break;
	}
	return "Vulnerable";
}

static size_t spectre_v2_report(char *text, size_t size)
{
	static const char *const branches[] = {
		[BRANCH_PLAIN] = "Vulnerable",
		[BRANCH_RETPOLINE] = "Mitigation: Retpolines",
		[BRANCH_ENHANCED] = "Mitigation: Enhanced / Automatic IBRS",
	};

	return format_text(text, size, "%s; IBPB: %s; STIBP: %s%s\n",
			   branches[mitigate_branches_now()], barrier_on ? "always-on" : "disabled",
			   spec_ctrl_now() & SPEC_CTRL_STIBP ? "forced" : "disabled",
			   mitigate_fills_returns_now() ? "; RSB filling" : "");
}

size_t mitigate_report(enum bug bug, char *text, size_t size)
{
	if (!(mitigate_bugs() >> bug & 1))
		return format_text(text, size, "Not affected\n");
	if (bug == BUG_SPECTRE_V2)
		return spectre_v2_report(text, size);
	return format_text(text, size, "%s\n", words_of(bug));
}
