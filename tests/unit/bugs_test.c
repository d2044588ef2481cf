/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs' defects and what is done about them, on made CPUIDs: what Linux says of the same ones. */
#include "kernel/lib/bits.h"

#include "kernel/x86/bugs.h"
#include "kernel/x86/features.h"
#include "kernel/x86/regs.h"
#include "tests/unit/check.h"

#define F(name)      BIT(CPU_##name)
#define B(name)      BIT(BUG_##name)
#define V            (B(SPECTRE_V1) | B(SPECTRE_V2))
#define OLD          (V | B(SSB) | B(MELTDOWN) | B(L1TF) | B(MDS) | B(MULTIHIT))
#define CASCADE_CAPS (CAPS_RDCL_NO | CAPS_IBRS_ALL | CAPS_MDS_NO | (1ull << 3))
#define SAPPHIRE_CAPS                                                                  \
	(CAPS_RDCL_NO | CAPS_IBRS_ALL | CAPS_MDS_NO | CAPS_PSCHANGE_NO | CAPS_TAA_NO | \
	 CAPS_SBDR_SSDP_NO | CAPS_FBSDP_NO | CAPS_PSDP_NO | CAPS_GDS_NO | CAPS_RFDS_NO)
#define RPL_CAPS (SAPPHIRE_CAPS & ~CAPS_RFDS_NO)

static const struct row {
	const char *what;
	enum cpu_maker maker;
	uint32_t signature;
	uint64_t features, caps;
	uint64_t bugs;
} rows[] = {
	{"QEMU's TCG", MAKER_AMD, 0x00060fb1, 0, 0, V},
	{"the same, said to be Intel's", MAKER_INTEL, 0x00060fb1, 0, 0, OLD},
	{"of a maker that nobody knows", MAKER_OTHER, 0x00000663, 0, 0, OLD},
	{"Pentium MMX", MAKER_INTEL, 0x00000543, 0, 0, 0},
	{"Bonnell", MAKER_INTEL, 0x000106c2, 0, 0, 0},
	{"Core 2", MAKER_INTEL, 0x00010676, 0, 0, OLD},
	{"Yonah", MAKER_INTEL, 0x000006e8, 0, 0, OLD & ~B(SSB)},
	{"Sandy Bridge", MAKER_INTEL, 0x000206a7, 0, 0, OLD},
	{"Ivy Bridge", MAKER_INTEL, 0x000306a9, 0, 0, OLD | B(SRBDS)},
	{"Haswell, with transactions", MAKER_INTEL, 0x000306c3, F(RTM), 0, OLD | B(SRBDS) | B(TAA)},
	{"Haswell-EP", MAKER_INTEL, 0x000306f2, 0, 0, OLD | B(MMIO)},
	{"Broadwell-EP", MAKER_INTEL, 0x000406f1, F(RTM), 0, OLD | B(MMIO) | B(TAA)},
	{"Skylake", MAKER_INTEL, 0x000506e3, F(RTM) | F(SPEC_CTRL), 0,
	 OLD | B(TAA) | B(MMIO) | B(RETBLEED) | B(GDS) | B(SRBDS)},
	{"Skylake-SP", MAKER_INTEL, 0x00050654, F(SPEC_CTRL), 0,
	 OLD | B(MMIO) | B(RETBLEED) | B(GDS)},
	{"Cascade Lake", MAKER_INTEL, 0x00050657, F(RTM) | F(SPEC_CTRL) | F(ARCH_CAPS),
	 CASCADE_CAPS, V | B(SSB) | B(MULTIHIT) | B(TAA) | B(MMIO) | B(RETBLEED) | B(GDS)},
	{"Coffee Lake", MAKER_INTEL, 0x000906ea, 0, 0,
	 OLD | B(MMIO) | B(RETBLEED) | B(GDS) | B(SRBDS)},
	{"Ice Lake", MAKER_INTEL, 0x000706e5, F(ARCH_CAPS), CASCADE_CAPS | CAPS_PSCHANGE_NO,
	 V | B(SSB) | B(MMIO) | B(RETBLEED) | B(GDS)},
	{"Tiger Lake", MAKER_INTEL, 0x000806c1, F(ARCH_CAPS), CASCADE_CAPS | CAPS_PSCHANGE_NO,
	 V | B(SSB) | B(GDS)},
	{"Alder Lake", MAKER_INTEL, 0x00090672, F(ARCH_CAPS), RPL_CAPS, V | B(SSB) | B(RFDS)},
	{"Raptor Lake, which says RRSBA", MAKER_INTEL, 0x000b0671, F(ARCH_CAPS),
	 RPL_CAPS | CAPS_RRSBA, V | B(SSB) | B(RFDS) | B(RETBLEED)},
	{"Sapphire Rapids", MAKER_INTEL, 0x000806f8, F(SPEC_CTRL) | F(ARCH_CAPS), SAPPHIRE_CAPS,
	 V | B(SSB)},
	{"Silvermont", MAKER_INTEL, 0x00030679, 0, 0, V | B(MELTDOWN) | B(MDS)},
	{"Airmont", MAKER_INTEL, 0x000406c4, 0, 0, V | B(MELTDOWN) | B(MDS)},
	{"Goldmont", MAKER_INTEL, 0x000506c9, 0, 0, V | B(MELTDOWN) | B(SSB) | B(RFDS)},
	{"Tremont", MAKER_INTEL, 0x00090661, F(ARCH_CAPS), CASCADE_CAPS,
	 V | B(SSB) | B(RFDS) | B(MMIO)},
	{"Knights Landing", MAKER_INTEL, 0x00050671, 0, 0, V | B(MELTDOWN) | B(MDS)},
	{"K8", MAKER_AMD, 0x00000f48, 0, 0, V},
	{"K10", MAKER_AMD, 0x00100f42, 0, 0, V},
	{"Bulldozer", MAKER_AMD, 0x00600f12, 0, 0, V | B(SSB) | B(RETBLEED)},
	{"Jaguar", MAKER_AMD, 0x00700f01, 0, 0, V | B(SSB) | B(RETBLEED)},
	{"Zen", MAKER_AMD, 0x00800f11, F(AMD_IBPB), 0, V | B(SSB) | B(RETBLEED) | B(SRSO)},
	{"Zen 2", MAKER_AMD, 0x00870f10, F(AMD_IBPB), 0, V | B(SSB) | B(RETBLEED) | B(SRSO)},
	{"Zen 2, another that says BTC_NO", MAKER_AMD, 0x00870f10, F(AMD_BTC_NO), 0,
	 V | B(SSB) | B(SRSO)},
	{"Zen 3", MAKER_AMD, 0x00a20f12, F(AMD_IBPB), 0, V | B(SSB) | B(SRSO)},
	{"Zen 4", MAKER_AMD, 0x00a60f12, F(AUTO_IBRS), 0, V | B(SSB) | B(SRSO)},
	{"Zen 5", MAKER_AMD, 0x00b40f40, F(AUTO_IBRS) | F(AMD_SSB_NO) | F(SRSO_NO), 0, V},
	{"Hygon", MAKER_HYGON, 0x00900f01, 0, 0, V | B(SSB) | B(RETBLEED)},
	{"Zhaoxin 6", MAKER_ZHAOXIN, 0x000006f0, 0, 0, OLD},
	{"Zhaoxin 7, the other name", MAKER_ZHAOXIN, 0x000307b0, 0, 0, OLD & ~B(SPECTRE_V2)},
	{"Zhaoxin 7", MAKER_CENTAUR, 0x00000700, 0, 0, OLD & ~B(SPECTRE_V2)},
};

