/* SPDX-License-Identifier: BSD-2-Clause */
/* Files whose text is built in kernel memory, whole, when they are read from their beginning. */
#include <stdarg.h>

#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/procfs/procfs_internal.h"
#include "mm/slab.h"

#define TEXT_FIRST KIB(1)

/* Makes room for @more bytes; false without memory, and for good. */
static bool text_reserve(struct procfs_text *text, size_t more)
{
	size_t capacity = text->capacity ? text->capacity : TEXT_FIRST;
	char *data;

	if (text->failed)
		return false;
	while (capacity - text->len < more)
		capacity *= 2;
	if (capacity == text->capacity)
		return true;
	data = text->data ? krealloc(text->data, capacity) : kmalloc(capacity);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}

void procfs_write(struct procfs_text *text, const void *bytes, size_t len)
{
	if (!text_reserve(text, len))
		return;
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
}

void procfs_print(struct procfs_text *text, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	len = format_text_va(NULL, 0, format, args);
	va_end(args);
	if (!text_reserve(text, len + 1))
		return;
	va_start(args, format);
	format_text_va(text->data + text->len, len + 1, format, args);
	va_end(args);
	text->len += len;
}

/* A text that was built, shared by the file and by reads that are copying from it. */
struct built {
	struct refcount count;
	struct procfs_text text;
};

static void built_put(struct built *built)
{
	if (!built || !refcount_put(&built->count))
		return;
	kfree(built->text.data);
	kfree(built);
}

static enum err build(const struct procfs_inode *proc, struct built **out)
{
	struct built *built;
	enum err error;

	if (!proc->node->show)
		return ERR_INVAL;
	built = kzalloc(sizeof(*built));
	if (!built)
		return ERR_NOMEM;
	refcount_init(&built->count, 1);
	error = proc->node->show(&built->text, &proc->subject);
	if (!error && built->text.failed)
		error = ERR_NOMEM;
	if (error) {
		built_put(built);
		return error;
	}
	*out = built;
	return OK;
}

/* The file's text, counted; a new one when the file is read from its beginning. */
static enum err current_text(struct file *file, bool from_start, struct built **out)
{
	struct inode *inode = file->inode;
	struct built *built = NULL;
	struct built *old = NULL;
	enum err error;

	if (from_start || !file->private) {
		error = build(procfs_inode_of(inode), &built);
		if (error)
			return error;
	}
	mutex_lock(&inode->lock);
	if (built) {
		old = file->private;
		file->private = built;
	}
	built = file->private;
	refcount_get(&built->count);
	mutex_unlock(&inode->lock);
	built_put(old);
	*out = built;
	return OK;
}

static int64_t procfs_read(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	struct built *built;
	size_t done = 0;
	size_t want = 0;
	enum err error;

	error = current_text(file, *pos == 0, &built);
	if (error)
		return error;
	if (*pos < built->text.len) {
		want = MIN(built->text.len - *pos, io_iter_left(iter));
		done = io_iter_write(iter, built->text.data + *pos, want);
		*pos += done;
	}
	built_put(built);
	return done || !want ? (int64_t)done : ERR_FAULT;
}

static enum err procfs_open(struct file *file)
{
	const struct procfs_inode *proc = procfs_inode_of(file->inode);

	return proc->node->is_private && !procfs_processes->may_read(&proc->subject) ? ERR_ACCES
										     : OK;
}

static void procfs_release(struct file *file)
{
	built_put(file->private);
}

const struct file_ops procfs_file_ops = {
	.open = procfs_open,
	.read = procfs_read,
	.release = procfs_release,
};
