/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree of mounts: ways in and out, users that keep it, memory that comes back. */
#include "fs/root.h"
#include "mm/inject.h"
#include "selftest/fs/mount_fixture.h"

SELFTEST(M12, 2, mounts_are_entered_and_left)
{
	struct mt_used before;
	uint64_t under, root;

	CHECK(mt_begin(&before));
	root = mt_number(PLACE);
	under = mt_number(PLACE "/d");
	CHECK(mt_number(PLACE "/..") == mt_number("/") && mt_number(PLACE "/d/..") == root);
	CHECK(mt_mount(PLACE "/d", 0) == OK);
	CHECK(mt_number(PLACE "/d") != under && !mt_number(PLACE "/d/f"));
	CHECK(mt_number(PLACE "/d/..") == root &&
	      mt_number(PLACE "/d/../d/../..") == mt_number("/"));
	/* Two in the same place: the newer one is seen, and both lead to the same parent. */
	CHECK(mt_mount(PLACE "/d", 0) == OK && mt_mkdir(PLACE "/d/top") == OK);
	CHECK(mt_number(PLACE "/d/..") == root && mt_number(PLACE "/d/top/../..") == root);
	CHECK(mt_unmount(PLACE "/d/top", false) == ERR_INVAL);
	CHECK(mt_unmount(PLACE "/d", false) == OK && !mt_number(PLACE "/d/top"));
	CHECK(mt_unmount(PLACE "/d", false) == OK && mt_number(PLACE "/d") == under);
	CHECK(mt_number(PLACE "/d/f"));
	CHECK(mt_end(&before));
	return true;
}

/* What a bind mount shows is a part of a file system: moved out of it, ".." leads nowhere. */
SELFTEST(M12, 2, binds_are_not_left_by_dotdot)
{
	struct path_at at = {.cred = cred_root(), .name = ".."};
	struct mt_used before;
	struct path inner, outer;

	CHECK(mt_begin(&before));
	CHECK(mt_mkdir(PLACE "/d/in") == OK);
	CHECK(mt_with_two(PLACE "/d", PLACE "/e", mt_bind_one) == OK);
	CHECK(mt_number(PLACE "/e/f") == mt_number(PLACE "/d/f"));
	CHECK(mt_number(PLACE "/e/in/..") == mt_number(PLACE "/d"));
	CHECK(mt_number(PLACE "/e/..") == mt_number(PLACE));
	CHECK(mt_find(PLACE "/e/in", &inner) == OK);
	at.base = &inner;
	at.context = fs_root_at("").context;
	CHECK(path_lookup(&at, 0, &outer) == OK);
	path_put(&outer);
	CHECK(mt_rename(PLACE "/d/in", PLACE "/in") == OK);
	CHECK(path_lookup(&at, 0, &outer) == ERR_NOENT);
	path_put(&inner);
	CHECK(mt_unmount(PLACE "/e", true) == OK);
	CHECK(mt_end(&before));
	return true;
}

SELFTEST(M12, 2, names_do_not_cross_mounts)
{
	struct path_at old = fs_root_at(PLACE "/d/f");
	struct path_at new = fs_root_at(PLACE "/e/g");
	struct mt_used before;

	CHECK(mt_begin(&before));
	/* The same file system shown twice is two mounts all the same. */
	CHECK(mt_with_two(PLACE, PLACE "/e", mt_bind_one) == OK);
	CHECK(mt_number(PLACE "/e/d/f") == mt_number(PLACE "/d/f"));
	CHECK(path_link(&old, &new, 0) == ERR_XDEV);
	CHECK(mt_rename(PLACE "/d/f", PLACE "/e/g") == ERR_XDEV);
	CHECK(mt_rename(PLACE "/d/f", PLACE "/d/g") == OK);
	CHECK(mt_rmdir(PLACE "/e") == ERR_BUSY && mt_rename(PLACE "/e", PLACE "/x") == ERR_BUSY);
	CHECK(mt_rename(PLACE "/d", PLACE "/e") == ERR_BUSY);
	CHECK(mt_unmount(PLACE "/e", false) == OK && mt_rmdir(PLACE "/e") == OK);
	CHECK(mt_end(&before));
	return true;
}

