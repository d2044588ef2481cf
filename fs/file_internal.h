/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Inside fs/: the tables of operations that open() chooses from, by the inode's type. */
#include "fs/file.h"

/** Operations of character device files; ERR_NXIO at open if no driver has the number. */
extern const struct file_ops chardev_file_ops;

/** Operations of an O_PATH file: none. */
extern const struct file_ops path_file_ops;

/**
 * A new regular file on @dir's file system that no directory holds; @name is shown only.
 * @mode: permission bits.
 */
enum err file_create_nameless(const struct path *dir, const char *name, uint32_t flags,
			      uint32_t mode, const struct cred *cred, struct file **out);

/** Set up what nameless pipes, and what has no inode of its own, stand in. Boot, once. */
void pipefs_init(void);
void anon_init(void);
