/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/pcid.h"

#include "kernel/lib/compiler.h"

#define FAMILY_6_MODEL(model) (0x600u | ((model)&0xfu) << 4 | ((model)&0xf0u) << 12)
#define SIGNATURE_MASK        0x0fff3ff0u /* without the stepping */
#define CPU_BITS              6u

/* While CR4.PCIDE is set, INVLPG can leave global translations behind on these: Alder Lake, Raptor
 * Lake and their kin, by Intel's specification updates. Newer microcode mends it; not relied on. */
static const uint32_t keeps_globals[] = {
	FAMILY_6_MODEL(0x97), FAMILY_6_MODEL(0x9a), FAMILY_6_MODEL(0xbe),
	FAMILY_6_MODEL(0xb7), FAMILY_6_MODEL(0xba), FAMILY_6_MODEL(0xbf),
};

bool pcid_usable(const struct pcid_facts *facts)
{
	for (size_t i = 0; i < ARRAY_SIZE(keeps_globals); i++)
		if (facts->is_intel && (facts->signature & SIGNATURE_MASK) == keeps_globals[i])
			return false;
	return facts->has_pcid && facts->has_global;
}

uint64_t pcid_cr3_to_enable(uint64_t cr3)
{
	return cr3 & ~PCID_MASK;
}

uint64_t pcid_draw_id(struct pcid_cpu *cpu, unsigned number)
{
	return ++cpu->ids_drawn << CPU_BITS | number;
}

/* The root's slot; PCID_SLOTS: it has none. */
static unsigned slot_of(const struct pcid_cpu *cpu, uint64_t root_id)
{
	unsigned i = 0;

	while (i < PCID_SLOTS && cpu->slots[i].root_id != root_id)
		i++;
	return i;
}

/* The slot that a root without one gets. */
static unsigned slot_take(struct pcid_cpu *cpu, uint64_t root_id)
{
	if (root_id == PCID_KERNEL)
		return 0;
	cpu->turn = cpu->turn % (PCID_SLOTS - 1) + 1;
	return (unsigned)cpu->turn;
}

uint64_t pcid_load(struct pcid_cpu *cpu, uint64_t pml4_phys, uint64_t root_id, uint64_t flushes)
{
	unsigned number = slot_of(cpu, root_id);
	bool keep = number < PCID_SLOTS && cpu->slots[number].flushed == flushes;

	if (number == PCID_SLOTS)
		number = slot_take(cpu, root_id);
	cpu->slots[number] = (struct pcid_slot){.root_id = root_id, .flushed = flushes};
	return pml4_phys | number | (keep ? PCID_KEEP : 0);
}

/* Only in a row: an earlier one that this CPU has not done yet must not be thought done. */
void pcid_flushed(struct pcid_cpu *cpu, uint64_t root_id, uint64_t number)
{
	unsigned i = slot_of(cpu, root_id);

	if (i < PCID_SLOTS && cpu->slots[i].flushed == number - 1)
		cpu->slots[i].flushed = number;
}

void pcid_forget(struct pcid_cpu *cpu)
{
	*cpu = (struct pcid_cpu){.ids_drawn = cpu->ids_drawn};
}
