/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of FADT and HPET, and the package of \_S5_, against ACPI 6.4 said once more. */
#include "drv/acpi/fadt.h"
#include "tests/unit/acpi_random.h"

/* Numbers around the end of the ports, none, or large ones. */
static uint64_t odd_address(void)
{
	static const uint64_t list[] = {0, 1, 0x608, 0xffff, 0x10000, 0xfed00000, 1ull << 32};

	return list[below(7)] | (below(9) ? 0 : check_random(&seed));
}

static bool same_register(struct acpi_register a, struct acpi_register b)
{
	return a.address == b.address && (!a.address || a.space == b.space);
}

static struct acpi_register generic(size_t at)
{
	struct acpi_register found = {0};

	if (table.len < at + 12 || table.data[at] > 1)
		return found;
	found.space = table.data[at] ? ACPI_SPACE_PORT : ACPI_SPACE_MEMORY;
	found.address = field(at + 4, 8);
	if (found.space == ACPI_SPACE_PORT && found.address > 0xffff)
		found.address = 0;
	return found;
}

static struct acpi_register either(size_t extended, size_t old)
{
	struct acpi_register found = generic(extended);

	if (!found.address && field(old, 4) <= 0xffff)
		found = (struct acpi_register){ACPI_SPACE_PORT, field(old, 4)};
	return found;
}

static void check_fadt(void)
{
	bool resets = table.len > 128 && (field(112, 4) >> 10 & 1);
	struct acpi_fadt fadt = {0};

	CHECK_EQ(acpi_read_fadt(&table, &fadt), table.len < 116 ? ERR_INVAL : OK);
	if (table.len < 116)
		return;
	CHECK_EQ(fadt.dsdt_address,
		 table.len >= 148 && field(140, 8) ? field(140, 8) : field(40, 4));
	CHECK_EQ(fadt.smi_command_port, field(48, 4) > 0xffff ? 0 : field(48, 4));
	CHECK(fadt.acpi_enable == table.data[52] && fadt.acpi_disable == table.data[53]);
	CHECK(same_register(fadt.pm1a_control, either(172, 64)));
	CHECK(same_register(fadt.pm1b_control, either(184, 68)));
	CHECK(same_register(fadt.pm_timer, either(208, 76)));
	CHECK_EQ(fadt.pm_timer_is_32_bit, field(112, 4) >> 8 & 1);
	CHECK_EQ(fadt.rtc_century, table.data[108]);
	CHECK(same_register(fadt.reset, resets ? generic(116) : (struct acpi_register){0}));
	CHECK_EQ(fadt.reset_value, resets ? table.data[128] : 0);
	CHECK_EQ(fadt.has_8042, table.data[8] < 2 || (table.data[109] & 2));
}

static void test_fadt(void)
{
	static const uint16_t lengths[] = {0,   115, 116, 128, 129, 147, 148, 183,
					   184, 195, 196, 219, 220, 244, 276};
	static const uint16_t wide[] = {120, 140, 176, 188, 212};
	static const uint16_t old[] = {48, 64, 68, 76};

	for (unsigned round = 0; round < ROUNDS; round++) {
		random_bytes();
		bytes[8] &= 3;
		for (size_t i = 0; i < 5; i++)
			put(wide[i], 8, odd_address());
		for (size_t i = 0; i < 4; i++)
			put(old[i], 4, odd_address());
		for (size_t at = 116; at < 209; at += at == 116 ? 56 : at == 172 ? 12 : 24)
			bytes[at] &= 3;
		begin(lengths[below(15)]);
		check_fadt();
	}
}

static void test_hpet(void)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct acpi_hpet hpet = {0};
		bool good;

		random_bytes();
		bytes[40] = below(4) == 0;
		put(44, 8, below(4) ? odd_address() : (check_random(&seed) & ~0xfffull) | below(2));
		begin(54 + (uint32_t)below(4));
		good = table.len >= 56 && !table.data[40] && field(44, 8) &&
		       field(44, 8) % 4096 == 0;
		CHECK_EQ(acpi_read_hpet(&table, &hpet), good ? OK : ERR_INVAL);
		CHECK_EQ(hpet.address, good ? field(44, 8) : 0);
		CHECK_EQ(hpet.min_tick, good ? field(53, 2) : 0);
	}
}

/* One of a package's elements; what stands at @at is at its end then. */
static bool model_element(size_t *at, uint8_t *value)
{
	bool is_byte = *at < table.len && table.data[*at] == 0x0a;

	*at += is_byte;
	if (*at >= table.len || (!is_byte && table.data[*at] > 1) || table.data[*at] > 7)
		return false;
	*value = table.data[(*at)++];
	return true;
}

static bool model_s5(size_t at, uint8_t *a, uint8_t *b)
{
	const uint8_t *name = table.data + at;
	bool defined = name[-1] == 8 || (name[-1] == '\\' && name[-2] == 8);
	uint8_t elements;

	*b = 0;
	at += 4;
	if (!defined || memcmp(name, "_S5_", 4) != 0 || at + 2 > table.len || name[4] != 0x12)
		return false;
	at += 2 + (name[5] >> 6);
	if (at >= table.len || table.data[at] == 0)
		return false;
	elements = table.data[at++];
	return model_element(&at, a) && (elements == 1 || model_element(&at, b));
}

/* The first package that is there, or none. */
static void check_s5(uint32_t len)
{
	uint8_t a = 99, b = 99, want_a = 99, want_b = 99;
	bool found = false;

	begin(len);
	for (size_t at = 36; !found && at + 4 <= len; at++)
		found = model_s5(at, &want_a, &want_b);
	CHECK_EQ(acpi_find_s5(&table, &a, &b), found ? OK : ERR_NOENT);
	CHECK(found ? a == want_a && b == want_b : a == 99 && b == 99);
}

/* All numbers of elements, and all kinds of them, behind lengths of one to four bytes. */
static void test_packages(void)
{
	for (unsigned i = 0; i < 4 * 4 * 4 * 10; i++) {
		const uint8_t more = i % 4, ops[] = {0, 1, 2, 0x0a};
		uint8_t *at = bytes + 36;

		memset(bytes, 0, sizeof(bytes));
		memcpy(at, "\x08_S5_\x12", 6);
		at[6] = (uint8_t)(more << 6 | 6);
		at += 7 + more;
		*at++ = i / 4 % 4;
		for (unsigned element = 0; element < 2; element++) {
			*at++ = ops[i / 16 % 4];
			*at = (uint8_t)(i / 64);
			at += at[-1] == 0x0a;
		}
		check_s5((uint32_t)(at - bytes));
	}
}

static void test_s5(void)
{
	static const char *const words[] = {"_S5_", "_S5_", "_S5_", "_S5x", "\x08", "\x08", "\\",
					    "\x12", "\x12", "\x06", "\x46", "\x86", "\xc6", "\x01",
					    "\x02", "\x02", "\x0a", "\x05", "\x07", "\x08", "\x06"};

	for (unsigned round = 0; round < 8 * ROUNDS; round++) {
		uint32_t len = 36;

		memset(bytes, 0, 36);
		for (unsigned i = (unsigned)below(14); i > 0; i--) {
			const char *word = words[below(21)];

			memcpy(bytes + len, word, strlen(word));
			len += (uint32_t)strlen(word) + (below(12) == 0);
		}
		check_s5(len);
	}
}

int main(void)
{
	test_fadt();
	test_hpet();
	test_packages();
	test_s5();
	begin(0);
	free((void *)(uintptr_t)table.data);
	return check_done("acpi_fields");
}
