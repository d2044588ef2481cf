/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks that leave their epoch section: what they keep meanwhile. */
#include "kernel/lib/string.h"

#include "fs/walk_internal.h"
#include "mm/slab.h"

/* Whether a text is the caller's own, which stays. */
static bool is_own(const struct walker *walker, const char *end)
{
	return end == walker->name_end;
}

/* Adds a text as further components. @to: NULL to measure. */
static size_t append(char *to, size_t len, const char *at, const char *end)
{
	if (at == end)
		return len;
	if (to && len)
		to[len] = '/';
	len += len != 0;
	if (to)
		memcpy(to + len, at, (size_t)(end - at));
	return len + (size_t)(end - at);
}

/* @name and what is left of links' texts, one behind the other, the innermost first. */
static size_t join(const struct walker *walker, const struct path_component *name, char *to)
{
	size_t len = append(to, 0, name->name, name->end);

	len = append(to, len, walker->iter.at, walker->iter.end);
	for (unsigned i = walker->depth; i-- && !is_own(walker, walker->rests[i].end);)
		len = append(to, len, walker->rests[i].at, walker->rests[i].end);
	return len;
}

/* Texts in links' inodes may go with them: they are copied. The caller's own, if it is not used up,
 * is the last rest. */
static enum err copy_texts(struct walker *walker, struct path_component *name)
{
	size_t len;
	char *text;
	enum err error;

	if (!walker->borrows || is_own(walker, walker->iter.end))
		return OK;
	len = join(walker, name, NULL);
	text = kmalloc(len);
	if (!text)
		return ERR_NOMEM;
	(void)join(walker, name, text);
	kfree(walker->copied);
	walker->copied = text;
	path_resume(&walker->iter, text, len);
	error = path_next(&walker->iter, name);
	ASSERT(!error);
	walker->depth = walker->depth && is_own(walker, walker->rests[0].end) ? 1 : 0;
	walker->borrows = false;
	return OK;
}

static bool count_root(struct walker *walker)
{
	if (!walker->root_counted)
		walker->root_counted = walker_count(walker, &walker->root);
	return walker->root_counted;
}

enum err walker_pause(struct walker *walker, struct path_component *name)
{
	struct path before = walker->held;
	enum err error = copy_texts(walker, name);

	walker->paused = true;
	if (error)
		return error;
	if (!count_root(walker) || !walker_count(walker, &walker->here))
		return ERR_NOENT;
	walker->held = walker->here;
	epoch_exit();
	path_put(&before);
	return OK;
}

void walker_let_go(struct walker *walker)
{
	path_put(&walker->held);
	path_put(&walker->stray);
	if (walker->root_counted)
		path_put(&walker->root);
	walker->root_counted = false;
	kfree(walker->copied);
	walker->copied = NULL;
}
