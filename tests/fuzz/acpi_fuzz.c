/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/acpi_memory.h"
#include "tests/fuzz/fuzz.h"

/* Sums are put right first, or nearly every input would end at the first of them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = check_copy(data, size);

	if (size >= 36) {
		memcpy(copy, "RSD PTR ", 8);
		acpi_fix_sum(copy, 20, 8);
		acpi_fix_sum(copy, 36, 32);
	}
	for (size_t at = 48; at + 36 <= size;) {
		size_t len = (size_t)copy[at + 4] | (size_t)copy[at + 5] << 8 |
			     (size_t)copy[at + 6] << 16 | (size_t)copy[at + 7] << 24;

		if (len < 36 || len > size - at)
			break;
		acpi_fix_sum(copy + at, len, 9);
		at += (len + 15) / 16 * 16;
	}
	acpi_read_all(copy, size);
	free(copy);
	return 0;
}
