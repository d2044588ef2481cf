/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Made MADTs, good and broken, and the CPUs that are to be started for each. A table is written as
 * words: L3 an enabled CPU with APIC 3, l3 one that is not, o3 one that may come later; X300, x300
 * the same as x2APIC entries; L1-9 several; I an IOAPIC, N an NMI of a pin that there is not, K an
 * entry of no known kind, S one too short for its kind; Z an entry of length 0 and z of length 1,
 * behind which nothing can be read; T one that ends behind the table. "2:" is a machine in x2APIC
 * mode, "s5:" one whose first CPU has APIC 5 instead of 0.
 */
#include "drv/acpi/cpu_list.h"
#include "kernel/x86/apic_mode.h"
#include "tests/acpi_memory.h"
#include "tests/unit/check.h"

#define TABLE_MAX (256u << 10)

static const struct {
	const char *table, *ids;
	uint32_t unreachable, too_many;
} cases[] = {
	{"", "", 0, 0},
	{"L0", "", 0, 0},
	{"L0 L1", "1", 0, 0},
	{"L1 L0", "1", 0, 0},
	{"L1", "1", 0, 0}, /* the first CPU is not in it */
	{"L0 L1 L1", "1", 0, 0},
	{"L0 L0 L0", "", 0, 0},
	{"L0 L1 L0 L1 L2 L1", "1 2", 0, 0},
	{"L0 l1 L2", "2", 0, 0},
	{"l0 L1", "1", 0, 0}, /* the first CPU is said to be disabled */
	{"l1 L1", "1", 0, 0},
	{"L1 l1", "1", 0, 0},
	{"l0 l1 l2", "", 0, 0},
	{"L0 o1 L2", "2", 0, 0},
	{"o0 o1", "", 0, 0},
	{"L0 L255", "", 1, 0}, /* would be an INIT to everybody */
	{"L255 L255 L1", "1", 2, 0},
	{"L0 L254", "254", 0, 0},
	{"L0 X254", "254", 0, 0},
	{"L0 X255", "", 1, 0},
	{"L0 X256", "", 1, 0}, /* 0 in eight bits: the first CPU */
	{"L0 X257 L1", "1", 1, 0},
	{"L0 X4294967295", "", 1, 0},
	{"2:L0 X255", "255", 0, 0},
	{"2:L0 X256 X300", "256 300", 0, 0},
	{"2:L0 L1 X1 X0", "1", 0, 0}, /* both kinds name the same CPU */
	{"2:L0 X4294967294", "4294967294", 0, 0},
	{"2:L0 X4294967295", "", 1, 0},
	{"2:x300 X301 x302", "301", 0, 0},
	{"s5:L0 L5 L9", "0 9", 0, 0},
	{"s5:L5", "", 0, 0},
	{"s300:2:L0 X300", "0", 0, 0},
	{"I L0 I L1 I", "1", 0, 0},
	{"N L1", "1", 0, 0},
	{"N N N", "", 0, 0},
	{"K L1 K", "1", 0, 0},
	{"S L1", "1", 0, 0},
	{"S S S L1 S L2", "1 2", 0, 0},
	{"L1 Z L2", "1", 0, 0},
	{"Z L1", "", 0, 0},
	{"L1 z L2", "1", 0, 0},
	{"z", "", 0, 0},
	{"L1 T", "1", 0, 0},
	{"T", "", 0, 0},
	{"L1 L2 L3 T", "1 2 3", 0, 0},
	{"L0 L1 L2 L3 L4 L5 L6 L7", "1 2 3 4 5 6 7", 0, 0},
	{"L7 L5 L3 L1", "7 5 3 1", 0, 0},
	{"L0 L128 L64 L200", "128 64 200", 0, 0},
	{"L0-63", "1-63", 0, 0},
	{"L0-64", "1-63", 0, 1},
	{"L0-254", "1-63", 0, 191},
	{"L0-255", "1-63", 1, 191},
	{"l0-255", "", 0, 0},
	{"L0-63 L0-63", "1-63", 0, 0},
	{"L0-70 L0-70", "1-63", 0, 14},
	{"L255 L0-63", "1-63", 1, 0},
	{"X0-63", "1-63", 0, 0},
	{"X0-4095", "1-63", 3841, 191},
	{"2:X0-4095", "1-63", 0, 4032},
	{"2:X4095-4095 X0-3", "4095 1 2 3", 0, 0},
	{"X256-4351", "", 4096, 0},
	{"K K K K K K K K L1", "1", 0, 0},
	{"I N S K L1 Z", "1", 0, 0},
	{"o1 l2 L3 X4 x5 X3", "3 4", 0, 0},
};

