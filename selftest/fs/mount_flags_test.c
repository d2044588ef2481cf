/* SPDX-License-Identifier: BSD-2-Clause */
/* What flags and options of mounts forbid. */
#include "kernel/lib/string.h"

#include "fs/root.h"
#include "fs/type_hooks.h"
#include "selftest/fs/mount_fixture.h"

static bool check_readonly(const char *file)
{
	struct path_at link = fs_root_at(PLACE "/e/l");
	struct path_at old = fs_root_at(file);
	struct file *opened;
	struct path path;

	CHECK(mt_mkdir(PLACE "/e/new") == ERR_ROFS && mt_mkfile(PLACE "/e/new") == ERR_ROFS);
	CHECK(path_symlink("x", &link) == ERR_ROFS && path_link(&old, &link, 0) == ERR_ROFS);
	CHECK(mt_unlink(file) == ERR_ROFS && mt_rmdir(PLACE "/e/sub") == ERR_ROFS);
	CHECK(mt_rename(file, PLACE "/e/g") == ERR_ROFS);
	CHECK(mt_open(file, O_WRONLY, &opened) == ERR_ROFS);
	CHECK(mt_open(file, O_RDONLY | O_TRUNC, &opened) == ERR_ROFS);
	CHECK(mt_open(PLACE "/e/new", O_CREAT | O_RDONLY, &opened) == ERR_ROFS);
	CHECK(mt_open(file, O_CREAT | O_RDONLY, &opened) == OK);
	file_put(opened);
	CHECK(mt_find(file, &path) == OK);
	CHECK(vfs_chmod(&path, cred_root(), 0600) == ERR_ROFS);
	CHECK(vfs_chown(&path, cred_root(), 1, 1) == ERR_ROFS);
	CHECK(vfs_utimens(&path, cred_root(), TIME_NOW, TIME_NOW) == ERR_ROFS);
	CHECK(vfs_truncate(&path, cred_root(), 0) == ERR_ROFS);
	CHECK(vfs_access(&path, cred_root(), MAY_WRITE) == ERR_ROFS);
	CHECK(vfs_access(&path, cred_root(), MAY_READ) == OK);
	path_put(&path);
	return true;
}

SELFTEST(M12, 1, read_only_mounts_refuse_changes)
{
	struct mt_used before;
	struct file *writer;

	CHECK(mt_begin(&before));
	CHECK(mt_mkdir(PLACE "/d/sub") == OK &&
	      mt_with_two(PLACE "/d", PLACE "/e", mt_bind_one) == OK);
	CHECK(mt_open(PLACE "/e/f", O_WRONLY, &writer) == OK);
	CHECK(mt_set_flags(PLACE "/e", MOUNT_RDONLY) == ERR_BUSY);
	file_put(writer);
	CHECK(mt_mkfile(PLACE "/e/h") == OK);
	CHECK(mt_set_flags(PLACE "/e", MOUNT_RDONLY) == OK);
	CHECK(check_readonly(PLACE "/e/f"));
	/* The file system is writable still, by another mount of it. */
	CHECK(mt_unlink(PLACE "/d/h") == OK && mt_mkfile(PLACE "/d/h") == OK);
	CHECK(mt_set_flags(PLACE "/e/f", 0) == ERR_INVAL);
	CHECK(mt_set_flags(PLACE "/e", 0) == OK && mt_unlink(PLACE "/e/h") == OK);
	CHECK(mt_unmount(PLACE "/e", false) == OK);
	CHECK(mt_end(&before));
	return true;
}

static enum err reconfigure(const char *name, uint32_t flags, const char *options)
{
	struct path path;
	enum err error = mt_find(name, &path);

	if (error)
		return error;
	error = mount_reconfigure(&path, flags, options);
	path_put(&path);
	return error;
}

