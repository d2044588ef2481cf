/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/fs/fixture.h"

/* The rule of POSIX, written a second time and differently: one class decides, first match. */
static bool reference_allows(uint32_t mode, bool owner, bool group, unsigned mask)
{
	static const uint8_t shifts[2][2] = {{0, 3}, {6, 6}};

	return ((mode >> shifts[owner][group]) & mask) == mask;
}

static bool check_modes(struct inode *inode, const struct cred *cred, bool owner, bool group)
{
	for (uint32_t mode = 0; mode < 01000; mode++) {
		inode->mode = S_IFREG | mode;
		for (unsigned mask = 0; mask < 8; mask++) {
			bool allowed = inode_permission(inode, cred, mask) == OK;

			CHECK(allowed == reference_allows(mode, owner, group, mask));
		}
	}
	return true;
}

static bool check_root(struct inode *inode)
{
	for (uint32_t mode = 0; mode < 01000; mode++) {
		bool anybody_runs = (mode & 0111) != 0;

		inode->mode = S_IFREG | mode;
		CHECK(inode_permission(inode, cred_root(), MAY_READ | MAY_WRITE) == OK);
		CHECK((inode_permission(inode, cred_root(), MAY_EXEC) == OK) == anybody_runs);
		inode->mode = S_IFDIR | mode;
		CHECK(inode_permission(inode, cred_root(), MAY_EXEC) == OK);
	}
	return true;
}

SELFTEST(M12, 1, modes_equal_reference)
{
	struct superblock super = {};
	struct inode inode = {.super = &super, .uid = 100, .gid = 200};
	struct cred *cred = fixture_cred(1, 1);

	CHECK(cred);
	for (unsigned class = 0; class < 4; class ++) {
		bool owner = class & 1;
		bool group = class & 2;

		cred->fsuid = owner ? 100 : 1;
		cred->fsgid = group ? 200 : 1;
		CHECK(check_modes(&inode, cred, owner, group));
	}
	cred_put(cred);
	return check_root(&inode);
}

SELFTEST(M12, 1, supplementary_groups_count)
{
	const uint32_t groups[] = {9, 3, 7, 1, 5};
	struct cred *cred = cred_copy_with_groups(cred_root(), groups, 5);

	CHECK(cred);
	cred->fsgid = 4;
	for (uint32_t gid = 0; gid < 12; gid++) {
		bool listed = gid == 4 || (gid % 2 == 1 && gid <= 9);

		CHECK(cred_in_group(cred, gid) == listed);
	}
	cred_put(cred);
	return true;
}

/* Each operation on a name, tried by a stranger: the directory decides, not the file. */
static bool try_as_stranger(struct fs_fixture *fixture, uint32_t dir_mode, const struct cred *cred,
			    enum err expected)
{
	struct path_at file = fixture_at_as(fixture, "d/file", cred);
	struct path_at fresh = fixture_at_as(fixture, "d/new", cred);
	struct path_at other = fixture_at_as(fixture, "d/other", cred);
	struct path dir;
	struct path_at at = fixture_at(fixture, "d");

	CHECK(path_lookup(&at, 0, &dir) == OK);
	CHECK(vfs_chmod(&dir, cred_root(), dir_mode) == OK);
	path_put(&dir);
	CHECK(path_mkdir(&fresh, 0755) == expected);
	if (!expected)
		CHECK(path_rmdir(&fresh) == OK);
	CHECK(path_symlink("x", &fresh) == expected);
	if (!expected)
		CHECK(path_unlink(&fresh) == OK);
	CHECK(path_link(&file, &fresh, 0) == expected);
	if (!expected)
		CHECK(path_unlink(&fresh) == OK);
	CHECK(path_rename(&file, &other, 0) == expected);
	if (!expected)
		CHECK(path_rename(&other, &file, 0) == OK);
	CHECK(path_unlink(&file) == expected);
	if (!expected)
		CHECK(fixture_file(fixture, "d/file", 0777) == OK);
	return true;
}

SELFTEST(M12, 1, names_belong_to_the_directory)
{
	struct fs_fixture fixture;
	struct cred *stranger = fixture_cred(1000, 1000);

	CHECK(stranger && fixture_begin(&fixture, 64));
	CHECK(fixture_dir(&fixture, "d", 0755) == OK);
	/* The file's own bits say yes to everything. */
	CHECK(fixture_file(&fixture, "d/file", 0777) == OK);
	CHECK(try_as_stranger(&fixture, 0777, stranger, OK));
	CHECK(try_as_stranger(&fixture, 0755, stranger, ERR_ACCES));
	CHECK(try_as_stranger(&fixture, 0776, stranger, ERR_ACCES));
	CHECK(try_as_stranger(&fixture, 0773, stranger, OK));
	CHECK(fixture_unlink(&fixture, "d/file") == OK);
	CHECK(fixture_rmdir(&fixture, "d") == OK);
	CHECK(fixture_end(&fixture));
	cred_put(stranger);
	return true;
}

