/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/path.h"

#include "kernel/lib/string.h"

void path_resume(struct path_iter *iter, const char *text, size_t len)
{
	iter->at = text;
	iter->end = text + len;
	iter->words_end = (uintptr_t)iter->end - 7;
	if (likely(len >= 8))
		iter->rest = word_load(iter->end - 8) >> 8;
	else
		iter->rest = word_load_rest(text, len) << (56 - 8 * len);
}

static bool has_nul(const char *text, size_t len)
{
	uint64_t marks;

	if (unlikely(len < 8))
		return memchr(text, 0, len) != NULL;
	marks = word_zero_bytes(word_load(text + len - 8));
	for (; len > 8; len -= 8, text += 8)
		marks |= word_zero_bytes(word_load(text));
	return marks;
}

enum err path_begin(struct path_iter *iter, const char *path, size_t len)
{
	if (len == 0)
		return ERR_NOENT;
	if (len >= PATH_BYTES_MAX)
		return ERR_NAMETOOLONG;
	if (has_nul(path, len))
		return ERR_INVAL;
	path_resume(iter, path, len);
	iter->absolute = *path == '/';
	while (iter->at < iter->end && *iter->at == '/')
		iter->at++;
	return OK;
}

enum err path_check_name(const char *name, size_t len)
{
	if (len == 0 || path_kind_of(name, len) != PATH_NAME)
		return ERR_INVAL;
	if (len > PATH_NAME_MAX)
		return ERR_NAMETOOLONG;
	if (memchr(name, '/', len) != NULL || memchr(name, 0, len) != NULL)
		return ERR_INVAL;
	return OK;
}
