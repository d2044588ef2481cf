/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/root.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"

#define TEXT_MAX  KIB(64)
#define NAMES_MAX KIB(4)

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Sixteen digits that begin like an address of the upper half: "ffff8…", "ffffffff8…". */
static bool shows_address(const char *text, size_t len)
{
	size_t run = 0;

	for (size_t i = 0; i < len; i++) {
		run = is_hex(text[i]) ? run + 1 : 0;
		if (run == 16 && strncmp(text + i - 15, "ffff", 4) == 0 &&
		    strncmp(text + i - 15, "ffffffffffffffff", 16) != 0)
			return true;
	}
	return false;
}

/* Reads a file whole, then again from every offset: the same bytes, and none of them an address. */
static bool check_text(struct file *file, char *text)
{
	int64_t len = file_read_kernel(file, text, TEXT_MAX, 0);
	char again[32];

	CHECK(len >= 0 && len < (int64_t)TEXT_MAX);
	CHECK(!shows_address(text, (size_t)len));
	for (int64_t at = 1; at < len; at++) {
		int64_t want = MIN(len - at, (int64_t)sizeof(again));

		CHECK(file_read_kernel(file, again, sizeof(again), (uint64_t)at) == want);
		CHECK(!memcmp(again, text + at, (size_t)want));
	}
	CHECK(file_read_kernel(file, again, 1, (uint64_t)len) == 0);
	CHECK(file_read_kernel(file, again, 1, INT64_MAX) == 0);
	return true;
}

static bool check_file(const char *dir, const char *name, char *text)
{
	char path[300] = "";
	struct path_at at = fs_root_at(path);
	struct file *file;
	bool good;

	format_text(path, sizeof(path), "%s/%s", dir, name);
	CHECK(path_open(&at, O_RDONLY | O_NONBLOCK, 0, &file) == OK);
	good = !S_ISREG(file->inode->mode) || check_text(file, text);
	file_put(file);
	return good;
}

static bool check_dir(const char *dir, char *names, char *text, unsigned *seen)
{
	struct path_at at = fs_root_at(dir);
	struct file *file;
	int64_t bytes;

	CHECK(path_open(&at, O_RDONLY | O_DIRECTORY, 0, &file) == OK);
	while ((bytes = file_getdents(file, names, NAMES_MAX, false)) > 0) {
		for (int64_t i = 0; i < bytes;) {
			uint16_t size;

			memcpy(&size, names + i + 16, sizeof(size));
			if (names[i + 18] == (char)DT_OF_MODE(S_IFREG)) {
				CHECK(check_file(dir, names + i + 19, text));
				++*seen;
			}
			i += size;
		}
	}
	CHECK(bytes == 0);
	file_put(file);
	return true;
}

SELFTEST(M12, 8, proc_shows_no_address)
{
	char *names = kmalloc(NAMES_MAX);
	char *text = kmalloc(TEXT_MAX);
	unsigned seen = 0;

	CHECK(names && text);
	CHECK(shows_address("x ffff800000012345 y", 20));
	CHECK(check_dir("/proc", names, text, &seen));
	CHECK(seen >= 2);
	kfree(names);
	kfree(text);
	return true;
}

SELFTEST(M12, 8, proc_refuses_changes)
{
	struct path_at at = fs_root_at("/proc/mounts");
	struct path_at fresh = fs_root_at("/proc/fresh");
	struct file *file;
	struct path path;

	CHECK(path_unlink(&at) == ERR_PERM);
	CHECK(path_mkdir(&fresh, 0755) == ERR_PERM);
	CHECK(path_open(&fresh, O_CREAT | O_WRONLY, 0644, &file) == ERR_ACCES);
	CHECK(path_rename(&at, &fresh, 0) == ERR_PERM);
	CHECK(path_lookup(&at, 0, &path) == OK);
	CHECK(vfs_truncate(&path, cred_root(), 0) == ERR_INVAL);
	path_put(&path);
	CHECK(path_lookup(&fresh, 0, &path) == ERR_NOENT);
	return true;
}

SELFTEST(M12, 8, devices_are_there)
{
	static const char *const names[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
					    "/dev/urandom"};
	char byte = 'x';

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct path_at at = fs_root_at(names[i]);
		int64_t wanted_read = i == 0 ? 0 : 1;
		struct file *file;

		CHECK(path_open(&at, O_RDWR, 0, &file) == OK);
		CHECK(S_ISCHR(file->inode->mode) && (file->inode->mode & 0777) == 0666);
		CHECK(fixture_read(file, &byte, 1) == wanted_read);
		CHECK((i != 1 && i != 2) || byte == 0);
		CHECK(fixture_write(file, "y", 1) == (i == 2 ? ERR_NOSPC : 1));
		file_put(file);
	}
	return true;
}

static bool finds(const char *name, uint64_t number)
{
	struct path_at at = fs_root_at(name);
	struct kstat stat = {};
	struct path path;

	CHECK(path_lookup(&at, LOOKUP_FOLLOW, &path) == OK);
	vfs_stat(&path, &stat);
	path_put(&path);
	CHECK(stat.ino == number);
	return true;
}

static enum err make_link(const char *target, const char *name)
{
	struct path_at at = fs_root_at(name);

	return path_symlink(target, &at);
}

static enum err drop_link(const char *name)
{
	struct path_at at = fs_root_at(name);

	return path_unlink(&at);
}

/* Where names are made on demand a walk pauses, and keeps what is left of the texts it follows. */
SELFTEST(M12, 3, texts_outlive_a_pause)
{
	struct path_at at = fs_root_at("/proc/filesystems");
	struct kstat stat = {};
	struct path path;

	CHECK(path_lookup(&at, 0, &path) == OK);
	vfs_stat(&path, &stat);
	path_put(&path);
	CHECK(make_link("/proc", "/st_a") == OK);
	CHECK(make_link("st_a/.././proc/filesystems", "/st_b") == OK);
	CHECK(make_link("proc/filesystems/..", "/st_c") == OK);
	CHECK(make_link("/st_a/../st_a/./", "/st_d") == OK);
	CHECK(make_link("/proc/sys", "/st_e") == OK);
	CHECK(make_link("st_e/../filesystems", "/st_f") == OK);
	CHECK(finds("/st_f", stat.ino));
	CHECK(finds("/st_a/filesystems", stat.ino));
	CHECK(finds("/st_b", stat.ino));
	CHECK(finds("/st_d/filesystems", stat.ino));
	CHECK(finds("/st_d/..//st_d/filesystems", stat.ino));
	CHECK(finds("/st_d/../proc/../st_b", stat.ino));
	at = fs_root_at("/st_c");
	CHECK(path_lookup(&at, LOOKUP_FOLLOW, &path) == ERR_NOTDIR);
	at = fs_root_at("/st_d/filesystems/");
	CHECK(path_lookup(&at, LOOKUP_FOLLOW, &path) == ERR_NOTDIR);
	at = fs_root_at("/st_d/nothing");
	CHECK(path_lookup(&at, LOOKUP_FOLLOW, &path) == ERR_NOENT);
	CHECK(drop_link("/st_a") == OK && drop_link("/st_b") == OK);
	CHECK(drop_link("/st_c") == OK && drop_link("/st_d") == OK);
	CHECK(drop_link("/st_e") == OK && drop_link("/st_f") == OK);
	return true;
}
