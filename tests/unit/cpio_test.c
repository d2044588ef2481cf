/* SPDX-License-Identifier: BSD-2-Clause */
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
	test_hostile();
	test_broken_headers();
	test_first_bytes();
	return check_done("cpio");
}
