/* SPDX-License-Identifier: BSD-2-Clause */
/* The root of the machine: tmpfs, with /dev and /proc on it. */
#include "fs/root.h"

#include "kernel/lib/format.h"

#include "drv/chardev.h"
#include "fs/file_internal.h"
#include "fs/fs.h"
#include "fs/fs_type.h"
#include "fs/memfd.h"
#include "fs/names.h"
#include "fs/type_hooks.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"

static struct path root_path;
static struct superblock *dev_super;
static struct fs_context *root_context;

const struct path *fs_root_path(void)
{
	return &root_path;
}

struct fs_context *fs_context_initial(void)
{
	return fs_context_create(&root_path);
}

struct path_at fs_root_at(const char *name)
{
	return (struct path_at){.context = root_context, .cred = cred_root(), .name = name};
}

static void must(enum err error, const char *what)
{
	if (error)
		panic("fs: %s: %s", what, err_text(error));
}

/* There is one /dev; every mount shows it. */
static enum err dev_get(const char *options, struct superblock **out)
{
	(void)options;
	*out = super_get(dev_super);
	return OK;
}

static struct fs_type dev_type = {.name = "devtmpfs", .get = dev_get};

static void mount_at(struct superblock *super, const char *name)
{
	struct path_at at = fs_root_at(name);
	struct path path;

	must(path_mkdir(&at, 0755), name);
	must(path_lookup(&at, LOOKUP_DIRECTORY, &path), name);
	must(mount_add(super, &path, super->type_name, 0), name);
	path_put(&path);
	super_put(super);
}

static void add_device(const struct chardev *device, void *arg)
{
	uint64_t number = device_number(device->major, device->minor);
	char name[64] = "";
	struct path_at at = fs_root_at(name);

	(void)arg;
	if (!device->name)
		return;
	format_text(name, sizeof(name), "/dev/%s", device->name);
	must(path_mknod(&at, S_IFCHR | device->mode, number), name);
}

static void dev_link(const char *target, const char *name)
{
	struct path_at at = fs_root_at(name);

	must(path_symlink(target, &at), name);
}

static void dev_populate(void)
{
	struct path_at shm = fs_root_at("/dev/shm");

	chardev_for_each(add_device, NULL);
	dev_link("/proc/self/fd", "/dev/fd");
	dev_link("/proc/self/fd/0", "/dev/stdin");
	dev_link("/proc/self/fd/1", "/dev/stdout");
	dev_link("/proc/self/fd/2", "/dev/stderr");
	must(path_mkdir(&shm, 01777), "/dev/shm");
}

void fs_init(void)
{
	struct superblock *super;

	must(dentry_init(), "name cache");
	must(mount_init(), "mounts");
	pipefs_init();
	anon_init();
	must(tmpfs_create(0, &super), "root file system");
	must(mount_root(super, &root_path), "root file system");
	super_put(super);
	must(memfd_init(), "memory files");
	root_context = fs_context_create(&root_path);
	must(root_context ? OK : ERR_NOMEM, "root context");
	/* The kernel's own files get exactly the modes that it asks for. */
	fs_context_set_umask(root_context, 0);

	must(tmpfs_create(0, &dev_super), "/dev");
	dev_super->type_name = dev_type.name;
	dev_super->flags |= SB_KEPT;
	mount_at(super_get(dev_super), "/dev");
	fs_type_register(&tmpfs_type);
	fs_type_register(&dev_type);
	fs_type_register(&procfs_type);
	fs_type_register(&devpts_type);
	dev_populate();
	must(procfs_create(&super), "/proc");
	mount_at(super, "/proc");
	must(devpts_create(&super), "/dev/pts");
	mount_at(super, "/dev/pts");
	log_info("fs", "tmpfs on /, devices on /dev, processes on /proc");
}