static struct bug_facts facts_of(const struct row *row)
{
	return (struct bug_facts){row->maker, row->signature, row->features, row->caps};
}

static const struct row *row_named(const char *what)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].what, what) == 0)
			return &rows[i];
	abort();
}

static struct mitigations decide(const char *what, struct bug_words words)
{
	struct bug_facts facts = facts_of(row_named(what));

	return bugs_decide(&facts, &words);
}

static void test_models(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bug_facts facts = facts_of(&rows[i]);

		if (bugs_of(&facts) != rows[i].bugs)
			fprintf(stderr, "%s: %#x, not %#llx\n", rows[i].what, bugs_of(&facts),
				(unsigned long long)rows[i].bugs);
		CHECK(bugs_of(&facts) == rows[i].bugs);
		/* The stepping says nothing. */
		facts.signature ^= 7;
		CHECK(bugs_of(&facts) == rows[i].bugs);
	}
}

/* Each bit excuses what it names, and only if all bits of a row are there. */
static void test_capabilities(void)
{
	static const struct {
		uint64_t caps, gone;
	} said[] = {
		{CAPS_RDCL_NO, B(MELTDOWN) | B(L1TF)},
		{CAPS_SSB_NO, B(SSB)},
		{CAPS_MDS_NO, B(MDS)},
		{CAPS_PSCHANGE_NO, B(MULTIHIT)},
		{CAPS_TAA_NO, B(TAA)},
		{CAPS_SBDR_SSDP_NO | CAPS_FBSDP_NO | CAPS_PSDP_NO, B(MMIO)},
		{CAPS_SBDR_SSDP_NO | CAPS_PSDP_NO, 0},
		{CAPS_GDS_NO, B(GDS)},
		{CAPS_IBRS_ALL, 0},
	};
	const struct row *row = row_named("Skylake");

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct bug_facts facts = facts_of(row);

		facts.caps = said[i].caps;
		CHECK(bugs_of(&facts) == (row->bugs & ~said[i].gone));
	}
}