SELFTEST(M12, 1, sticky_directory)
{
	struct fs_fixture fixture;
	struct cred *a = fixture_cred(1000, 1000);
	struct cred *b = fixture_cred(1001, 1001);
	struct path_at by_a;
	struct path_at by_b;
	struct path_at moved;

	CHECK(a && b && fixture_begin(&fixture, 64));
	CHECK(fixture_dir(&fixture, "t", 01777) == OK);
	by_a = fixture_at_as(&fixture, "t/file", a);
	by_b = fixture_at_as(&fixture, "t/file", b);
	moved = fixture_at_as(&fixture, "t/moved", b);
	CHECK(path_mknod(&by_a, S_IFREG | 0666, 0) == OK);
	CHECK(path_unlink(&by_b) == ERR_PERM);
	CHECK(path_rename(&by_b, &moved, 0) == ERR_PERM);
	CHECK(path_mknod(&moved, S_IFREG | 0666, 0) == OK);
	/* A rename must not remove somebody else's file either. */
	CHECK(path_rename(&moved, &by_b, 0) == ERR_PERM);
	CHECK(path_unlink(&by_a) == OK);
	CHECK(path_rename(&moved, &by_b, 0) == OK);
	CHECK(path_unlink(&by_b) == OK);
	CHECK(fixture_rmdir(&fixture, "t") == OK);
	CHECK(fixture_end(&fixture));
	cred_put(a);
	cred_put(b);
	return true;
}

SELFTEST(M12, 1, set_id_bits_go)
{
	struct fs_fixture fixture;
	struct cred *user = fixture_cred(1000, 1000);
	struct path_at at;
	struct file *file;
	struct kstat stat;

	CHECK(user && fixture_begin(&fixture, 64));
	CHECK(fixture_file(&fixture, "s", 06777) == OK);
	at = fixture_at_as(&fixture, "s", user);
	CHECK(path_open(&at, O_WRONLY, 0, &file) == OK);
	CHECK(fixture_stat(&fixture, "s", &stat) == OK && stat.mode == (S_IFREG | 06777));
	CHECK(fixture_write(file, "x", 1) == 1);
	CHECK(fixture_stat(&fixture, "s", &stat) == OK && stat.mode == (S_IFREG | 0777));
	CHECK(vfs_chmod(&file->path, user, 0777) == ERR_PERM);
	CHECK(vfs_chown(&file->path, user, 1000, CRED_NO_ID) == ERR_PERM);
	CHECK(vfs_utimens(&file->path, user, 5, 5) == ERR_PERM);
	CHECK(vfs_utimens(&file->path, user, TIME_NOW, TIME_NOW) == OK);
	file_put(file);
	CHECK(fixture_unlink(&fixture, "s") == OK);
	CHECK(fixture_end(&fixture));
	cred_put(user);
	return true;
}

SELFTEST(M12, 1, a_new_owner_gets_no_set_id_bits)
{
	struct fs_fixture fixture;
	struct path_at at;
	struct path path;
	struct kstat stat;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_file(&fixture, "s", 06777) == OK);
	at = fixture_at(&fixture, "s");
	CHECK(path_lookup(&at, 0, &path) == OK);
	CHECK(vfs_chown(&path, cred_root(), 1000, CRED_NO_ID) == OK);
	vfs_stat(&path, &stat);
	CHECK(stat.mode == (S_IFREG | 0777) && stat.uid == 1000 && stat.gid == 0);
	path_put(&path);
	CHECK(fixture_unlink(&fixture, "s") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 1, only_writers_truncate_by_name)
{
	struct fs_fixture fixture;
	struct cred *user = fixture_cred(1000, 1000);
	struct path_at at;
	struct path path;

	CHECK(user && fixture_begin(&fixture, 64));
	CHECK(fixture_file(&fixture, "f", 0644) == OK);
	at = fixture_at(&fixture, "f");
	CHECK(path_lookup(&at, 0, &path) == OK);
	CHECK(vfs_truncate(&path, user, 100) == ERR_ACCES);
	CHECK(inode_size(path_inode(&path)) == 0);
	CHECK(vfs_chmod(&path, cred_root(), 0646) == OK);
	CHECK(vfs_truncate(&path, user, 100) == OK);
	CHECK(inode_size(path_inode(&path)) == 100);
	path_put(&path);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	cred_put(user);
	return true;
}

/* access(2) asks for the real ids, whatever the effective ones may. */
SELFTEST(M12, 1, access_asks_real_ids)
{
	struct superblock super = {};
	struct inode inode = {.super = &super, .mode = S_IFREG | 0600};
	struct cred *cred = fixture_cred(0, 0);
	const struct cred *real;

	CHECK(cred);
	real = cred_for_access(cred);
	CHECK(real == cred);
	cred_put(real);
	cred->uid = 1000;
	cred->gid = 1000;
	real = cred_for_access(cred);
	CHECK(real && real != cred);
	CHECK(inode_permission(&inode, cred, MAY_READ) == OK);
	CHECK(inode_permission(&inode, real, MAY_READ) == ERR_ACCES);
	cred_put(real);
	cred_put(cred);
	return true;
}
