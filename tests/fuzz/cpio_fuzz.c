/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/cpio.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/check.h"

static void check_entry(const struct cpio_entry *entry, const uint8_t *data, size_t size)
{
	const uint8_t *name = (const uint8_t *)entry->name;

	CHECK(name >= data && name + entry->name_len < data + size);
	CHECK(entry->data >= data && entry->size <= size - (size_t)(entry->data - data));
	CHECK(memchr(name, 0, entry->name_len) == NULL);
	CHECK(entry->name_len == 0 || (name[0] != '/' && name[entry->name_len - 1] != '/'));
	for (size_t at = 0; at + 1 < entry->name_len; at++) {
		if (name[at] == '.' && name[at + 1] == '.' && (at == 0 || name[at - 1] == '/'))
			CHECK(at + 2 < entry->name_len && name[at + 2] != '/');
	}
	if ((entry->mode & 0170000) == 0120000)
		CHECK(entry->size > 0 && memchr(entry->data, 0, entry->size) == NULL);
	else
		CHECK(entry->size == 0 || (entry->mode & 0170000) == 0100000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpio_entry entry;
	struct cpio cpio;
	size_t count = 0;
	enum err error;

	cpio_begin(&cpio, data, size);
	while ((error = cpio_next(&cpio, &entry)) == OK) {
		check_entry(&entry, data, size);
		count++;
	}
	CHECK(error == ERR_NOENT || (error == ERR_INVAL && cpio.reason != NULL));
	CHECK(count <= size / 112);
	return 0;
}
