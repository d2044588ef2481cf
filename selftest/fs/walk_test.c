/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "kernel/core/limits.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"

static uint64_t number_of(struct fs_fixture *fixture, const char *name)
{
	struct kstat stat = {};

	return fixture_stat(fixture, name, &stat) == OK ? stat.ino : 0;
}

SELFTEST(M12, 2, no_way_out_of_a_root)
{
	struct fs_fixture fixture;
	struct path_at at;
	struct path jail;
	uint64_t inside;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_file(&fixture, "secret", 0644) == OK);
	CHECK(fixture_dir(&fixture, "jail", 0755) == OK);
	CHECK(fixture_dir(&fixture, "jail/d", 0755) == OK);
	CHECK(fixture_symlink(&fixture, "/../../secret", "jail/up") == OK);
	CHECK(fixture_symlink(&fixture, "../../../../secret", "jail/d/rel") == OK);
	CHECK(fixture_symlink(&fixture, "/secret", "jail/abs") == OK);
	inside = number_of(&fixture, "jail");
	at = fixture_at(&fixture, "jail");
	CHECK(path_lookup(&at, 0, &jail) == OK);
	path_get(&jail);
	fs_context_set_cwd(fixture.context, &(struct path){jail.mount, jail.dentry});
	fs_context_set_root(fixture.context, &jail);

	CHECK(number_of(&fixture, "/") == inside && number_of(&fixture, "..") == inside);
	CHECK(number_of(&fixture, "/../../..") == inside);
	CHECK(number_of(&fixture, "d/../../..") == inside);
	CHECK(fixture_lookup(&fixture, "../secret", 0) == ERR_NOENT);
	CHECK(fixture_lookup(&fixture, "up", LOOKUP_FOLLOW) == ERR_NOENT);
	CHECK(fixture_lookup(&fixture, "d/rel", LOOKUP_FOLLOW) == ERR_NOENT);
	CHECK(fixture_lookup(&fixture, "abs", LOOKUP_FOLLOW) == ERR_NOENT);
	CHECK(fixture_lookup(&fixture, "d/../d/.", 0) == OK);

	path_get(&fixture.root);
	path_get(&fixture.root);
	fs_context_set_cwd(fixture.context, &(struct path){&fixture.mount, fixture.root.dentry});
	fs_context_set_root(fixture.context, &(struct path){&fixture.mount, fixture.root.dentry});
	CHECK(fixture_lookup(&fixture, "jail/abs", LOOKUP_FOLLOW) == OK);
	CHECK(fixture_unlink(&fixture, "jail/up") == OK);
	CHECK(fixture_unlink(&fixture, "jail/abs") == OK);
	CHECK(fixture_unlink(&fixture, "jail/d/rel") == OK);
	CHECK(fixture_rmdir(&fixture, "jail/d") == OK && fixture_rmdir(&fixture, "jail") == OK);
	CHECK(fixture_unlink(&fixture, "secret") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

/* l1 → l2 → … → l@count → file: so many links are followed for "l1". */
static bool make_chain(struct fs_fixture *fixture, unsigned count)
{
	char name[16];
	char target[16];

	for (unsigned i = 1; i <= count; i++) {
		format_text(name, sizeof(name), "l%u", i);
		format_text(target, sizeof(target), "l%u", i + 1);
		CHECK(fixture_symlink(fixture, i == count ? "file" : target, name) == OK);
	}
	return true;
}

static bool drop_chain(struct fs_fixture *fixture, unsigned count)
{
	char name[16];

	for (unsigned i = 1; i <= count; i++) {
		format_text(name, sizeof(name), "l%u", i);
		CHECK(fixture_unlink(fixture, name) == OK);
	}
	return true;
}

SELFTEST(M12, 3, forty_links_and_no_more)
{
	struct fs_fixture fixture;
	struct file *file;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_file(&fixture, "file", 0644) == OK);
	CHECK(make_chain(&fixture, LIMIT_SYMLINKS + 1));
	CHECK(fixture_lookup(&fixture, "l2", LOOKUP_FOLLOW) == OK);
	CHECK(fixture_lookup(&fixture, "l1", LOOKUP_FOLLOW) == ERR_LOOP);
	CHECK(fixture_lookup(&fixture, "l1", 0) == OK);
	CHECK(fixture_symlink(&fixture, "self/x", "self") == OK);
	CHECK(fixture_lookup(&fixture, "self", LOOKUP_FOLLOW) == ERR_LOOP);
	CHECK(fixture_lookup(&fixture, "self/y/z", 0) == ERR_LOOP);
	CHECK(fixture_open(&fixture, "self", O_CREAT | O_WRONLY, &file) == ERR_LOOP);
	CHECK(fixture_unlink(&fixture, "self") == OK);
	CHECK(drop_chain(&fixture, LIMIT_SYMLINKS + 1));
	CHECK(fixture_unlink(&fixture, "file") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 3, shapes_of_names)
{
	struct fs_fixture fixture;
	struct file *file;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_dir(&fixture, "d", 0755) == OK);
	CHECK(fixture_file(&fixture, "d/f", 0644) == OK);
	CHECK(fixture_symlink(&fixture, "d", "to_dir") == OK);
	CHECK(fixture_symlink(&fixture, "d/f", "to_file") == OK);
	CHECK(fixture_lookup(&fixture, "", 0) == ERR_NOENT);
	CHECK(fixture_lookup(&fixture, "", LOOKUP_EMPTY) == OK);
	CHECK(fixture_lookup(&fixture, "//d///f", 0) == OK);
	CHECK(fixture_lookup(&fixture, "d/./../d/f", 0) == OK);
	CHECK(fixture_lookup(&fixture, "d/f/", 0) == ERR_NOTDIR);
	CHECK(fixture_lookup(&fixture, "d/f/x", 0) == ERR_NOTDIR);
	CHECK(fixture_lookup(&fixture, "d/f/..", 0) == ERR_NOTDIR);
	CHECK(fixture_lookup(&fixture, "to_file/", 0) == ERR_NOTDIR);
	CHECK(fixture_lookup(&fixture, "to_dir/f", 0) == OK);
	CHECK(fixture_lookup(&fixture, "to_dir", LOOKUP_DIRECTORY) == ERR_NOTDIR);
	CHECK(fixture_lookup(&fixture, "to_dir/", 0) == OK);
	CHECK(fixture_symlink(&fixture, "to_dir", "twice") == OK);
	CHECK(fixture_lookup(&fixture, "twice/", 0) == OK);
	CHECK(fixture_lookup(&fixture, "twice", LOOKUP_DIRECTORY) == ERR_NOTDIR);
	CHECK(fixture_unlink(&fixture, "twice") == OK);
	CHECK(fixture_open(&fixture, "to_dir", O_RDONLY | O_NOFOLLOW, &file) == ERR_LOOP);
	CHECK(fixture_open(&fixture, "d", O_WRONLY, &file) == ERR_ISDIR);
	CHECK(fixture_open(&fixture, "d/f", O_RDONLY | O_DIRECTORY, &file) == ERR_NOTDIR);
	CHECK(fixture_open(&fixture, "new/", O_WRONLY | O_CREAT, &file) == ERR_ISDIR);
	CHECK(fixture_open(&fixture, "to_file", O_PATH | O_NOFOLLOW, &file) == OK);
	CHECK(S_ISLNK(file->inode->mode));
	file_put(file);
	CHECK(fixture_rmdir(&fixture, "d/.") == ERR_INVAL);
	CHECK(fixture_rmdir(&fixture, "d/..") == ERR_NOTEMPTY);
	CHECK(fixture_rmdir(&fixture, "/") == ERR_BUSY);
	CHECK(fixture_rmdir(&fixture, "d") == ERR_NOTEMPTY);
	CHECK(fixture_unlink(&fixture, "d") == ERR_ISDIR);
	CHECK(fixture_unlink(&fixture, "d/f/") == ERR_NOTDIR);
	CHECK(fixture_unlink(&fixture, "to_dir") == OK);
	CHECK(fixture_unlink(&fixture, "to_file") == OK);
	CHECK(fixture_unlink(&fixture, "d/f") == OK);
	CHECK(fixture_rmdir(&fixture, "d/") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 3, lengths_of_names)
{
	struct fs_fixture fixture;
	char *name = kmalloc(LIMIT_PATH_BYTES + 8);

	CHECK(name && fixture_begin(&fixture, 64));
	memset(name, 'n', 256);
	name[255] = '\0';
	CHECK(fixture_file(&fixture, name, 0644) == OK);
	CHECK(fixture_lookup(&fixture, name, 0) == OK);
	name[254] = 'm';
	CHECK(fixture_lookup(&fixture, name, 0) == ERR_NOENT);
	name[254] = 'n';
	CHECK(fixture_unlink(&fixture, name) == OK);
	name[255] = 'n';
	name[256] = '\0';
	CHECK(fixture_file(&fixture, name, 0644) == ERR_NAMETOOLONG);
	/* "/./././…": 4095 bytes are a path, 4096 are not. */
	for (size_t i = 0; i < LIMIT_PATH_BYTES; i++)
		name[i] = i % 2 ? '.' : '/';
	name[LIMIT_PATH_BYTES] = '\0';
	CHECK(fixture_lookup(&fixture, name, 0) == ERR_NAMETOOLONG);
	name[LIMIT_PATH_BYTES - 1] = '\0';
	CHECK(fixture_lookup(&fixture, name, 0) == OK);
	CHECK(fixture_end(&fixture));
	kfree(name);
	return true;
}

/* "bbb…ba", @len bytes: each is the beginning of none of the others. */
static void make_name(char *name, size_t len)
{
	memset(name, 'b', len);
	name[len - 1] = 'a';
	name[len] = '\0';
}

/* One file under names that grow and shrink, in its dentry and outside: it is known by the last. */
SELFTEST(M12, 3, names_of_every_length)
{
	static const size_t lens[] = {1,  2,  7,  8,   9,  15, 16, 17, 31, 39, 40,
				      41, 64, 71, 255, 40, 39, 30, 16, 9,  8,  1};
	struct fs_fixture fixture;
	char *old = kmalloc(256);
	char *new = kmalloc(256);

	CHECK(old && new &&fixture_begin(&fixture, 64));
	make_name(old, 3);
	CHECK(fixture_file(&fixture, old, 0644) == OK);
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		make_name(new, lens[i]);
		CHECK(fixture_lookup(&fixture, new, 0) == ERR_NOENT);
		CHECK(fixture_rename(&fixture, old, new) == OK);
		CHECK(fixture_lookup(&fixture, new, 0) == OK);
		CHECK(fixture_lookup(&fixture, old, 0) == ERR_NOENT);
		new[lens[i] - 1] = 'b';
		CHECK(fixture_lookup(&fixture, new, 0) == ERR_NOENT);
		make_name(old, lens[i]);
	}
	CHECK(fixture_unlink(&fixture, old) == OK);
	CHECK(fixture_end(&fixture));
	kfree(old);
	kfree(new);
	return true;
}

static bool text_is(struct fs_fixture *fixture, struct path *path, const char *expected)
{
	char buffer[64];
	char *start;
	int64_t len = path_text(path, &fixture->root, buffer, sizeof(buffer), &start);

	return len == (int64_t)strlen(expected) && !strcmp(start, expected);
}

SELFTEST(M12, 3, paths_read_back)
{
	struct fs_fixture fixture;
	struct path_at at;
	struct path path;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_dir(&fixture, "a", 0755) == OK && fixture_dir(&fixture, "a/b", 0755) == OK);
	at = fixture_at(&fixture, "a/b");
	CHECK(path_lookup(&at, 0, &path) == OK);
	CHECK(text_is(&fixture, &path, "/a/b") && text_is(&fixture, &fixture.root, "/"));
	CHECK(fixture_rename(&fixture, "a/b", "c") == OK);
	CHECK(text_is(&fixture, &path, "/c"));
	CHECK(fixture_rmdir(&fixture, "c") == OK);
	CHECK(text_is(&fixture, &path, "/c (deleted)"));
	path_put(&path);
	CHECK(fixture_rmdir(&fixture, "a") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}
