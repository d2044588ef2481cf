/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "fs/cpio.h"
#include "tests/unit/check.h"

struct archive {
	uint8_t bytes[16384];
	size_t len;
	size_t start;
};

static void pad(struct archive *a)
{
	while ((a->len - a->start) % 4)
		a->bytes[a->len++] = 0;
}

static void add(struct archive *a, const char *name, uint32_t mode, const char *data, size_t size)
{
	a->len += (size_t)sprintf((char *)a->bytes + a->len,
				  "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08zx%08x", 7,
				  mode, 1000, 100, 1, 5, (unsigned)size, 8, 1, 4, 64,
				  strlen(name) + 1, 0);
	memcpy(a->bytes + a->len, name, strlen(name) + 1);
	a->len += strlen(name) + 1;
	pad(a);
	if (data != NULL) {
		memcpy(a->bytes + a->len, data, size);
		a->len += size;
	}
	pad(a);
}

static void finish(struct archive *a)
{
	add(a, "TRAILER!!!", 0, NULL, 0);
}

/* Read to the end; give the last error and the number of entries. */
static enum err read_all(const struct archive *a, size_t len, unsigned *count, const char **reason)
{
	uint8_t *copy = check_copy(a->bytes, len);
	struct cpio_entry entry;
	struct cpio cpio;
	enum err error;

	*count = 0;
	cpio_begin(&cpio, copy, len);
	while ((error = cpio_next(&cpio, &entry)) == OK)
		(*count)++;
	CHECK_EQ(cpio_next(&cpio, &entry), error);
	CHECK(error != ERR_INVAL || cpio.reason != NULL);
	if (reason != NULL)
		*reason = cpio.reason;
	free(copy);
	return error;
}

static void test_good(void)
{
	static struct archive a;
	struct cpio_entry e;
	struct cpio cpio;

	add(&a, ".", 040755, NULL, 0);
	add(&a, "./bin/", 040755, NULL, 0);
	add(&a, "/bin/sh", 0100755, "hello", 5);
	add(&a, ".//./etc/link", 0120777, "../x", 4);
	add(&a, "dev/tty", 020620, NULL, 0);
	finish(&a);
	/* A second archive, at an odd place, after zeros. */
	a.len += 513;
	a.start = a.len;
	add(&a, "second", 0100644, "", 0);
	finish(&a);
	a.len += 7;
	cpio_begin(&cpio, a.bytes, a.len);
	CHECK_EQ(cpio_next(&cpio, &e), OK);
	CHECK(e.name_len == 0 && e.mode == 040755 && e.ino == 7 && e.uid == 1000 && e.gid == 100);
	CHECK(e.mtime == 5 && e.dev_major == 8 && e.dev_minor == 1 && e.nlink == 1);
	CHECK_EQ(cpio_next(&cpio, &e), OK);
	CHECK(e.name_len == 3 && memcmp(e.name, "bin", 3) == 0);
	CHECK_EQ(cpio_next(&cpio, &e), OK);
	CHECK(e.name_len == 6 && memcmp(e.name, "bin/sh", 6) == 0);
	CHECK(e.size == 5 && memcmp(e.data, "hello", 5) == 0);
	CHECK_EQ(cpio_next(&cpio, &e), OK);
	CHECK(e.name_len == 8 && memcmp(e.name, "etc/link", 8) == 0 && e.size == 4);
	CHECK_EQ(cpio_next(&cpio, &e), OK);
	CHECK(e.rdev_major == 4 && e.rdev_minor == 64);
	CHECK_EQ(cpio_next(&cpio, &e), OK);
	CHECK(e.name_len == 6 && e.size == 0);
	CHECK_EQ(cpio_next(&cpio, &e), ERR_NOENT);
	CHECK_EQ(cpio_next(&cpio, &e), ERR_NOENT);
}

/* Cut anywhere but between archives: refused, and nothing beyond the cut is read. */
static void test_cuts(void)
{
	static struct archive a;
	unsigned count;

	add(&a, "file", 0100644, "some data", 9);
	add(&a, "other", 0100644, "more", 4);
	finish(&a);
	for (size_t len = 0; len <= a.len; len++) {
		enum err error = read_all(&a, len, &count, NULL);
		/* The trailer's own padding may be missing. */
		bool whole = len == 0 || len >= a.len - 3;

		CHECK_EQ(error, whole ? ERR_NOENT : ERR_INVAL);
		CHECK(len < a.len || count == 2);
	}
}

