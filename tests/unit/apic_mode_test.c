/* SPDX-License-Identifier: BSD-2-Clause */
/* The decision between xAPIC and x2APIC, by made CPUID bits and MSRs. */
#include "kernel/x86/apic_mode.h"
#include "tests/unit/check.h"

#define BSP  0x100u
#define ADDR 0xfee00000ull
#define ON   APIC_BASE_ENABLE
#define X2   APIC_BASE_X2

/* A CPU's MSR, with SDM vol 3, figure 10-27: what has no arrow there is #GP. */
struct fake_cpu {
	uint64_t base;
	bool has_x2apic;
	unsigned faults;
};

static void fake_wrmsr(struct fake_cpu *cpu, uint64_t value)
{
	bool was_x2 = cpu->base & X2, was_on = cpu->base & ON;
	bool x2 = value & X2, on = value & ON;

	if ((x2 && (!on || !cpu->has_x2apic)) || (was_x2 && on && !x2) || (!was_on && x2))
		cpu->faults++;
	else
		cpu->base = value;
}

static void check_way(uint64_t base, bool has_x2apic, enum apic_mode mode)
{
	struct fake_cpu cpu = {.base = base, .has_x2apic = has_x2apic};
	uint64_t steps[APIC_STEPS_MAX];
	unsigned count = apic_mode_steps(base, mode, steps);

	CHECK(count <= APIC_STEPS_MAX);
	for (unsigned i = 0; i < count; i++)
		fake_wrmsr(&cpu, steps[i]);
	CHECK_EQ(cpu.faults, 0);
	CHECK_EQ(cpu.base & (ON | X2), mode == APIC_MODE_MSR ? ON | X2 : ON);
	CHECK_EQ(cpu.base & ~(uint64_t)(ON | X2), ADDR | BSP);
}

static void test_ways(void)
{
	static const uint64_t states[] = {0, ON, ON | X2};

	for (unsigned i = 0; i < 3; i++) {
		check_way(ADDR | BSP | states[i], true, APIC_MODE_MSR);
		check_way(ADDR | BSP | states[i], true, APIC_MODE_MEMORY);
	}
	check_way(ADDR | BSP, false, APIC_MODE_MEMORY);
	check_way(ADDR | BSP | ON, false, APIC_MODE_MEMORY);
	CHECK_EQ(apic_mode_steps(ADDR, APIC_MODE_NONE, (uint64_t[APIC_STEPS_MAX]){}), 0);
}

static enum apic_mode choose(bool has_x2apic, bool has_memory, uint64_t state)
{
	struct apic_facts facts = {has_x2apic, has_memory, ADDR | state};

	return apic_mode_choose(&facts);
}

static void test_choice(void)
{
	CHECK_EQ(choose(false, true, ON), APIC_MODE_MEMORY);
	CHECK_EQ(choose(false, true, 0), APIC_MODE_MEMORY);
	CHECK_EQ(choose(false, false, ON), APIC_MODE_NONE);
	CHECK_EQ(choose(true, true, ON), APIC_MODE_MSR);
	CHECK_EQ(choose(true, false, 0), APIC_MODE_MSR);
	CHECK_EQ(choose(true, true, ON | X2), APIC_MODE_MSR);
	/* Left on, and hidden: the registers in memory are not there then. */
	CHECK_EQ(choose(false, true, ON | X2), APIC_MODE_MSR);
}

static void test_reach(void)
{
	CHECK(apic_mode_reaches(APIC_MODE_MEMORY, 0) && apic_mode_reaches(APIC_MODE_MEMORY, 254));
	/* 255 is everybody; 256 would be 0 in eight bits. */
	CHECK(!apic_mode_reaches(APIC_MODE_MEMORY, 255) &&
	      !apic_mode_reaches(APIC_MODE_MEMORY, 256));
	CHECK(apic_mode_reaches(APIC_MODE_MSR, 255) &&
	      apic_mode_reaches(APIC_MODE_MSR, 0xfffffffe));
	CHECK(!apic_mode_reaches(APIC_MODE_MSR, 0xffffffff));
	CHECK(!apic_mode_reaches(APIC_MODE_NONE, 0));
}

int main(void)
{
	test_ways();
	test_choice();
	test_reach();
	return check_done("apic_mode");
}
