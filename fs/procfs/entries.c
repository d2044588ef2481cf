/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of /proc that speak of file systems. */
#include "fs/fs_type.h"
#include "fs/procfs/procfs_internal.h"
#include "kernel/core/panic.h"

static enum err show_filesystems(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	for (const struct fs_type *type = NULL; (type = fs_type_next(type));)
		procfs_print(text, "nodev\t%s\n", type->name);
	return OK;
}

void procfs_own_entries(void)
{
	static const struct procfs_node nodes[] = {
		{.name = "mounts", .mode = S_IFLNK | 0777, .link = "self/mounts"},
		{.name = "filesystems", .mode = S_IFREG | 0444, .show = show_filesystems},
	};

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		if (procfs_register(&nodes[i]))
			panic("procfs: no memory");
	}
}