SELFTEST(M12, 5, busy_mounts_stay)
{
	struct mt_used before;
	struct file *file;

	CHECK(mt_begin(&before));
	CHECK(mt_open(PLACE "/d/f", O_RDONLY, &file) == OK);
	CHECK(mt_unmount(PLACE, false) == ERR_BUSY && mt_number(PLACE "/d/f"));
	file_put(file);
	CHECK(mt_mount(PLACE "/d", 0) == OK);
	CHECK(mt_unmount(PLACE, false) == ERR_BUSY);
	CHECK(mt_unmount("/", false) == ERR_BUSY && mt_unmount("/", true) == ERR_INVAL);
	CHECK(mt_unmount(PLACE "/d", false) == OK);
	CHECK(mt_end(&before));
	return true;
}

SELFTEST(M12, 5, lazily_unmounted_but_open)
{
	struct mt_used before;
	struct file *file;
	char byte = 0;

	CHECK(mt_begin(&before));
	CHECK(mt_mount(PLACE "/e", 0) == OK && mt_mkdir(PLACE "/e/x") == OK);
	CHECK(mt_open(PLACE "/d/f", O_RDWR, &file) == OK);
	CHECK(fixture_write(file, "a", 1) == 1);
	CHECK(mt_unmount(PLACE, true) == OK && !mt_number(PLACE "/d"));
	CHECK(file_read_kernel(file, &byte, 1, 0) == 1 && byte == 'a');
	CHECK(!file->path.mount->parent && !file->path.mount->space);
	file_put(file);
	CHECK(mt_same(mt_used(), before));
	CHECK(mt_rmdir(PLACE) == OK);
	return true;
}

SELFTEST(M12, 5, trees_of_mounts_are_copied_and_moved)
{
	struct mt_used before;

	CHECK(mt_begin(&before));
	CHECK(mt_mount(PLACE "/d", 0) == OK && mt_mkdir(PLACE "/d/x") == OK);
	CHECK(mt_mount(PLACE "/d/x", 0) == OK && mt_mkfile(PLACE "/d/x/deep") == OK);
	CHECK(mt_with_two(PLACE "/d", PLACE "/e", mt_bind_one) == OK &&
	      !mt_number(PLACE "/e/x/deep"));
	CHECK(mt_unmount(PLACE "/e", false) == OK);
	CHECK(mt_with_two(PLACE "/d", PLACE "/e", mt_bind_all) == OK);
	CHECK(mt_number(PLACE "/e/x/deep") == mt_number(PLACE "/d/x/deep"));
	CHECK(mt_unmount(PLACE "/d/x", false) == OK && mt_number(PLACE "/e/x/deep"));
	CHECK(mt_with_two(PLACE "/e", PLACE "/e/x", mount_move) == ERR_LOOP);
	CHECK(mt_with_two(PLACE "/e/x/deep", PLACE "/d/x", mount_move) == ERR_INVAL);
	CHECK(mt_with_two(PLACE "/e/x", PLACE "/d/x", mount_move) == OK);
	CHECK(!mt_number(PLACE "/e/x/deep") && mt_number(PLACE "/d/x/deep"));
	CHECK(mt_with_two(PLACE "/d/x/deep", PLACE "/d", mt_bind_one) == ERR_NOTDIR);
	CHECK(mt_unmount(PLACE "/d", true) == OK && mt_unmount(PLACE "/e", true) == OK);
	CHECK(mt_end(&before));
	return true;
}

static enum err try_mount(void)
{
	enum err error = mt_mount(PLACE "/e", 0);

	return error ? error : mt_unmount(PLACE "/e", false);
}

static enum err try_bind(void)
{
	enum err error = mt_with_two(PLACE "/d", PLACE "/e", mt_bind_all);

	return error ? error : mt_unmount(PLACE "/e", true);
}

static bool fail_each(enum err (*run)(void))
{
	struct mt_used before;
	bool fired = true;

	CHECK(run() == OK);
	before = mt_used();
	for (unsigned n = 1; fired; n++) {
		enum err error;

		inject_arm(n);
		error = run();
		fired = inject_fired();
		inject_arm(0);
		CHECK(error == OK || (fired && error == ERR_NOMEM));
		CHECK(mt_used().slabs == before.slabs);
	}
	return true;
}

SELFTEST(M9, 13, failures_in_mounts, .needs = M12)
{
	struct mt_used before;

	CHECK(mt_begin(&before));
	CHECK(mt_mount(PLACE "/d", 0) == OK && mt_mkdir(PLACE "/d/x") == OK);
	CHECK(mt_mount(PLACE "/d/x", 0) == OK);
	CHECK(fail_each(try_mount) && fail_each(try_bind));
	CHECK(mt_unmount(PLACE "/d", true) == OK);
	CHECK(mt_end(&before));
	return true;
}
