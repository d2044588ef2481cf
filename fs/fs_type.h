/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Types of file systems by the names that mount(2) knows them by. */
#include "fs/inode.h"

struct fs_type {
	const char *name;
	/*
	 * A superblock to mount, with a reference: a new one or the only one of the type.
	 * @options: mount(2)'s, "size=1m,mode=700", or "". Return: ERR_INVAL, ERR_NOMEM.
	 */
	enum err (*get)(const char *options, struct superblock **out);
	struct fs_type *next;
};

/** Make a type known; @type is kept. Context: boot. */
void fs_type_register(struct fs_type *type);

/** NULL: there is none. Context: any. */
const struct fs_type *fs_type_find(const char *name);

/** All types, in the order of registration; NULL starts and ends. */
const struct fs_type *fs_type_next(const struct fs_type *type);