/* Where each cut falls: in the header's magic or behind it, in the name, in the data. */
static void test_reasons_of_cuts(void)
{
	static struct archive a;
	const char *reason;
	unsigned count;

	add(&a, "name", 0100644, "data", 4);
	for (size_t len = 1; len <= a.len; len++) {
		const char *expected = len < 110     ? "archive ends inside a header"
				       : len < 115   ? "archive ends inside a name"
				       : len < a.len ? "archive ends inside a file's data"
						     : "archive ends without a trailer";

		CHECK_EQ(read_all(&a, len, &count, &reason), ERR_INVAL);
		CHECK(strcmp(reason, expected) == 0);
	}
	/* Padding may be missing at the very end. */
	memset(&a, 0, sizeof(a));
	add(&a, "abcd", 040755, NULL, 0);
	CHECK_EQ(read_all(&a, 115, &count, &reason), ERR_INVAL);
	CHECK(count == 1 && strcmp(reason, "archive ends without a trailer") == 0);
	memset(&a, 0, sizeof(a));
	add(&a, "a", 0100644, "x", 1);
	CHECK_EQ(read_all(&a, 113, &count, &reason), ERR_INVAL);
	CHECK_EQ(read_all(&a, a.len - 3, &count, &reason), ERR_INVAL);
	CHECK(count == 1 && strcmp(reason, "archive ends without a trailer") == 0);
}

/* The eight digits of header field @field, "newc"'s 0 to 12. */
static void set_field(struct archive *a, unsigned field, uint32_t value)
{
	char digits[9];

	sprintf(digits, "%08x", value);
	memcpy(a->bytes + 6 + 8 * field, digits, 8);
}

static void test_name_sizes(void)
{
	static const struct {
		uint32_t size;
		const char *reason;
	} cases[] = {
		{0, "name size out of range"},
		{1, "name size out of range"},
		{2, NULL},
		{3, "name not ended by its only NUL"},
		{4096, NULL},
		{4097, "name size out of range"},
		{0xffffffff, "name size out of range"},
	};
	static struct archive a;
	const char *reason;
	unsigned count;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&a, 0, sizeof(a));
		add(&a, "a", 0100644, NULL, 0);
		set_field(&a, 11, cases[i].size);
		if (cases[i].size == 4096) {
			for (size_t at = 0; at < 4095; at++)
				a.bytes[110 + at] = "abcdefg/"[at % 8];
			a.bytes[110 + 4095] = '\0';
			a.len = 110 + 4096;
			pad(&a);
		}
		finish(&a);
		CHECK_EQ(read_all(&a, a.len, &count, &reason),
			 cases[i].reason ? ERR_INVAL : ERR_NOENT);
		CHECK(cases[i].reason ? count == 0 && strcmp(reason, cases[i].reason) == 0
				      : count == 1);
	}
}

/* @name, @mode and a data's size that are taken, and what the name is read as. */
static void take(const char *name, uint32_t mode, size_t size, const char *expected)
{
	static struct archive a;
	static char data[4096];
	struct cpio_entry entry;
	struct cpio cpio;

	memset(&a, 0, sizeof(a));
	memset(data, 'd', sizeof(data));
	add(&a, name, mode, data, size);
	finish(&a);
	cpio_begin(&cpio, a.bytes, a.len);
	CHECK_EQ(cpio_next(&cpio, &entry), OK);
	CHECK(entry.mode == mode && entry.size == size && entry.name_len == strlen(expected));
	CHECK(memcmp(entry.name, expected, entry.name_len) == 0);
	CHECK_EQ(cpio_next(&cpio, &entry), ERR_NOENT);
}

static void test_odd_and_good(void)
{
	static struct archive a;
	char name[256];
	unsigned count;

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	take(name, 0100644, 0, name);
	take(".x", 0100644, 1, ".x");
	take("x.", 0100644, 1, "x.");
	take("...", 0100644, 1, "...");
	take("..x/x../xx", 0100644, 1, "..x/x../xx");
	take("/", 040755, 0, "");
	take("//././/", 040755, 0, "");
	take("./", 040755, 0, "");
	take("/x", 040755, 0, "x");
	take("x/", 040755, 0, "x");
	take("./x//", 040755, 0, "x");
	take("0123456789", 0100644, 0, "0123456789");
	take("TRAILER!!x", 0100644, 0, "TRAILER!!x");
	take("TRAILER!!!x", 0100644, 0, "TRAILER!!!x");
	take("link", 0120777, 1, "link");
	take("link", 0120777, 4095, "link");
	for (uint32_t type = 0; type < 32; type++) {
		uint32_t mode = type << 12 | 07777;

		memset(&a, 0, sizeof(a));
		add(&a, "x", mode, "t", type == 10);
		finish(&a);
		CHECK_EQ(read_all(&a, a.len, &count, NULL),
			 type < 16 && (0x1556 >> type & 1) ? ERR_NOENT : ERR_INVAL);
	}
}

