/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/fs/fixture.h"

#include "fs/type_hooks.h"
#include "kernel/core/epoch.h"
#include "mm/frame.h"
#include "mm/slab.h"

static void count(uint64_t *slabs, uint64_t *frames)
{
	epoch_drain();
	slab_drain();
	*slabs = slab_used_count();
	*frames = frame_free_count();
}

bool fixture_begin(struct fs_fixture *fixture, uint64_t pages)
{
	*fixture = (struct fs_fixture){};
	count(&fixture->slabs, &fixture->frames);
	if (tmpfs_create(pages, &fixture->super))
		return false;
	mount_init_private(&fixture->mount, fixture->super);
	fixture->root = (struct path){.mount = &fixture->mount, .dentry = fixture->super->root};
	fixture->context = fs_context_create(&fixture->root);
	if (!fixture->context)
		return false;
	fs_context_set_umask(fixture->context, 0);
	return true;
}

bool fixture_end(struct fs_fixture *fixture)
{
	uint64_t slabs;
	uint64_t frames;
	bool alone;

	fs_context_put(fixture->context);
	alone = refcount_read(&fixture->mount.count.rest) == 1;
	super_put(fixture->super);
	count(&slabs, &frames);
	return alone && slabs == fixture->slabs && frames == fixture->frames;
}

struct path_at fixture_at_as(struct fs_fixture *fixture, const char *name, const struct cred *cred)
{
	return (struct path_at){.context = fixture->context, .cred = cred, .name = name};
}

struct path_at fixture_at(struct fs_fixture *fixture, const char *name)
{
	return fixture_at_as(fixture, name, cred_root());
}

enum err fixture_open(struct fs_fixture *fixture, const char *name, uint32_t flags,
		      struct file **out)
{
	struct path_at at = fixture_at(fixture, name);

	return path_open(&at, flags, 0666, out);
}

enum err fixture_file(struct fs_fixture *fixture, const char *name, uint32_t mode)
{
	struct path_at at = fixture_at(fixture, name);

	return path_mknod(&at, S_IFREG | mode, 0);
}

enum err fixture_dir(struct fs_fixture *fixture, const char *name, uint32_t mode)
{
	struct path_at at = fixture_at(fixture, name);

	return path_mkdir(&at, mode);
}

enum err fixture_symlink(struct fs_fixture *fixture, const char *target, const char *name)
{
	struct path_at at = fixture_at(fixture, name);

	return path_symlink(target, &at);
}

enum err fixture_unlink(struct fs_fixture *fixture, const char *name)
{
	struct path_at at = fixture_at(fixture, name);

	return path_unlink(&at);
}

enum err fixture_rmdir(struct fs_fixture *fixture, const char *name)
{
	struct path_at at = fixture_at(fixture, name);

	return path_rmdir(&at);
}

enum err fixture_rename(struct fs_fixture *fixture, const char *from, const char *to)
{
	struct path_at old = fixture_at(fixture, from);
	struct path_at new = fixture_at(fixture, to);

	return path_rename(&old, &new, 0);
}

enum err fixture_lookup(struct fs_fixture *fixture, const char *name, unsigned flags)
{
	struct path_at at = fixture_at(fixture, name);
	struct path path;
	enum err error = path_lookup(&at, flags, &path);

	if (!error)
		path_put(&path);
	return error;
}

enum err fixture_stat(struct fs_fixture *fixture, const char *name, struct kstat *out)
{
	struct path_at at = fixture_at(fixture, name);
	struct path path;
	enum err error = path_lookup(&at, 0, &path);

	if (error)
		return error;
	vfs_stat(&path, out);
	path_put(&path);
	return OK;
}

int64_t fixture_read(struct file *file, void *buffer, size_t size)
{
	struct io_iter iter;

	io_iter_init_kernel(&iter, buffer, size);
	return file_read(file, &iter);
}

int64_t fixture_write(struct file *file, const void *buffer, size_t size)
{
	return file_write_kernel(file, buffer, size);
}

struct cred *fixture_cred(uint32_t uid, uint32_t gid)
{
	struct cred *cred = cred_copy(cred_root());

	if (!cred)
		return NULL;
	cred->uid = cred->euid = cred->suid = cred->fsuid = uid;
	if (uid)
		cred->caps = (struct capabilities){.bounding = CAP_ALL};
	cred->gid = cred->egid = cred->sgid = cred->fsgid = gid;
	return cred;
}
