/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/N/mounts and mountinfo. */
#include "kernel/lib/string.h"

#include "fs/procfs/procfs_internal.h"
#include "fs/walk.h"
#include "mm/slab.h"

#define NAME_BYTES    4096u
#define OPTIONS_BYTES 160u

struct view {
	struct procfs_text *text;
	const struct path *root; /* only what stands below it is shown, and from there */
	char *name; /* room for two */
	bool info;
};

/* A name that may hold what separates the fields: such bytes are written in octal. */
static void print_name(struct procfs_text *text, const char *name)
{
	for (; *name; name++) {
		uint8_t byte = (uint8_t)*name;

		if (strchr(" \t\n\\#", *name))
			procfs_print(text, "\\%u%u%u", byte >> 6, byte >> 3 & 7, byte & 7);
		else
			procfs_write(text, name, 1);
	}
}

static void print_flags(struct procfs_text *text, const struct mount *mount)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} names[] = {
		{MOUNT_NOSUID, ",nosuid"},   {MOUNT_NODEV, ",nodev"},
		{MOUNT_NOEXEC, ",noexec"},   {MOUNT_NOATIME, ",noatime"},
		{MOUNT_NODIRATIME, ",nodiratime"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (mount->flags & names[i].flag)
			procfs_print(text, "%s", names[i].name);
	if (!(mount->flags & MOUNT_NOATIME))
		procfs_print(text, ",relatime");
}

static void print_super_options(struct procfs_text *text, struct superblock *super)
{
	char options[OPTIONS_BYTES] = "";

	if (super->ops->show_options)
		super->ops->show_options(super, options, sizeof(options));
	procfs_print(text, "%s", options);
}

static void print_mount(const struct view *view, const struct mount *mount, const char *place)
{
	struct procfs_text *text = view->text;

	print_name(text, mount->source ? mount->source : "none");
	procfs_print(text, " ");
	print_name(text, place);
	procfs_print(text, " %s %s", mount->super->type_name,
		     mount_is_readonly(mount) ? "ro" : "rw");
	print_flags(text, mount);
	print_super_options(text, mount->super);
	procfs_print(text, " 0 0\n");
}

/* Which part of the file system is shown: its root's own name in it. */
static void print_shown_root(const struct view *view, const struct mount *mount)
{
	char *begin = view->name + NAME_BYTES;
	char *start = begin + NAME_BYTES - 1;
	bool fits;

	*start = '\0';
	dentry_still_begin();
	fits = dentry_path_text(mount->root, NULL, &start, begin);
	dentry_still_end();
	if (fits)
		print_name(view->text, *start ? start : "/");
}

static void print_mount_info(const struct view *view, const struct mount *mount, const char *place)
{
	struct procfs_text *text = view->text;
	uint64_t device = mount->super->device;

	procfs_print(text, "%u %u %u:%u ", mount->id, mount->parent ? mount->parent->id : 0,
		     device_major(device), device_minor(device));
	print_shown_root(view, mount);
	procfs_print(text, " ");
	print_name(text, place);
	procfs_print(text, " %s", mount->flags & MOUNT_RDONLY ? "ro" : "rw");
	print_flags(text, mount);
	procfs_print(text, " - %s ", mount->super->type_name);
	print_name(text, mount->source ? mount->source : "none");
	procfs_print(text, " %s", mount->super->flags & SB_RDONLY ? "ro" : "rw");
	print_super_options(text, mount->super);
	procfs_print(text, "\n");
}

static void show_mount(struct mount *mount, void *context)
{
	const struct view *view = context;
	const struct path at = {.mount = mount, .dentry = mount->root};
	char *start;

	if (path_text(&at, view->root, view->name, NAME_BYTES, &start) < 0 || *start != '/')
		return;
	if (view->info)
		print_mount_info(view, mount, start);
	else
		print_mount(view, mount, start);
}

enum err procfs_print_mounts(struct procfs_text *text, const struct path *root, bool info)
{
	struct view view = {.text = text, .root = root, .info = info};

	view.name = kmalloc(NAME_BYTES * 2ul);
	if (!view.name)
		return ERR_NOMEM;
	mount_for_each(show_mount, &view);
	kfree(view.name);
	return OK;
}
