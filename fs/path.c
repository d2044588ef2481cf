/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/path.h"

#include "kernel/lib/string.h"

static void skip_slashes(struct path_iter *iter)
{
	while (iter->at < iter->end && *iter->at == '/')
		iter->at++;
}

enum err path_begin(struct path_iter *iter, const char *path, size_t len)
{
	if (len == 0)
		return ERR_NOENT;
	if (len >= PATH_BYTES_MAX)
		return ERR_NAMETOOLONG;
	if (memchr(path, 0, len) != NULL)
		return ERR_INVAL;
	iter->at = path;
	iter->end = path + len;
	iter->absolute = *path == '/';
	skip_slashes(iter);
	return OK;
}

static enum path_kind kind_of(const char *name, size_t len)
{
	if (len == 1 && name[0] == '.')
		return PATH_DOT;
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return PATH_DOTDOT;
	return PATH_NAME;
}

enum err path_next(struct path_iter *iter, struct path_component *component)
{
	const char *name = iter->at;
	const char *at = name;
	size_t len;

	if (at == iter->end)
		return ERR_NOENT;
	while (at < iter->end && *at != '/')
		at++;
	len = (size_t)(at - name);
	if (len > PATH_NAME_MAX)
		return ERR_NAMETOOLONG;
	component->name = name;
	component->len = len;
	component->kind = kind_of(name, len);
	component->must_be_dir = at < iter->end;
	iter->at = at;
	skip_slashes(iter);
	component->last = iter->at == iter->end;
	return OK;
}

enum err path_check_name(const char *name, size_t len)
{
	if (len == 0 || kind_of(name, len) != PATH_NAME)
		return ERR_INVAL;
	if (len > PATH_NAME_MAX)
		return ERR_NAMETOOLONG;
	if (memchr(name, '/', len) != NULL || memchr(name, 0, len) != NULL)
		return ERR_INVAL;
	return OK;
}