/* The second magic is that of archives with a checksum, which is not looked at. */
static void test_magic(void)
{
	static struct archive a;
	unsigned count;

	add(&a, "x", 0100644, "data", 4);
	finish(&a);
	a.bytes[5] = '2';
	CHECK_EQ(read_all(&a, a.len, &count, NULL), ERR_NOENT);
	CHECK_EQ(count, 1);
	for (int c = 0; c < 256; c++) {
		a.bytes[5] = (uint8_t)c;
		CHECK_EQ(read_all(&a, a.len, &count, NULL),
			 c == '1' || c == '2' ? ERR_NOENT : ERR_INVAL);
	}
}

static void refuse(const char *name, uint32_t mode, const char *data, size_t size)
{
	static struct archive a;
	const char *reason;
	unsigned count;

	memset(&a, 0, sizeof(a));
	add(&a, name, mode, data, size);
	finish(&a);
	if (read_all(&a, a.len, &count, &reason) != ERR_INVAL)
		fprintf(stderr, "not refused: %s\n", name);
	CHECK_EQ(read_all(&a, a.len, &count, &reason), ERR_INVAL);
	CHECK_EQ(count, 0);
}

static void test_hostile(void)
{
	char name[300];
	char target[4097];

	refuse("../x", 0100644, "", 0);
	refuse("a/../x", 0100644, "", 0);
	refuse("a/..", 040755, NULL, 0);
	refuse("/..", 040755, NULL, 0);
	refuse("./../x", 0100644, "", 0);
	refuse("", 0100644, "", 0);
	refuse(".", 0100644, "", 0);
	refuse("/", 0120777, "x", 1);
	refuse("x", 0, "", 0);
	refuse("x", 030644, "", 0);
	refuse("x", 0300644, "", 0);
	refuse("x", 0100100644, "", 0);
	refuse("dir", 040755, "data", 4);
	refuse("dev", 020600, "data", 4);
	refuse("link", 0120777, NULL, 0);
	refuse("link", 0120777, "a\0b", 3);
	memset(target, 'a', sizeof(target));
	refuse("link", 0120777, target, 4096);
	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	refuse(name, 0100644, "", 0);
	refuse("huge", 0100644, NULL, 0xffffffff);
	refuse("huge", 0100644, NULL, 0xfffffff0);
	refuse("huge", 0100644, NULL, 0x7fffffff);
}

/* Every byte of header and name, broken in turn: an answer, never a crash. */
static void test_broken_headers(void)
{
	static struct archive good;
	static struct archive a;
	unsigned count;

	add(&good, "name", 0100644, "data", 4);
	finish(&good);
	for (size_t at = 0; at < good.len; at++) {
		for (unsigned byte = 0; byte < 256; byte += 1 + byte % 13) {
			a = good;
			a.bytes[at] = (uint8_t)byte;
			enum err error = read_all(&a, a.len, &count, NULL);

			CHECK(error == ERR_INVAL || error == ERR_NOENT);
			CHECK(at >= 110 || error == ERR_INVAL ||
			      strchr("0123456789abcdefABCDEF", (int)byte));
		}
	}
}

static void test_first_bytes(void)
{
	static struct archive a;
	const char *reason;
	unsigned count;

	memcpy(a.bytes, "\x1f\x8b\x08 compressed", 14);
	CHECK_EQ(read_all(&a, 14, &count, &reason), ERR_INVAL);
	CHECK(strcmp(reason, "not a newc cpio archive") == 0);
	memset(a.bytes, 0, 64);
	CHECK_EQ(read_all(&a, 64, &count, &reason), ERR_NOENT);
	a.len = 0;
	add(&a, "x", 0100644, "", 0);
	finish(&a);
	memcpy(a.bytes + a.len, "junk", 4);
	CHECK_EQ(read_all(&a, a.len + 4, &count, &reason), ERR_INVAL);
	CHECK_EQ(count, 1);
}

int main(void)
{
	test_good();
	test_cuts();
	test_reasons_of_cuts();
	test_name_sizes();
	test_odd_and_good();
	test_magic();
	test_hostile();
	test_broken_headers();
	test_first_bytes();
	return check_done("cpio");
}
