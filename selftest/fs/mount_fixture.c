/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/fs/mount_fixture.h"

#include "fs/root.h"
#include "fs/type_hooks.h"
#include "kernel/core/epoch.h"
#include "mm/frame.h"
#include "mm/slab.h"

struct mt_used mt_used(void)
{
	epoch_drain();
	slab_drain();
	return (struct mt_used){slab_used_count(), frame_free_count()};
}

bool mt_same(struct mt_used a, struct mt_used b)
{
	return a.slabs == b.slabs && a.frames == b.frames;
}

enum err mt_find(const char *name, struct path *out)
{
	struct path_at at = fs_root_at(name);

	return path_lookup(&at, LOOKUP_FOLLOW, out);
}

uint64_t mt_number(const char *name)
{
	struct kstat stat = {};
	struct path path;

	if (mt_find(name, &path))
		return 0;
	vfs_stat(&path, &stat);
	path_put(&path);
	return stat.dev << 32 | stat.ino;
}

enum err mt_mkdir(const char *name)
{
	struct path_at at = fs_root_at(name);

	return path_mkdir(&at, 0755);
}

enum err mt_rmdir(const char *name)
{
	struct path_at at = fs_root_at(name);

	return path_rmdir(&at);
}

enum err mt_mkfile(const char *name)
{
	struct path_at at = fs_root_at(name);

	return path_mknod(&at, S_IFREG | 0644, 0);
}

enum err mt_unlink(const char *name)
{
	struct path_at at = fs_root_at(name);

	return path_unlink(&at);
}

enum err mt_rename(const char *from, const char *to)
{
	struct path_at old = fs_root_at(from);
	struct path_at new = fs_root_at(to);

	return path_rename(&old, &new, 0);
}

enum err mt_open(const char *name, uint32_t flags, struct file **out)
{
	struct path_at at = fs_root_at(name);

	return path_open(&at, flags, 0644, out);
}

enum err mt_mount(const char *name, uint32_t flags)
{
	struct superblock *super;
	struct path path;
	enum err error = tmpfs_create(64, &super);

	if (error)
		return error;
	error = mt_find(name, &path);
	if (!error) {
		error = mount_add(super, &path, "test", flags);
		path_put(&path);
	}
	super_put(super);
	return error;
}

enum err mt_with_two(const char *from, const char *to,
		     enum err (*act)(const struct path *from, const struct path *to))
{
	struct path source, target;
	enum err error = mt_find(from, &source);

	if (error)
		return error;
	error = mt_find(to, &target);
	if (!error) {
		error = act(&source, &target);
		path_put(&target);
	}
	path_put(&source);
	return error;
}

enum err mt_bind_one(const struct path *from, const struct path *to)
{
	return mount_bind(from, to, false);
}

enum err mt_bind_all(const struct path *from, const struct path *to)
{
	return mount_bind(from, to, true);
}

enum err mt_unmount(const char *name, bool lazy)
{
	struct path path;
	enum err error = mt_find(name, &path);

	if (error)
		return error;
	error = mount_remove(&path, lazy);
	path_put(&path);
	return error;
}

enum err mt_set_flags(const char *name, uint32_t flags)
{
	struct path path;
	enum err error = mt_find(name, &path);

	if (error)
		return error;
	error = mount_set_flags(&path, flags);
	path_put(&path);
	return error;
}

/* A file system with a directory and a file in it, mounted at PLACE. */
bool mt_begin(struct mt_used *before)
{
	/* What a failed test left. */
	while (mt_unmount(PLACE, true) == OK)
		;
	(void)!mt_rmdir(PLACE);
	CHECK(mt_mkdir(PLACE) == OK);
	*before = mt_used();
	CHECK(mt_mount(PLACE, 0) == OK);
	CHECK(mt_mkdir(PLACE "/d") == OK && mt_mkdir(PLACE "/e") == OK);
	CHECK(mt_mkfile(PLACE "/d/f") == OK);
	return true;
}

bool mt_end(const struct mt_used *before)
{
	CHECK(mt_unmount(PLACE, false) == OK);
	CHECK(mt_same(mt_used(), *before));
	CHECK(mt_rmdir(PLACE) == OK);
	return true;
}
