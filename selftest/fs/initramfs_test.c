/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/fs.h"
#include "fs/root.h"
#include "kernel/core/log.h"
#include "mm/kstack.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"

#define ARCHIVE_MAX KIB(8)
#define HEADER      110u

struct archive {
	char *data;
	size_t len;
};

static void pad(struct archive *archive)
{
	while (archive->len % 4)
		archive->data[archive->len++] = '\0';
}

/* A newc header and what follows it. */
static void add(struct archive *archive, uint32_t ino, uint32_t mode, uint32_t nlink,
		const char *name, const char *data)
{
	format_text(archive->data + archive->len, HEADER + 1,
		    "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ino, mode, 7u, 8u,
		    nlink, 1000u, (unsigned)strlen(data), 0u, 0u, 1u, 3u,
		    (unsigned)strlen(name) + 1, 0u);
	archive->len += HEADER;
	memcpy(archive->data + archive->len, name, strlen(name) + 1);
	archive->len += strlen(name) + 1;
	pad(archive);
	memcpy(archive->data + archive->len, data, strlen(data));
	archive->len += strlen(data);
	pad(archive);
}

static bool content_is(const char *name, const char *expected)
{
	struct path_at at = fs_root_at(name);
	struct file *file;
	char text[32];
	int64_t len;

	CHECK(path_open(&at, O_RDONLY, 0, &file) == OK);
	len = fixture_read(file, text, sizeof(text));
	file_put(file);
	CHECK(len == (int64_t)strlen(expected) && !memcmp(text, expected, (size_t)len));
	return true;
}

static bool stat_root(const char *name, struct kstat *stat)
{
	struct path_at at = fs_root_at(name);
	struct path path;

	CHECK(path_lookup(&at, 0, &path) == OK);
	vfs_stat(&path, stat);
	path_put(&path);
	return true;
}

static enum err remove_root(const char *name, bool dir)
{
	struct path_at at = fs_root_at(name);

	return dir ? path_rmdir(&at) : path_unlink(&at);
}

SELFTEST(M12, 8, archive_becomes_files)
{
	struct archive archive = {.data = kzalloc(ARCHIVE_MAX)};
	struct kstat stat;
	struct kstat other;

	CHECK(archive.data);
	add(&archive, 1, S_IFDIR | 01750, 2, "selftest.d", "");
	/* The first name of a linked file has no data, the last one brings it. */
	add(&archive, 2, S_IFREG | 04755, 2, "selftest.d/a", "");
	add(&archive, 2, S_IFREG | 04755, 2, "selftest.d/b", "linked");
	add(&archive, 3, S_IFLNK | 0777, 1, "selftest.d/link", "b");
	add(&archive, 4, S_IFCHR | 0600, 1, "selftest.d/null", "");
	add(&archive, 5, S_IFREG | 0644, 1, "selftest.d/no/parent", "deep");
	add(&archive, 6, S_IFREG | 0600, 1, "selftest.d/link", "over");
	add(&archive, 0, 0, 1, "TRAILER!!!", "");
	CHECK(initramfs_unpack(archive.data, archive.len) == OK);
	CHECK(stat_root("/selftest.d", &stat) && stat.mode == (S_IFDIR | 01750));
	CHECK(stat.uid == 7 && stat.gid == 8 && stat.mtime_ns == 1000 * 1000000000ll);
	CHECK(content_is("/selftest.d/a", "linked") && content_is("/selftest.d/b", "linked"));
	CHECK(stat_root("/selftest.d/a", &stat) && stat_root("/selftest.d/b", &other));
	CHECK(stat.ino == other.ino && stat.nlink == 2 && stat.mode == (S_IFREG | 04755));
	CHECK(content_is("/selftest.d/no/parent", "deep"));
	/* The later entry takes the link's place; what it pointed at is untouched. */
	CHECK(content_is("/selftest.d/link", "over"));
	CHECK(stat_root("/selftest.d/null", &stat) && stat.rdev == device_number(1, 3));
	CHECK(remove_root("/selftest.d/a", false) == OK &&
	      remove_root("/selftest.d/b", false) == OK);
	CHECK(remove_root("/selftest.d/link", false) == OK);
	CHECK(remove_root("/selftest.d/null", false) == OK);
	CHECK(remove_root("/selftest.d/no/parent", false) == OK);
	CHECK(remove_root("/selftest.d/no", true) == OK && remove_root("/selftest.d", true) == OK);
	kfree(archive.data);
	return true;
}

SELFTEST(M12, 8, damaged_archive_refused)
{
	struct archive archive = {.data = kzalloc(ARCHIVE_MAX)};
	struct path_at outside = fs_root_at("/selftest.out");
	struct path path;
	size_t good;

	CHECK(archive.data);
	add(&archive, 1, S_IFREG | 0644, 1, "selftest.good", "good");
	good = archive.len;
	add(&archive, 2, S_IFREG | 0644, 1, "selftest.d/../../selftest.out", "bad");
	log_mute(true);
	enum err err = initramfs_unpack(archive.data, archive.len);
	log_mute(false);
	CHECK(err == ERR_INVAL);
	CHECK(content_is("/selftest.good", "good"));
	CHECK(path_lookup(&outside, 0, &path) == ERR_NOENT);
	CHECK(remove_root("/selftest.good", false) == OK);
	/* Cut anywhere: refused, and never a read behind the end, where a guard page stands. */
	size_t refused = 0;
	char *stack = kstack_alloc();
	CHECK(stack && good < KSTACK_SIZE);
	log_mute(true);
	for (size_t cut = 1; cut < good; cut++) {
		char *at = stack + KSTACK_SIZE - cut;

		memcpy(at, archive.data, cut);
		refused += initramfs_unpack(at, cut) == ERR_INVAL;
	}
	log_mute(false);
	kstack_free(stack);
	CHECK(refused == good - 1);
	CHECK(remove_root("/selftest.good", false) == ERR_NOENT);
	kfree(archive.data);
	return true;
}
