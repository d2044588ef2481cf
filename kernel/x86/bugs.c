/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/bugs.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/features.h"
#include "kernel/x86/regs.h"

#define ANY 0xffu
/* Those of a CPU of which nothing else is said; the rest have rows of their own. */
#define SPECULATIVE                                                                       \
	(BIT(BUG_MELTDOWN) | BIT(BUG_L1TF) | BIT(BUG_MDS) | BIT(BUG_SSB) | BIT(BUG_TAA) | \
	 BIT(BUG_MULTIHIT) | BIT(BUG_SPECTRE_V1) | BIT(BUG_SPECTRE_V2))

struct model {
	uint8_t maker;
	uint8_t family;
	uint8_t model;
	uint32_t bugs;
};

static const struct model lacking[] = {
#define NOT(maker, family, model, bugs) {MAKER_##maker, family, model, (uint32_t)(bugs)},
#define HAS(maker, family, model, bugs)
#include "kernel/x86/bug_models.def"
#undef NOT
#undef HAS
};

static const struct model having[] = {
#define NOT(maker, family, model, bugs)
#define HAS(maker, family, model, bugs) {MAKER_##maker, family, model, (uint32_t)(bugs)},
#include "kernel/x86/bug_models.def"
#undef NOT
#undef HAS
};

/* What IA32_ARCH_CAPABILITIES says a CPU lacks: where all of the bits are set. */
static const struct {
	uint64_t caps;
	uint32_t bugs;
} excused[] = {
	{CAPS_RDCL_NO, BIT(BUG_MELTDOWN) | BIT(BUG_L1TF)},
	{CAPS_SSB_NO, BIT(BUG_SSB)},
	{CAPS_MDS_NO, BIT(BUG_MDS)},
	{CAPS_PSCHANGE_NO, BIT(BUG_MULTIHIT)},
	{CAPS_TAA_NO, BIT(BUG_TAA)},
	{CAPS_SBDR_SSDP_NO | CAPS_FBSDP_NO | CAPS_PSDP_NO, BIT(BUG_MMIO)},
	{CAPS_GDS_NO, BIT(BUG_GDS)},
	{CAPS_RFDS_NO, BIT(BUG_RFDS)},
};

enum cpu_maker bugs_maker(const char *vendor)
{
	static const struct {
		char name[13];
		enum cpu_maker maker;
	} makers[] = {
		{"GenuineIntel", MAKER_INTEL},   {"AuthenticAMD", MAKER_AMD},
		{"HygonGenuine", MAKER_HYGON},   {"CentaurHauls", MAKER_CENTAUR},
		{"  Shanghai  ", MAKER_ZHAOXIN},
	};

	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (strcmp(vendor, makers[i].name) == 0)
			return makers[i].maker;
	return MAKER_OTHER;
}

/* SDM vol 2A, CPUID: the extended fields count from family 15, and 6 for the model. */
static uint32_t family_of(uint32_t signature)
{
	uint32_t family = signature >> 8 & 0xf;

	return family == 0xf ? family + (signature >> 20 & 0xff) : family;
}

static uint32_t model_of(uint32_t signature)
{
	uint32_t family = signature >> 8 & 0xf;
	uint32_t model = signature >> 4 & 0xf;

	return family == 6 || family == 0xf ? model | (signature >> 12 & 0xf0) : model;
}

static uint32_t first_row(const struct model *rows, size_t count, const struct bug_facts *facts)
{
	uint32_t family = family_of(facts->signature), model = model_of(facts->signature);

	for (size_t i = 0; i < count; i++)
		if (rows[i].maker == facts->maker &&
		    (rows[i].family == ANY || rows[i].family == family) &&
		    (rows[i].model == ANY || rows[i].model == model))
			return rows[i].bugs;
	return 0;
}

static bool has(const struct bug_facts *facts, enum cpu_feature feature)
{
	return facts->features >> feature & 1;
}

uint32_t bugs_of(const struct bug_facts *facts)
{
	uint32_t bugs = (uint32_t)SPECULATIVE & ~first_row(lacking, ARRAY_SIZE(lacking), facts);

	bugs |= first_row(having, ARRAY_SIZE(having), facts);
	for (size_t i = 0; i < ARRAY_SIZE(excused); i++)
		if ((facts->caps & excused[i].caps) == excused[i].caps)
			bugs &= ~excused[i].bugs;
	/* A CPU without transactions has no aborts of them. */
	if (!has(facts, CPU_RTM) || facts->maker != MAKER_INTEL)
		bugs &= ~(uint32_t)BIT(BUG_TAA);
	if (has(facts, CPU_AMD_SSB_NO))
		bugs &= ~(uint32_t)BIT(BUG_SSB);
	if (facts->caps & CAPS_RRSBA)
		bugs |= (uint32_t)BIT(BUG_RETBLEED);
	if (has(facts, CPU_AMD_BTC_NO))
		bugs &= ~(uint32_t)BIT(BUG_RETBLEED);
	if (has(facts, CPU_SRSO_NO))
		bugs &= ~(uint32_t)BIT(BUG_SRSO);
	return bugs;
}

static bool wanted(enum choice word, const struct bug_words *words, bool affected)
{
	if (word == CHOICE_AUTO)
		return affected && !words->all_off;
	return word == CHOICE_ON;
}

/* By Intel's IBRS_ALL, or AMD's automatic one. */
static bool is_enhanced(const struct bug_facts *facts)
{
	return (facts->caps & CAPS_IBRS_ALL && has(facts, CPU_SPEC_CTRL)) ||
	       has(facts, CPU_AUTO_IBRS);
}

static void decide_branches(struct mitigations *to, const struct bug_facts *facts, bool strict)
{
	bool enhanced = is_enhanced(facts), automatic = has(facts, CPU_AUTO_IBRS);

	to->branches = enhanced ? BRANCH_ENHANCED : BRANCH_RETPOLINE;
	to->fill_returns = true;
	to->barrier = has(facts, CPU_SPEC_CTRL) || has(facts, CPU_AMD_IBPB);
	to->auto_ibrs = automatic;
	if (enhanced && !automatic)
		to->spec_ctrl |= SPEC_CTRL_IBRS;
	if (strict && (has(facts, CPU_STIBP) || has(facts, CPU_AMD_STIBP)))
		to->spec_ctrl |= SPEC_CTRL_STIBP;
}

struct mitigations bugs_decide(const struct bug_facts *facts, const struct bug_words *words)
{
	const uint32_t buffers = BIT(BUG_MDS) | BIT(BUG_TAA) | BIT(BUG_MMIO) | BIT(BUG_RFDS);
	uint32_t bugs = bugs_of(facts);
	struct mitigations to = {
		.pti = wanted(words->pti, words, bugs & BIT(BUG_MELTDOWN)),
		.clear_buffers = wanted(words->mds, words, bugs & buffers),
	};

	if (wanted(words->spectre_v2, words, bugs & BIT(BUG_SPECTRE_V2)))
		decide_branches(&to, facts, words->spectre_v2 == CHOICE_ON);
	/* Dear, and only programs that hold secrets beside foreign code need it: never by itself.
	 */
	if (words->ssbd == CHOICE_ON && (has(facts, CPU_SSBD) || has(facts, CPU_AMD_SSBD)))
		to.spec_ctrl |= SPEC_CTRL_SSBD;
	return to;
}
