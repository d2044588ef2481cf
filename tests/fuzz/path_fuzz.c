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
		size_t len = path_name_len(&part);

		CHECK(!last && len > 0 && len <= 255);
		CHECK(part.name >= seen && part.end <= end);
		CHECK(memchr(part.name, '/', len) == NULL);
		CHECK_EQ(part.tail_at - part.name, len & ~7ul);
		CHECK_EQ(part.tail, word_load_rest(part.tail_at, len & 7));
		/* Nothing but slashes between components: none is skipped. */
		for (; seen < part.name; seen++)
			CHECK(*seen == '/');
		CHECK_EQ(path_check_name(part.name, len) == OK,
			 path_kind_of(part.name, len) == PATH_NAME);
		seen = part.end;
		CHECK_EQ(path_wants_dir(&iter, &part), seen < end);
		last = path_is_last(&iter);
	}
	CHECK(error == ERR_NOENT || error == ERR_NAMETOOLONG);
	for (; error == ERR_NOENT && seen < end; seen++)
		CHECK(*seen == '/');
	return 0;
}