static void test_makers(void)
{
	CHECK(bugs_maker("GenuineIntel") == MAKER_INTEL);
	CHECK(bugs_maker("AuthenticAMD") == MAKER_AMD);
	CHECK(bugs_maker("HygonGenuine") == MAKER_HYGON);
	CHECK(bugs_maker("CentaurHauls") == MAKER_CENTAUR);
	CHECK(bugs_maker("  Shanghai  ") == MAKER_ZHAOXIN);
	CHECK(bugs_maker("TCGTCGTCGTCG") == MAKER_OTHER && bugs_maker("") == MAKER_OTHER);
}

static void test_choices(void)
{
	const struct bug_words none = {}, off = {.all_off = true}, pti = {.pti = CHOICE_ON};
	const struct bug_words strict = {.spectre_v2 = CHOICE_ON};
	struct mitigations m = decide("QEMU's TCG", none);

	CHECK(m.branches == BRANCH_RETPOLINE && m.fill_returns && !m.barrier && !m.pti);
	CHECK(!m.clear_buffers && !m.spec_ctrl && !m.auto_ibrs);
	m = decide("QEMU's TCG", pti);
	CHECK(m.pti && m.branches == BRANCH_RETPOLINE);
	m = decide("the same, said to be Intel's", none);
	CHECK(m.pti && m.clear_buffers);
	m = decide("the same, said to be Intel's", off);
	CHECK(!m.pti && !m.clear_buffers && m.branches == BRANCH_PLAIN && !m.fill_returns);
	m = decide("the same, said to be Intel's", (struct bug_words){.pti = CHOICE_OFF});
	CHECK(!m.pti && m.clear_buffers);
	m = decide("Skylake", (struct bug_words){.all_off = true, .pti = CHOICE_ON});
	CHECK(m.pti && !m.clear_buffers && m.branches == BRANCH_PLAIN && !m.barrier);
	m = decide("Skylake", (struct bug_words){.mds = CHOICE_OFF});
	CHECK(!m.clear_buffers && m.barrier && m.branches == BRANCH_RETPOLINE);
	m = decide("Cascade Lake", none);
	CHECK(!m.pti && m.branches == BRANCH_ENHANCED && m.spec_ctrl == SPEC_CTRL_IBRS);
	/* By aborts and by what devices leave, not by MDS. */
	CHECK(m.clear_buffers && m.fill_returns && m.barrier);
	m = decide("Sapphire Rapids", none);
	CHECK(!m.clear_buffers && !m.pti && m.branches == BRANCH_ENHANCED);
	m = decide("Alder Lake", none);
	CHECK(m.clear_buffers);
	/* IBRS_ALL without the register that it speaks of is not believed. */
	CHECK(m.branches == BRANCH_RETPOLINE && !m.spec_ctrl);
	m = decide("Zen 4", none);
	CHECK(m.branches == BRANCH_ENHANCED && m.auto_ibrs && !m.spec_ctrl);
	m = decide("Zen 4", off);
	CHECK(m.branches == BRANCH_PLAIN && !m.auto_ibrs);
	m = decide("Zen 2", none);
	CHECK(m.branches == BRANCH_RETPOLINE && m.barrier && !m.pti);
	m = decide("Pentium MMX", none);
	CHECK(m.branches == BRANCH_PLAIN && !m.pti && !m.clear_buffers && !m.fill_returns);
	m = decide("Pentium MMX", strict);
	CHECK(m.branches == BRANCH_RETPOLINE && m.fill_returns && !m.spec_ctrl);
}

static void test_registers(void)
{
	struct bug_facts facts = facts_of(row_named("Skylake"));
	struct bug_words words = {.spectre_v2 = CHOICE_ON, .ssbd = CHOICE_ON};

	CHECK(bugs_decide(&facts, &words).spec_ctrl == 0);
	facts.features |= F(STIBP) | F(SSBD);
	CHECK(bugs_decide(&facts, &words).spec_ctrl == (SPEC_CTRL_STIBP | SPEC_CTRL_SSBD));
	words = (struct bug_words){};
	CHECK(bugs_decide(&facts, &words).spec_ctrl == 0);
}

int main(void)
{
	test_models();
	test_capabilities();
	test_makers();
	test_choices();
	test_registers();
	return check_done("bugs");
}
