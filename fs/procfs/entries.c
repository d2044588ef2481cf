/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of /proc that speak of file systems. */
#include "fs/procfs/procfs_internal.h"
#include "fs/root.h"
#include "kernel/core/panic.h"
#include "mm/slab.h"

#define MOUNT_TEXT_BYTES 4096u

struct mounts_text {
	struct procfs_text *text;
	char *buffer;
};

static void show_mount(struct mount *mount, void *context)
{
	struct mounts_text *out = context;
	const struct path at = {.mount = mount, .dentry = mount->root};
	const char *type = mount->super->type_name;
	char *start;

	if (path_text(&at, fs_root_path(), out->buffer, MOUNT_TEXT_BYTES, &start) < 0)
		return;
	procfs_print(out->text, "%s %s %s %s 0 0\n", type, start, type,
		     mount->super->flags & SB_RDONLY ? "ro" : "rw");
}

static enum err show_mounts(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct mounts_text out = {.text = text, .buffer = kmalloc(MOUNT_TEXT_BYTES)};

	(void)subject;
	if (!out.buffer)
		return ERR_NOMEM;
	mount_for_each(show_mount, &out);
	kfree(out.buffer);
	return OK;
}

static enum err show_filesystems(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	procfs_print(text, "nodev\ttmpfs\nnodev\tproc\n");
	return OK;
}

void procfs_own_entries(void)
{
	static const struct procfs_node nodes[] = {
		{.name = "mounts", .mode = S_IFREG | 0444, .show = show_mounts},
		{.name = "filesystems", .mode = S_IFREG | 0444, .show = show_filesystems},
	};

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		if (procfs_register(&nodes[i]))
			panic("procfs: no memory");
	}
}
