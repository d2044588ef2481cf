/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "selftest/fs/fixture.h"
#include "selftest/workers.h"

SELFTEST(M12, 4, exclusive_creation_has_one_winner)
{
	struct fs_fixture fixture;
	struct file *file;
	unsigned winners = 0;

	CHECK(fixture_begin(&fixture, 64));
	for (unsigned i = 0; i < 8; i++) {
		enum err error = fixture_open(&fixture, "lock", O_CREAT | O_EXCL | O_WRONLY, &file);

		CHECK(error == OK || error == ERR_EXIST);
		if (!error) {
			winners++;
			file_put(file);
		}
	}
	CHECK(winners == 1);
	/* A dangling link is a name: O_EXCL sees it, plain O_CREAT makes what it names. */
	CHECK(fixture_symlink(&fixture, "target", "link") == OK);
	CHECK(fixture_open(&fixture, "link", O_CREAT | O_EXCL | O_WRONLY, &file) == ERR_EXIST);
	CHECK(fixture_lookup(&fixture, "target", 0) == ERR_NOENT);
	CHECK(fixture_open(&fixture, "link", O_CREAT | O_WRONLY, &file) == OK);
	file_put(file);
	CHECK(fixture_lookup(&fixture, "target", 0) == OK);
	CHECK(fixture_unlink(&fixture, "target") == OK && fixture_unlink(&fixture, "link") == OK);
	CHECK(fixture_unlink(&fixture, "lock") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

static struct fs_fixture shared;
static unsigned winners, losers;

static void do_nothing(void *arg)
{
	(void)arg;
}

static void create_it(void *arg)
{
	struct file *file;
	enum err error = fixture_open(&shared, "it", O_CREAT | O_EXCL | O_WRONLY, &file);

	(void)arg;
	winners += error == OK;
	losers += error == ERR_EXIST;
	if (!error)
		file_put(file);
}

/* Whoever looks finds no name; making it is decided under the lock. */
SELFTEST(M12, 4, one_of_four_threads_creates)
{
	struct workers workers;

	/* Stacks are kept when they are freed: the first ones are no leak. */
	CHECK(workers_start(&workers, WORKERS_MAX, do_nothing));
	workers_join(&workers);
	winners = losers = 0;
	CHECK(fixture_begin(&shared, 64));
	CHECK(workers_start(&workers, WORKERS_MAX, create_it));
	workers_join(&workers);
	CHECK(winners == 1 && losers == WORKERS_MAX - 1);
	CHECK(fixture_unlink(&shared, "it") == OK && fixture_lookup(&shared, "it", 0) == ERR_NOENT);
	CHECK(fixture_end(&shared));
	return true;
}

SELFTEST(M12, 4, truncate_append_create)
{
	struct fs_fixture fixture;
	struct file *a;
	struct file *b;
	struct kstat stat;
	char text[8] = {};

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &a) == OK);
	CHECK(fixture_write(a, "abcdef", 6) == 6);
	CHECK(fixture_open(&fixture, "f", O_WRONLY | O_APPEND, &b) == OK);
	CHECK(fixture_write(b, "gh", 2) == 2);
	CHECK(b->position == 8 && a->position == 6);
	CHECK(fixture_read(a, text, sizeof(text)) == 2 && !memcmp(text, "gh", 2));
	file_put(b);
	CHECK(fixture_open(&fixture, "f", O_WRONLY | O_TRUNC, &b) == OK);
	CHECK(fixture_stat(&fixture, "f", &stat) == OK && stat.size == 0 && stat.blocks == 0);
	CHECK(fixture_read(a, text, sizeof(text)) == 0);
	CHECK(fixture_read(b, text, 1) == ERR_BADF);
	file_put(b);
	file_put(a);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	/* The rights are those asked for, less what the umask takes. */
	fs_context_set_umask(fixture.context, 026);
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_WRONLY, &a) == OK);
	CHECK(fixture_stat(&fixture, "f", &stat) == OK && stat.mode == (S_IFREG | 0640));
	file_put(a);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 5, unlinked_but_open)
{
	struct fs_fixture fixture;
	struct file *file;
	struct file *other;
	char text[4] = {};
	uint64_t number;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	CHECK(fixture_write(file, "old", 3) == 3);
	number = file->inode->number;
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &other) == OK);
	CHECK(other->inode->number != number && other->inode != file->inode);
	CHECK(fixture_write(other, "new", 3) == 3);
	CHECK(file_read_kernel(file, text, 3, 0) == 3 && !memcmp(text, "old", 3));
	/* Renamed over: the old one lives on for who has it open. */
	file_put(file);
	file = other;
	CHECK(fixture_open(&fixture, "g", O_CREAT | O_RDWR, &other) == OK);
	CHECK(fixture_rename(&fixture, "g", "f") == OK);
	CHECK(file->inode->nlink == 0);
	CHECK(file_read_kernel(file, text, 3, 0) == 3 && !memcmp(text, "new", 3));
	file_put(file);
	file_put(other);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 5, removed_directory)
{
	struct fs_fixture fixture;
	struct path_at at;
	struct path_at below;
	struct path dir;
	struct path found;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_dir(&fixture, "d", 0755) == OK);
	at = fixture_at(&fixture, "d");
	CHECK(path_lookup(&at, 0, &dir) == OK);
	CHECK(fixture_rmdir(&fixture, "d") == OK);
	below = fixture_at(&fixture, "x");
	below.base = &dir;
	CHECK(path_mkdir(&below, 0755) == ERR_NOENT);
	CHECK(path_mknod(&below, S_IFREG | 0644, 0) == ERR_NOENT);
	below.name = "..";
	CHECK(path_lookup(&below, 0, &found) == OK && found.dentry == fixture.root.dentry);
	path_put(&found);
	CHECK(path_inode(&dir)->nlink == 0);
	path_put(&dir);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 5, rename_in_all_its_cases)
{
	struct fs_fixture fixture;
	struct path_at a;
	struct path_at b;
	struct kstat stat;
	struct kstat root;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_file(&fixture, "a", 0644) == OK && fixture_file(&fixture, "b", 0644) == OK);
	CHECK(fixture_dir(&fixture, "d", 0755) == OK && fixture_dir(&fixture, "e", 0755) == OK);
	CHECK(fixture_dir(&fixture, "d/sub", 0755) == OK);
	a = fixture_at(&fixture, "a");
	b = fixture_at(&fixture, "b");
	CHECK(path_rename(&a, &b, RENAME_NOREPLACE) == ERR_EXIST);
	CHECK(path_rename(&a, &b, 8) == ERR_INVAL);
	CHECK(fixture_rename(&fixture, "a", "a") == OK);
	CHECK(fixture_rename(&fixture, "a", "b") == OK);
	CHECK(fixture_lookup(&fixture, "a", 0) == ERR_NOENT);
	CHECK(path_link(&b, &a, 0) == OK);
	CHECK(fixture_rename(&fixture, "a", "b") == OK);
	CHECK(fixture_stat(&fixture, "a", &stat) == OK && stat.nlink == 2);
	CHECK(fixture_rename(&fixture, "b", "d") == ERR_ISDIR);
	CHECK(fixture_rename(&fixture, "d", "b") == ERR_NOTDIR);
	CHECK(fixture_rename(&fixture, "b", "c/") == ERR_NOTDIR);
	CHECK(fixture_rename(&fixture, "d", "d/sub/x") == ERR_INVAL);
	CHECK(fixture_rename(&fixture, "d/sub", "d") == ERR_NOTEMPTY);
	CHECK(fixture_rename(&fixture, "d", "e") == OK);
	CHECK(fixture_lookup(&fixture, "e/sub", 0) == OK);
	CHECK(fixture_stat(&fixture, "/", &root) == OK && root.nlink == 3);
	CHECK(fixture_rename(&fixture, "e/sub", "s") == OK);
	CHECK(fixture_stat(&fixture, "/", &root) == OK && root.nlink == 4);
	CHECK(fixture_stat(&fixture, "e", &stat) == OK && stat.nlink == 2);
	CHECK(fixture_rename(&fixture, "s", "e/.") == ERR_BUSY);
	CHECK(fixture_unlink(&fixture, "a") == OK && fixture_unlink(&fixture, "b") == OK);
	CHECK(fixture_rmdir(&fixture, "s") == OK && fixture_rmdir(&fixture, "e") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

/* The records of one buffer; removes every file it reads the name of. */
static int64_t remove_some(struct fs_fixture *fixture, struct file *dir, unsigned *removed)
{
	char buffer[256];
	int64_t bytes = file_getdents(dir, buffer, sizeof(buffer), false);

	for (int64_t at = 0; at < bytes;) {
		uint16_t size;

		memcpy(&size, buffer + at + 16, sizeof(size));
		if (buffer[at + 19] != '.' && fixture_unlink(fixture, buffer + at + 19) == OK)
			++*removed;
		at += size;
	}
	return bytes;
}

SELFTEST(M12, 5, removing_while_reading_skips_nothing)
{
	struct fs_fixture fixture;
	unsigned removed = 0;
	struct file *dir;
	char name[16];
	char tiny[16];

	CHECK(fixture_begin(&fixture, 128));
	for (unsigned i = 0; i < 50; i++) {
		format_text(name, sizeof(name), "file%u", i);
		CHECK(fixture_file(&fixture, name, 0644) == OK);
	}
	CHECK(fixture_open(&fixture, "/", O_RDONLY | O_DIRECTORY, &dir) == OK);
	CHECK(file_getdents(dir, tiny, sizeof(tiny), false) == ERR_INVAL);
	while (remove_some(&fixture, dir, &removed) > 0)
		;
	CHECK(removed == 50);
	CHECK(dentry_is_empty(fixture.root.dentry));
	file_put(dir);
	CHECK(fixture_end(&fixture));
	return true;
}
