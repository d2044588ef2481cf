/* SPDX-License-Identifier: BSD-2-Clause */
/* Files without a name: memory files with their seals, O_TMPFILE; names that are exchanged. */
#include "kernel/lib/string.h"

#include "fs/memfd.h"
#include "kernel/core/epoch.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "mm/space/object.h"
#include "selftest/fs/fixture.h"

static uint64_t slabs_used(void)
{
	epoch_drain();
	slab_drain();
	return slab_used_count();
}

SELFTEST(M11, 10, memory_files_end_with_their_users, .needs = M12)
{
	uint64_t slabs = slabs_used();
	uint64_t frames = frame_free_count();
	struct file *file;
	char text[3] = "";

	CHECK(memfd_create("memfd:test", false, cred_root(), &file) == OK);
	CHECK(fixture_write(file, "ab", 2) == 2 && !file->inode->nlink);
	CHECK(file_truncate(file, cred_root(), 64ll * PAGE_SIZE) == OK);
	CHECK(file_allocate(file, 0, 0, 64ll * PAGE_SIZE) == OK);
	CHECK(frame_free_count() <= frames - 64);
	/* A second user keeps it, and it is the same memory. */
	file_get(file);
	file_put(file);
	CHECK(file_read_kernel(file, text, 2, 0) == 2 && !strcmp(text, "ab"));
	CHECK(memfd_seals(file) == SEAL_SEAL && memfd_add_seals(file, SEAL_GROW) == ERR_PERM);
	file_put(file);
	CHECK(slabs_used() == slabs && frame_free_count() == frames);
	return true;
}

SELFTEST(M11, 10, sealed_stays_sealed, .needs = M12)
{
	struct file *file;
	uint64_t pos;

	CHECK(memfd_create("memfd:test", true, cred_root(), &file) == OK);
	CHECK(fixture_write(file, "abcd", 4) == 4 && memfd_seals(file) == 0);
	CHECK(memfd_add_seals(file, 64) == ERR_INVAL);
	CHECK(memfd_add_seals(file, SEAL_SHRINK) == OK);
	CHECK(file_truncate(file, cred_root(), 2) == ERR_PERM);
	CHECK(file_truncate(file, cred_root(), 6) == OK);
	CHECK(memfd_add_seals(file, SEAL_GROW) == OK);
	CHECK(file_truncate(file, cred_root(), 7) == ERR_PERM);
	CHECK(file_allocate(file, 0, 0, 7) == ERR_PERM);
	CHECK(fixture_write(file, "efg", 3) == ERR_PERM && fixture_write(file, "ef", 2) == 2);
	CHECK(inode_size(file->inode) == 6);
	CHECK(memfd_add_seals(file, SEAL_WRITE | SEAL_SEAL) == OK);
	CHECK(file->inode->data->write_sealed);
	CHECK(file_seek(file, 0, SEEK_SET, &pos) == OK && fixture_write(file, "x", 1) == ERR_PERM);
	CHECK(file_allocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1) == ERR_PERM);
	CHECK(memfd_add_seals(file, SEAL_FUTURE_WRITE) == ERR_PERM);
	CHECK(memfd_seals(file) == (SEAL_SEAL | SEAL_SHRINK | SEAL_GROW | SEAL_WRITE));
	file_put(file);
	return true;
}

static enum err open_nameless(struct fs_fixture *fixture, uint32_t flags, struct file **out)
{
	struct path_at at = fixture_at(fixture, "/");

	return path_open(&at, O_TMPFILE | O_RDWR | flags, 0600, out);
}

static enum err give_name(struct fs_fixture *fixture, struct file *file, const char *name)
{
	struct path_at old = fixture_at(fixture, "");
	struct path_at new = fixture_at(fixture, name);

	old.base = &file->path;
	return path_link(&old, &new, LOOKUP_EMPTY);
}

SELFTEST(M12, 5, nameless_files_get_one_name)
{
	struct fs_fixture fixture;
	struct file *file;
	struct kstatfs before, after;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(vfs_statfs(&fixture.root, &before) == OK);
	CHECK(open_nameless(&fixture, 0, &file) == OK && !file->inode->nlink);
	CHECK(give_name(&fixture, file, "named") == OK && file->inode->nlink == 1);
	CHECK(fixture_unlink(&fixture, "named") == OK);
	CHECK(give_name(&fixture, file, "again") == ERR_NOENT);
	file_put(file);
	CHECK(open_nameless(&fixture, O_EXCL, &file) == OK);
	CHECK(give_name(&fixture, file, "named") == ERR_NOENT);
	file_put(file);
	CHECK(vfs_statfs(&fixture.root, &after) == OK && after.files_free == before.files_free);
	CHECK(fixture_end(&fixture));
	return true;
}

static enum err exchange(struct fs_fixture *fixture, const char *a, const char *b)
{
	struct path_at first = fixture_at(fixture, a);
	struct path_at second = fixture_at(fixture, b);

	return path_rename(&first, &second, RENAME_EXCHANGE);
}

SELFTEST(M12, 5, names_are_exchanged)
{
	struct fs_fixture fixture;
	struct kstat stat;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_dir(&fixture, "d", 0755) == OK && fixture_dir(&fixture, "d/s", 0755) == OK);
	CHECK(fixture_file(&fixture, "a-name-that-does-not-fit-into-its-own-entry", 0600) == OK);
	CHECK(exchange(&fixture, "a-name-that-does-not-fit-into-its-own-entry", "d/s") == OK);
	CHECK(fixture_stat(&fixture, "d/s", &stat) == OK && S_ISREG(stat.mode));
	CHECK(fixture_stat(&fixture, "d", &stat) == OK && stat.nlink == 2);
	CHECK(fixture_lookup(&fixture, "a-name-that-does-not-fit-into-its-own-entry/../d/s", 0) ==
	      OK);
	CHECK(exchange(&fixture, "d", "d/s") == ERR_INVAL);
	CHECK(exchange(&fixture, "d", "none") == ERR_NOENT);
	CHECK(fixture_unlink(&fixture, "d/s") == OK && fixture_rmdir(&fixture, "d") == OK);
	CHECK(fixture_rmdir(&fixture, "a-name-that-does-not-fit-into-its-own-entry") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M9, 13, failures_in_memory_files, .needs = M12)
{
	uint64_t slabs = slabs_used();
	bool fired = true;

	for (unsigned n = 1; fired; n++) {
		struct file *file;
		enum err error;

		inject_arm(n);
		error = memfd_create("memfd:a name that does not fit into its own entry", true,
				     cred_root(), &file);
		fired = inject_fired();
		inject_arm(0);
		CHECK(error == OK || (fired && error == ERR_NOMEM));
		if (!error)
			file_put(file);
		CHECK(slabs_used() == slabs);
	}
	return true;
}
