/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/fs_type.h"

#include "kernel/lib/string.h"

static struct fs_type *types;

void fs_type_register(struct fs_type *type)
{
	struct fs_type **link = &types;

	while (*link)
		link = &(*link)->next;
	*link = type;
}

const struct fs_type *fs_type_find(const char *name)
{
	const struct fs_type *type = types;

	while (type && strcmp(type->name, name) != 0)
		type = type->next;
	return type;
}

const struct fs_type *fs_type_next(const struct fs_type *type)
{
	return type ? type->next : types;
}