SELFTEST(M12, 1, read_only_file_systems_refuse_changes)
{
	struct mt_used before;
	struct file *writer;

	CHECK(mt_begin(&before));
	CHECK(mt_mkdir(PLACE "/d/sub") == OK &&
	      mt_with_two(PLACE "/d", PLACE "/e", mt_bind_one) == OK);
	CHECK(mt_open(PLACE "/d/f", O_WRONLY, &writer) == OK);
	/* A writer through any of its mounts keeps the file system writable. */
	CHECK(reconfigure(PLACE "/e", MOUNT_RDONLY, "") == ERR_BUSY);
	file_put(writer);
	CHECK(reconfigure(PLACE, MOUNT_RDONLY, "size=1z") == ERR_INVAL);
	CHECK(mt_mkfile(PLACE "/d/g") == OK && mt_unlink(PLACE "/d/g") == OK);
	CHECK(reconfigure(PLACE, MOUNT_RDONLY, "") == OK);
	CHECK(check_readonly(PLACE "/e/f"));
	CHECK(reconfigure(PLACE, 0, "") == OK && mt_mkfile(PLACE "/e/g") == OK);
	CHECK(mt_unmount(PLACE "/e", false) == OK);
	CHECK(mt_end(&before));
	return true;
}

SELFTEST(M12, 1, mounts_without_devices_and_programs)
{
	struct path_at device = fs_root_at(PLACE "/null");
	struct path_at program = fs_root_at(PLACE "/p");
	struct mt_used before;
	struct file *file;
	struct path path;

	CHECK(mt_begin(&before));
	CHECK(path_mknod(&device, S_IFCHR | 0666, device_number(1, 3)) == OK);
	CHECK(path_mknod(&program, S_IFREG | 0755, 0) == OK);
	CHECK(mt_open(PLACE "/null", O_RDWR, &file) == OK);
	file_put(file);
	CHECK(path_open_exec(&program, LOOKUP_FOLLOW, &file) == OK);
	file_put(file);
	CHECK(mt_set_flags(PLACE, MOUNT_NODEV | MOUNT_NOEXEC) == OK);
	CHECK(mt_open(PLACE "/null", O_RDWR, &file) == ERR_ACCES);
	CHECK(path_open_exec(&program, LOOKUP_FOLLOW, &file) == ERR_ACCES);
	CHECK(mt_find(PLACE "/p", &path) == OK);
	CHECK(vfs_access(&path, cred_root(), MAY_EXEC) == ERR_ACCES);
	path_put(&path);
	CHECK(mt_end(&before));
	return true;
}

static bool check_wrong_options(void)
{
	static const char *const wrong[] = {
		"size",   "size=", "size=x", "size=1q",
		"mode=8", "no=1",  "uid=-1", "size=99999999999999999999"};
	struct superblock *super;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		CHECK(tmpfs_type.get(wrong[i], &super) == ERR_INVAL);
	return true;
}

SELFTEST(M12, 7, options_of_a_tmpfs)
{
	struct superblock *super;
	struct kstatfs stat = {};
	char text[80];

	CHECK(check_wrong_options());
	CHECK(tmpfs_type.get("size=16k,nr_inodes=9,mode=0700,uid=3,gid=4", &super) == OK);
	CHECK(super->ops->statfs(super, &stat) == OK);
	CHECK(stat.blocks == 4 && stat.files == 9 && stat.files_free == 8);
	CHECK(super->root->inode->mode == (S_IFDIR | 0700) && super->root->inode->uid == 3);
	super->ops->show_options(super, text, sizeof(text));
	CHECK(!strcmp(text, ",size=16k,nr_inodes=9,mode=700,uid=3,gid=4"));
	CHECK(super->ops->reconfigure(super, "size=1m,nr_inodes=0") == OK);
	CHECK(super->ops->statfs(super, &stat) == OK && stat.blocks == 256);
	CHECK(super->ops->reconfigure(super, "size=1m,what") == ERR_INVAL);
	super_put(super);
	CHECK(tmpfs_type.get("", &super) == OK);
	CHECK(super->root->inode->mode == (S_IFDIR | 01777));
	super->ops->show_options(super, text, sizeof(text));
	CHECK(!*text);
	super_put(super);
	return true;
}