static uint8_t table[TABLE_MAX];
static size_t len;
static bool in_x2;

static void put_cpu(char kind, uint32_t id)
{
	uint8_t *entry = table + len;
	uint32_t flags = kind == 'o' ? 2 : kind == 'L' || kind == 'X';

	memset(entry, 0, 16);
	if (kind == 'X' || kind == 'x') {
		entry[0] = MADT_X2APIC;
		put_le(entry + 4, id, 4);
		put_le(entry + 8, flags, 4);
		len += entry[1] = 16;
	} else {
		entry[3] = (uint8_t)id;
		put_le(entry + 4, flags, 4);
		len += entry[1] = 8;
	}
}

static void put_odd(char kind)
{
	static const struct {
		char kind;
		uint8_t bytes[12], len;
	} odd[] = {
		{'I', {MADT_IOAPIC, 12}, 12},
		{'N', {MADT_LAPIC_NMI, 6, 0xff, 0xff, 0xff, 0xff}, 6},
		{'K', {77, 9}, 9},
		{'S', {MADT_LAPIC, 4, 0, 1}, 4},
		{'Z', {MADT_LAPIC, 0}, 2},
		{'z', {MADT_LAPIC, 1}, 2},
		{'T', {MADT_LAPIC, 8, 0, 9, 1}, 5},
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		if (odd[i].kind != kind)
			continue;
		memcpy(table + len, odd[i].bytes, odd[i].len);
		len += odd[i].len;
		return;
	}
	CHECK(!"a word of no meaning");
}

/* "12-15" or "12"; gives where it ends. */
static const char *read_range(const char *text, uint32_t *first, uint32_t *last)
{
	char *end;

	*first = *last = (uint32_t)strtoul(text, &end, 10);
	if (*end == '-')
		*last = (uint32_t)strtoul(end + 1, &end, 10);
	return end;
}

static void build(const char *words)
{
	uint32_t first, last;

	memset(table, 0, 44);
	memcpy(table, "APIC", 4);
	len = 44;
	while (*words) {
		char kind = *words++;

		if (strchr("LloXx", kind)) {
			words = read_range(words, &first, &last);
			for (uint32_t id = first; id <= last && id >= first; id++)
				put_cpu(kind, id);
		} else if (kind != ' ') {
			put_odd(kind);
		}
	}
	put_le(table + 4, len, 4);
}

static bool reaches(uint32_t id)
{
	return apic_mode_reaches(in_x2 ? APIC_MODE_MSR : APIC_MODE_MEMORY, id);
}

static void check_ids(const struct cpu_list *list, const char *ids)
{
	uint32_t first, last, at = 0;

	while (*ids) {
		ids = read_range(ids, &first, &last);
		for (uint32_t id = first; id <= last; id++, at++)
			CHECK(at < list->count && list->ids[at] == id);
		ids += *ids == ' ';
	}
	CHECK_EQ(at, list->count);
}

/* Memory that ends with the table: ASan sees a read behind it. */
static void run_case(size_t number)
{
	const char *words = cases[number].table;
	uint32_t self = 0, same;
	struct cpu_list list;
	struct madt madt;

	if (*words == 's')
		words = read_range(words + 1, &self, &same) + 1;
	in_x2 = *words == '2';
	build(in_x2 ? words + 2 : words);
	struct acpi_table copy = {check_copy(table, len), (uint32_t)len};
	CHECK_EQ(madt_begin(&copy, &madt), OK);
	cpu_list_read(madt, self, reaches, CPU_LIST_MAX - 1, &list);
	check_ids(&list, cases[number].ids);
	CHECK_EQ(list.unreachable, cases[number].unreachable);
	CHECK_EQ(list.too_many, cases[number].too_many);
	free((void *)copy.data);
}

int main(void)
{
	_Static_assert(sizeof(cases) / sizeof(cases[0]) >= 60, "sixty made tables");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(i);
	return check_done("cpu_list");
}
