/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/acpi_memory.h"
#include "tests/unit/check.h"

static void check_madt(const struct acpi_root *root)
{
	struct acpi_table table;
	struct madt_entry e;
	struct madt madt;

	CHECK_EQ(acpi_find(root, "APIC", &table), OK);
	CHECK_EQ(madt_begin(&table, &madt), OK);
	CHECK(madt.has_8259);
	CHECK(madt_next(&madt, &e) && e.kind == MADT_LAPIC && e.enabled && e.apic_id == 0);
	CHECK(madt_next(&madt, &e) && !e.enabled && e.online_capable && e.apic_id == 4);
	CHECK(madt_next(&madt, &e) && e.kind == MADT_IOAPIC && e.address == 0xfec00000);
	CHECK(madt_next(&madt, &e) && e.kind == MADT_OVERRIDE && e.isa_irq == 0 && e.gsi == 2);
	CHECK(madt_next(&madt, &e) && e.kind == MADT_LAPIC_NMI && e.cpu_uid == MADT_CPU_ALL);
	CHECK(e.lint == 1);
	CHECK(madt_next(&madt, &e) && e.kind == MADT_X2APIC && e.apic_id == 256 && e.cpu_uid == 5);
	CHECK(!madt_next(&madt, &e));
}

static void check_fadt(const struct acpi_root *root, const struct acpi_source *source)
{
	struct acpi_table table;
	struct acpi_fadt fadt;
	struct acpi_hpet hpet;
	uint8_t a = 9;
	uint8_t b = 9;

	CHECK_EQ(acpi_find(root, "FACP", &table), OK);
	CHECK_EQ(acpi_read_fadt(&table, &fadt), OK);
	CHECK(fadt.pm_timer.space == ACPI_SPACE_PORT && fadt.pm_timer.address == 0x608);
	CHECK(fadt.pm_timer_is_32_bit && fadt.pm1a_control.address == 0x604);
	CHECK(fadt.pm1b_control.address == 0 && fadt.smi_command_port == 0xb2);
	CHECK(fadt.reset.address == 0xcf9 && fadt.reset_value == 0xf && fadt.acpi_enable == 2);
	CHECK_EQ(acpi_open_table(source, fadt.dsdt_address, "DSDT", &table), OK);
	CHECK_EQ(acpi_find_s5(&table, &a, &b), OK);
	CHECK(a == 5 && b == 1);
	CHECK_EQ(acpi_find(root, "HPET", &table), OK);
	CHECK_EQ(acpi_read_hpet(&table, &hpet), OK);
	CHECK(hpet.address == 0xfed00000);
	CHECK_EQ(acpi_find(root, "NONE", &table), ERR_NOENT);
}

static void test_good(bool with_xsdt)
{
	static struct acpi_builder b;
	struct acpi_memory memory = {b.data, sizeof(b.data)};
	struct acpi_source source = {acpi_memory_map, &memory};
	struct acpi_root root;

	acpi_build(&b, with_xsdt);
	CHECK_EQ(acpi_find_rsdp(b.data, b.len), 0);
	CHECK_EQ(acpi_open_at(&source, ACPI_MEMORY_BASE, &root), OK);
	CHECK(root.count == 3 && root.entry_bytes == (with_xsdt ? 8u : 4u));
	check_madt(&root);
	check_fadt(&root, &source);
	CHECK_EQ(acpi_open(&source, b.data, 19, &root), ERR_INVAL);
	CHECK_EQ(acpi_open_at(&source, 0, &root), ERR_IO);
	CHECK_EQ(acpi_open_at(&source, ~0ull - 4, &root), ERR_IO);
	b.data[3]++;
	CHECK_EQ(acpi_open_at(&source, ACPI_MEMORY_BASE, &root), ERR_INVAL);
	CHECK_EQ(acpi_find_rsdp(b.data, b.len), b.len);
}

/* A broken XSDT falls back to the RSDT's address; here there is none. */
static void test_bad_sums(void)
{
	static struct acpi_builder b;
	struct acpi_memory memory = {b.data, sizeof(b.data)};
	struct acpi_source source = {acpi_memory_map, &memory};
	struct acpi_table table;
	struct acpi_root root;

	acpi_build(&b, true);
	b.data[32]++;
	CHECK(acpi_open_at(&source, ACPI_MEMORY_BASE, &root) != OK);
	acpi_build(&b, true);
	CHECK_EQ(acpi_open_at(&source, ACPI_MEMORY_BASE, &root), OK);
	CHECK_EQ(acpi_find(&root, "APIC", &table), OK);
	b.data[(table.data - b.data) + 20]++;
	CHECK_EQ(acpi_find(&root, "APIC", &table), ERR_NOENT);
}

static void set_len(struct acpi_builder *b, size_t at, uint64_t len, size_t have)
{
	put_le(b->data + at + 4, len, 4);
	if (len <= have && len >= 36)
		acpi_fix_sum(b->data + at, len, 9);
}

/* Every table with many lengths, sums fixed, memory cut to exactly what is there. */
static void test_lengths(void)
{
	static const uint32_t length[] = {0,  1,  35,  36,  37,  43,  44,  45,         46,
					  52, 60, 115, 116, 117, 128, 129, 0x7fffffff, 0xffffffff};
	static struct acpi_builder b;

	for (unsigned table = 0; table < 5; table++) {
		for (size_t i = 0; i < sizeof(length) / sizeof(length[0]); i++) {
			size_t at = 48;
			uint8_t *copy;

			acpi_build(&b, true);
			for (unsigned skip = 0; skip < table; skip++)
				at += ((size_t)b.data[at + 4] + b.data[at + 5] * 256u + 15) / 16 *
				      16;
			set_len(&b, at, length[i], b.len - at);
			copy = check_copy(b.data, b.len);
			acpi_read_all(copy, b.len);
			free(copy);
		}
	}
}

/* Random bytes in every place, with the sums put right so that the readers go on. */
static void test_mutations(void)
{
	static struct acpi_builder b;
	uint64_t seed = 4711;

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t *copy;
		size_t at;

		acpi_build(&b, round & 1);
		for (unsigned i = 0; i < 4; i++)
			b.data[check_random(&seed) % b.len] = (uint8_t)check_random(&seed);
		for (at = 48; at + 36 <= b.len;) {
			size_t len = (size_t)b.data[at + 4] | (size_t)b.data[at + 5] << 8;

			if (len < 36 || len > b.len - at)
				break;
			acpi_fix_sum(b.data + at, len, 9);
			at += (len + 15) / 16 * 16;
		}
		acpi_fix_sum(b.data, 20, 8);
		acpi_fix_sum(b.data, 36, 32);
		copy = check_copy(b.data, b.len);
		acpi_read_all(copy, b.len);
		free(copy);
	}
}

/* All one- to three-byte names around _S5_, cut at every byte. */
static void test_s5_bounds(void)
{
	static const uint8_t aml[] = "\x08_S5_\x12\x06\x02\x0a\x05\x0a\x05";

	for (size_t len = 0; len < sizeof(aml); len++) {
		uint8_t *data = calloc(1, 36 + len);
		struct acpi_table table = {data, (uint32_t)(36 + len)};
		uint8_t a;
		uint8_t b;

		memcpy(data + 36, aml, len);
		CHECK_EQ(acpi_find_s5(&table, &a, &b), len == sizeof(aml) - 1 ? OK : ERR_NOENT);
		free(data);
	}
}

int main(void)
{
	test_good(false);
	test_good(true);
	test_bad_sums();
	test_lengths();
	test_mutations();
	test_s5_bounds();
	return check_done("acpi");
}
