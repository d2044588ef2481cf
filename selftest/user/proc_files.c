/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M12-08: every file below /proc that a program can open, its own directory and its threads'
 * included, is the same from every offset and shows no address of the kernel's.
 */
#include "selftest/user/proc.h"

#define SYS_lseek 8

#define DEPTH_MAX   6
#define NAMES_MAX   4096
#define CHUNK       32
#define FILES_LEAST 40

static unsigned files_seen;

static int is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Sixteen digits that begin as those of the upper half do, and are not a number's -1. */
static int shows_address(const char *text, long len)
{
	long run = 0;

	for (long i = 0; i < len; i++) {
		run = is_hex(text[i]) ? run + 1 : 0;
		if (run == 16 && begins(text + i - 15, "ffff") &&
		    !begins(text + i - 15, "ffffffffffffffff"))
			return 1;
	}
	return 0;
}

/* Decimal, too: nothing is as large, but for what has no limit. */
static int shows_number(const char *text, long len)
{
	long run = 0;

	for (long i = 0; i < len; i++) {
		run = text[i] >= '0' && text[i] <= '9' ? run + 1 : 0;
		if (run >= 19 && !begins(text + i - run + 1, "18446744073709551615"))
			return 1;
	}
	return 0;
}

static int same(const char *a, const char *b, long len)
{
	return memcmp(a, b, (size_t)len) == 0;
}

static void check_file(const char *path)
{
	char again[CHUNK];
	long len = 0, got, fd = sys3(SYS_open, (long)path, 04000 /* O_NONBLOCK */, 0);

	CHECK(fd >= 0);
	while ((got = sys3(SYS_read, fd, (long)(proc_text + len), PROC_TEXT_BYTES - len)) > 0)
		len += got;
	CHECK(got == 0 && len < PROC_TEXT_BYTES);
	CHECK(!shows_address(proc_text, len) && !shows_number(proc_text, len));
	for (long at = 1; at < len; at += 1 + len / 512) {
		long want = len - at < CHUNK ? len - at : CHUNK;

		CHECK(sys6(SYS_pread64, fd, (long)again, CHUNK, at, 0, 0) == want);
		CHECK(same(again, proc_text + at, want));
	}
	CHECK(sys6(SYS_pread64, fd, (long)again, CHUNK, len, 0, 0) == 0);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
	files_seen++;
}

struct record {
	uint64_t ino;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

static int is_number(const char *name)
{
	return *name >= '0' && *name <= '9';
}

/* What the program was started with is no news to it: the runner tells attackers addresses there.
 */
static int is_own_text(const char *name)
{
	return begins(name, "environ");
}

static void walk(char *path, int depth)
{
	char names[NAMES_MAX] __attribute__((aligned(8)));
	long fd = sys3(SYS_open, (long)path, O_DIRECTORY, 0), bytes;
	size_t len = text_len(path);

	CHECK(fd >= 0 && depth < DEPTH_MAX);
	while ((bytes = sys3(SYS_getdents64, fd, (long)names, NAMES_MAX)) > 0) {
		for (long at = 0; at < bytes;) {
			const struct record *record = (const struct record *)(names + at);

			at += record->size;
			if (record->name[0] == '.' || (depth == 0 && is_number(record->name)))
				continue;
			path[len] = '/';
			memcpy(path + len + 1, record->name, text_len(record->name) + 1);
			if (record->type == DT_DIR)
				walk(path, depth + 1);
			else if (record->type == DT_REG && !is_own_text(record->name))
				check_file(path);
		}
		path[len] = 0;
	}
	CHECK(bytes == 0 && sys3(SYS_close, fd, 0, 0) == 0);
	path[len] = 0;
}

void test_main(const uint64_t *stack)
{
	static char path[256] = "/proc";

	(void)stack;
	CHECK(shows_address("x ffff800000012345 y", 20) && shows_number("9223372036854775808", 19));
	walk(path, 0);
	memcpy(path, "/proc/self", 11);
	walk(path, 1);
	CHECK(files_seen >= FILES_LEAST);
}
