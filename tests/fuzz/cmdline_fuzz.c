/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/cmdline.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/check.h"

/* The first byte says how small the line's buffer is; the rest is appended in two parts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const known[] = {"selftest", "quiet"};
	struct cmdline_word word;
	struct cmdline cmdline;
	size_t room;
	char *line;

	if (size < 1)
		return 0;
	room = 1u + data[0];
	line = calloc(1, room);
	(void)!cmdline_append(line, room, (const char *)data + 1, (size - 1) / 2);
	(void)!cmdline_append(line, room, (const char *)data + 1 + (size - 1) / 2,
			      size - 1 - (size - 1) / 2);
	CHECK(memchr(line, 0, room) != NULL);
	cmdline_begin(&cmdline, line);
	while (cmdline_next(&cmdline, &word)) {
		CHECK(word.name >= line && word.name + word.name_len < line + room);
		CHECK(word.value == NULL || word.value + word.value_len < line + room);
	}
	cmdline_begin(&cmdline, line);
	while (cmdline_next_for_init(&cmdline, known, 2, &word))
		CHECK(cmdline.init_only || !cmdline_is(&word, "quiet"));
	if (cmdline_find(line, "selftest", &word))
		CHECK(word.name_len == 8);
	free(line);
	return 0;
}
