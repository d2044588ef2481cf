/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/acpi/fadt.h"

#include "kernel/lib/bits.h"

#include "drv/acpi/tables_internal.h"

#define FADT_1_BYTES   116
#define FLAG_TIMER_32  BIT(8)
#define FLAG_RESET     BIT(10)
#define BOOT_ARCH_8042 BIT(1)
#define HPET_BYTES     56

/* Generic address structure: space, bit width, bit offset, access size, 64-bit address. */
static struct acpi_register read_gas(const struct acpi_table *table, uint32_t at)
{
	struct acpi_register none = {0};
	uint64_t address;

	if (table->len < at + 12)
		return none;
	address = acpi_u64(table->data, at + 4);
	if (table->data[at] == ACPI_SPACE_PORT && address < 0x10000)
		return (struct acpi_register){ACPI_SPACE_PORT, address};
	if (table->data[at] == ACPI_SPACE_MEMORY)
		return (struct acpi_register){ACPI_SPACE_MEMORY, address};
	return none;
}

/* The extended field where there is one, else the port of revision 1. */
static struct acpi_register read_register(const struct acpi_table *table, uint32_t extended,
					  uint32_t old)
{
	struct acpi_register reg = read_gas(table, extended);
	uint32_t port = acpi_u32(table->data, old);

	if (reg.address == 0 && port < 0x10000)
		reg = (struct acpi_register){ACPI_SPACE_PORT, port};
	return reg;
}

static uint64_t read_dsdt_address(const struct acpi_table *table)
{
	uint64_t extended = table->len >= 148 ? acpi_u64(table->data, 140) : 0;

	return extended != 0 ? extended : acpi_u32(table->data, 40);
}

enum err acpi_read_fadt(const struct acpi_table *table, struct acpi_fadt *fadt)
{
	const uint8_t *data = table->data;
	struct acpi_fadt here = {0};
	uint32_t flags;

	if (table->len < FADT_1_BYTES)
		return ERR_INVAL;
	flags = acpi_u32(data, 112);
	here.dsdt_address = read_dsdt_address(table);
	here.smi_command_port = acpi_u32(data, 48) < 0x10000 ? acpi_u32(data, 48) : 0;
	here.acpi_enable = data[52];
	here.acpi_disable = data[53];
	here.pm1a_control = read_register(table, 172, 64);
	here.pm1b_control = read_register(table, 184, 68);
	here.pm_timer = read_register(table, 208, 76);
	here.rtc_century = data[108];
	here.pm_timer_is_32_bit = flags & FLAG_TIMER_32;
	if (table->len >= 129 && (flags & FLAG_RESET)) {
		here.reset = read_gas(table, 116);
		here.reset_value = data[128];
	}
	/* Revision 1 has no such flags: those machines all have the controller. */
	here.has_8042 = data[8] < 2 || (acpi_u16(data, 109) & BOOT_ARCH_8042);
	*fadt = here;
	return OK;
}

enum err acpi_read_hpet(const struct acpi_table *table, struct acpi_hpet *hpet)
{
	struct acpi_register reg;

	if (table->len < HPET_BYTES)
		return ERR_INVAL;
	reg = read_gas(table, 40);
	if (reg.space != ACPI_SPACE_MEMORY || reg.address == 0 || !is_aligned(reg.address, 4096))
		return ERR_INVAL;
	hpet->address = reg.address;
	hpet->min_tick = acpi_u16(table->data, 53);
	return OK;
}

/* The few bytes of AML around a name, read with bounds. */
struct aml {
	const uint8_t *data;
	uint32_t len;
	uint32_t at;
};

enum {
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_NAME = 0x08,
	AML_BYTE = 0x0a,
	AML_PACKAGE = 0x12,
	AML_ROOT = '\\',
};

static bool next_byte(struct aml *aml, uint8_t *byte)
{
	if (aml->at >= aml->len)
		return false;
	*byte = aml->data[aml->at++];
	return true;
}

/* ZeroOp, OneOp or BytePrefix: what every known \_S5_ holds. */
static bool next_sleep_type(struct aml *aml, uint8_t *value)
{
	uint8_t op;

	if (!next_byte(aml, &op))
		return false;
	if (op == AML_BYTE) {
		if (!next_byte(aml, &op))
			return false;
	} else if (op != AML_ZERO && op != AML_ONE) {
		return false;
	}
	*value = op;
	return op <= 7;
}

/* @aml stands behind the name: PackageOp, PkgLength (1 to 4 bytes), NumElements, elements. */
static bool read_package(struct aml *aml, uint8_t *typ_a, uint8_t *typ_b)
{
	uint8_t op;
	uint8_t lead;
	uint8_t elements;

	if (!next_byte(aml, &op) || op != AML_PACKAGE || !next_byte(aml, &lead))
		return false;
	aml->at += lead >> 6;
	return next_byte(aml, &elements) && elements >= 1 && next_sleep_type(aml, typ_a) &&
	       (elements == 1 || next_sleep_type(aml, typ_b));
}

static bool is_name_of_s5(const uint8_t *data, uint32_t at)
{
	if (memcmp(data + at, "_S5_", 4) != 0)
		return false;
	return data[at - 1] == AML_NAME || (data[at - 1] == AML_ROOT && data[at - 2] == AML_NAME);
}

enum err acpi_find_s5(const struct acpi_table *dsdt, uint8_t *typ_a, uint8_t *typ_b)
{
	for (uint32_t at = ACPI_HEADER_BYTES; at + 4 <= dsdt->len; at++) {
		struct aml aml = {dsdt->data, dsdt->len, at + 4};
		uint8_t a = 0;
		uint8_t b = 0;

		if (is_name_of_s5(dsdt->data, at) && read_package(&aml, &a, &b)) {
			*typ_a = a;
			*typ_b = b;
			return OK;
		}
	}
	return ERR_NOENT;
}
