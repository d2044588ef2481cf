/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/path.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = (const char *)data;
	const char *end = path + size;
	struct path_component part;
	struct path_iter iter;
	const char *seen = path;
	bool last = false;
	enum err error = path_begin(&iter, path, size);

	if (size == 0 || size >= 4096) {
		CHECK_EQ(error, size == 0 ? ERR_NOENT : ERR_NAMETOOLONG);
		return 0;
	}
	CHECK_EQ(error == ERR_INVAL, memchr(path, 0, size) != NULL);
	if (error != OK)
		return 0;
	while ((error = path_next(&iter, &part)) == OK) {
		CHECK(!last && part.len > 0 && part.len <= 255);
		CHECK(part.name >= seen && part.name + part.len <= end);
		CHECK(memchr(part.name, '/', part.len) == NULL);
		/* Nothing but slashes between components: none is skipped. */
		for (; seen < part.name; seen++)
			CHECK(*seen == '/');
		CHECK_EQ(path_check_name(part.name, part.len) == OK, part.kind == PATH_NAME);
		seen = part.name + part.len;
		CHECK_EQ(part.must_be_dir, seen < end);
		last = part.last;
	}
	CHECK(error == ERR_NOENT || error == ERR_NAMETOOLONG);
	for (; error == ERR_NOENT && seen < end; seen++)
		CHECK(*seen == '/');
	return 0;
}
