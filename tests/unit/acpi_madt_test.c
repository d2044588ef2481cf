/* SPDX-License-Identifier: BSD-2-Clause */
/* The MADT's entries, each field of each kind, against ACPI 6.4 said once more. */
#include "drv/acpi/madt.h"
#include "tests/unit/acpi_random.h"

/* What an entry of a good length says; false: nothing that is of use. */
static bool model_entry(size_t at, struct madt_entry *e)
{
	static const uint8_t least[11] = {8, 12, 10, 8, 6, [9] = 16, [10] = 12};
	uint8_t kind = table.data[at];

	*e = (struct madt_entry){.kind = (enum madt_kind)kind};
	if (kind > 10 || !least[kind] || table.data[at + 1] < least[kind])
		return false;
	if (kind == 0 || kind == 9) {
		e->cpu_uid = (uint32_t)(kind ? field(at + 12, 4) : table.data[at + 2]);
		e->apic_id = (uint32_t)(kind ? field(at + 4, 4) : table.data[at + 3]);
		e->enabled = table.data[at + (kind ? 8 : 4)] & 1;
		e->online_capable = (table.data[at + (kind ? 8 : 4)] & 2) != 0;
	} else if (kind == 1) {
		e->apic_id = table.data[at + 2];
		e->address = field(at + 4, 4);
		e->gsi = (uint32_t)field(at + 8, 4);
	} else if (kind == 2) {
		e->isa_irq = table.data[at + 3];
		e->gsi = (uint32_t)field(at + 4, 4);
		e->flags = (uint16_t)field(at + 8, 2);
		return !table.data[at + 2] && e->isa_irq <= 15;
	} else if (kind == 3) {
		e->flags = (uint16_t)field(at + 2, 2);
		e->gsi = (uint32_t)field(at + 4, 4);
	} else if (kind == 4) {
		e->cpu_uid = table.data[at + 2] == 0xff ? ~0u : table.data[at + 2];
		e->flags = (uint16_t)field(at + 3, 2);
		e->lint = table.data[at + 5];
	} else {
		e->flags = (uint16_t)field(at + 2, 2);
		e->cpu_uid = (uint32_t)field(at + 4, 4);
		e->lint = table.data[at + 8];
	}
	return e->lint <= 1;
}

static bool same_entry(const struct madt_entry *a, const struct madt_entry *b)
{
	return a->kind == b->kind && a->cpu_uid == b->cpu_uid && a->apic_id == b->apic_id &&
	       a->enabled == b->enabled && a->online_capable == b->online_capable &&
	       a->address == b->address && a->gsi == b->gsi && a->isa_irq == b->isa_irq &&
	       a->lint == b->lint && a->flags == b->flags;
}

static void check_madt(void)
{
	struct madt_entry expected, entry;
	struct madt madt = {0};
	size_t at = 44;

	CHECK_EQ(madt_begin(&table, &madt), table.len < 44 ? ERR_INVAL : OK);
	if (table.len < 44)
		return;
	CHECK_EQ(madt.has_8259, table.data[40] & 1);
	while (at + 2 <= table.len && table.data[at + 1] > 1 &&
	       at + table.data[at + 1] <= table.len) {
		if (model_entry(at, &expected))
			CHECK(madt_next(&madt, &entry) && same_entry(&entry, &expected));
		at += table.data[at + 1];
	}
	/* Behind the last one there is none, however often one asks. */
	CHECK(!madt_next(&madt, &entry) && !madt_next(&madt, &entry));
}

static void test_madt(void)
{
	static const uint8_t kinds[] = {0, 1, 2, 3, 4, 9, 10, 5, 77};

	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t at = 44;

		random_bytes();
		for (unsigned i = (unsigned)below(12); i > 0; i--) {
			bytes[at] = kinds[below(9)];
			bytes[at + 1] =
				(uint8_t)(below(20) ? below(3) ? 16 : 5 + below(12) : below(4));
			bytes[at + 2] = (uint8_t)(below(4) ? 0 : below(2) ? 0xff : below(256));
			bytes[at + 3] = (uint8_t)below(below(2) ? 18 : 256);
			bytes[at + 5] &= below(2) ? 3 : 0xff;
			bytes[at + 8] &= below(2) ? 3 : 0xff;
			at += bytes[at + 1];
		}
		begin(below(30) ? (uint32_t)(at + below(3)) : (uint32_t)(42 + below(4)));
		check_madt();
	}
}

int main(void)
{
	test_madt();
	begin(0);
	free((void *)(uintptr_t)table.data);
	return check_done("acpi_madt");
}
