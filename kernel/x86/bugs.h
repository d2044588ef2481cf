/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Which defects of speculation a CPU has, and what the kernel does about them. Pure: the facts are
 * collected by the caller, so that the host tries it on CPUs that nobody here has.
 */
#include "kernel/lib/types.h"

enum bug {
#define BUG(name, file) BUG_##name,
#include "kernel/x86/bugs.def"
#undef BUG
	BUG_COUNT
};

enum cpu_maker {
	MAKER_OTHER, /* nothing is known of it: it has what most have */
	MAKER_INTEL,
	MAKER_AMD,
	MAKER_HYGON,
	MAKER_CENTAUR,
	MAKER_ZHAOXIN,
};

/* IA32_ARCH_CAPABILITIES: SDM vol 4, table 2-2. */
#define CAPS_RDCL_NO      (1ull << 0)
#define CAPS_IBRS_ALL     (1ull << 1)
#define CAPS_SSB_NO       (1ull << 4)
#define CAPS_MDS_NO       (1ull << 5)
#define CAPS_PSCHANGE_NO  (1ull << 6)
#define CAPS_TAA_NO       (1ull << 8)
#define CAPS_SBDR_SSDP_NO (1ull << 13)
#define CAPS_FBSDP_NO     (1ull << 14)
#define CAPS_PSDP_NO      (1ull << 15)
#define CAPS_FB_CLEAR     (1ull << 17)
#define CAPS_RRSBA        (1ull << 19)
#define CAPS_GDS_NO       (1ull << 26)
#define CAPS_RFDS_NO      (1ull << 27)
#define CAPS_RFDS_CLEAR   (1ull << 28)

enum choice { CHOICE_AUTO, CHOICE_ON, CHOICE_OFF };

/* The boot's words. mitigations=off makes CHOICE_OFF of each that is CHOICE_AUTO. */
struct bug_words {
	enum choice pti, spectre_v2, mds, ssbd;
	bool all_off;
};

struct bug_facts {
	enum cpu_maker maker;
	uint32_t signature; /* CPUID leaf 1, EAX */
	uint64_t features;  /* by kernel/x86/features.def */
	uint64_t caps;      /* IA32_ARCH_CAPABILITIES; 0 where the CPU has none */
};

enum branches {
	BRANCH_PLAIN,     /* indirect branches as they are */
	BRANCH_RETPOLINE, /* by a return that the CPU cannot be taught to mispredict */
	BRANCH_ENHANCED,  /* the CPU keeps what ring 3 taught it from ring 0: set once */
};

/* What is to be done. */
struct mitigations {
	enum branches branches;
	bool pti;           /* ring 3 runs without the kernel half */
	bool clear_buffers; /* VERW before each return to ring 3 */
	bool fill_returns;  /* the return stack buffer, at each switch */
	bool barrier;       /* IBPB, between the processes of different users */
	uint64_t spec_ctrl; /* what that register holds, always */
	bool auto_ibrs;     /* EFER.AIBRSE */
};

/** The maker behind what CPUID leaf 0 says. */
enum cpu_maker bugs_maker(const char *vendor);

/** One bit for each enum bug that the CPU has. */
uint32_t bugs_of(const struct bug_facts *facts);

/** What is done on such a CPU when the boot line says @words. */
struct mitigations bugs_decide(const struct bug_facts *facts, const struct bug_words *words);
