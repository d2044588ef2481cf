/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/readdir.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

/* Linux's struct linux_dirent64. */
struct record {
	uint64_t ino;
	uint64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
} __packed;
static_assert(offsetof(struct record, name) == 19, "getdents64(2)");

/* struct linux_dirent: the name one byte earlier, the type in the record's last byte. */
#define OLD_NAME offsetof(struct record, type)

bool dir_emit(struct dir_sink *sink, const char *name, size_t len, uint64_t ino, uint64_t next,
	      uint32_t mode)
{
	size_t head = sink->old ? OLD_NAME : offsetof(struct record, name);
	size_t size = align_up(head + len + 1 + (sink->old ? 1 : 0), 8);
	char *at = sink->buffer + sink->used;
	struct record *record = (struct record *)(void *)at;

	if (size > sink->size - sink->used) {
		sink->full = true;
		return false;
	}
	record->ino = ino;
	record->next = next;
	record->size = (uint16_t)size;
	memcpy(at + head, name, len);
	/* The padding too: nothing of the kernel's goes out with it. */
	memset(at + head + len, 0, size - head - len);
	at[sink->old ? size - 1 : OLD_NAME] = (char)DT_OF_MODE(mode);
	sink->used += size;
	return true;
}

bool dir_emit_dots(struct file *file, struct dir_sink *sink)
{
	struct dentry *dir = file->path.dentry;

	if (file->position == DIR_POS_DOT) {
		if (!dir_emit(sink, ".", 1, dir->inode->number, DIR_POS_DOTDOT, S_IFDIR))
			return false;
		file->position = DIR_POS_DOTDOT;
	}
	if (file->position == DIR_POS_DOTDOT) {
		if (!dir_emit(sink, "..", 2, dir->parent->inode->number, DIR_POS_FIRST, S_IFDIR))
			return false;
		file->position = DIR_POS_FIRST;
	}
	return true;
}

/* A position is the cookie to go on from, so what is removed meanwhile moves nothing else. */
enum err readdir_resident(struct file *file, struct dir_sink *sink)
{
	struct dentry *dir = file->path.dentry;
	struct superblock *super = dir->inode->super;
	struct dentry *child;

	mutex_lock(&super->names);
	if (!dir_emit_dots(file, sink))
		goto out;
	child = dentry_child_at(dir, file->position);
	while (child) {
		struct rb_node *next;

		if (!dir_emit(sink, child->name, child->name_len, child->inode->number,
			      child->cookie + 1, child->inode->mode))
			break;
		file->position = child->cookie + 1;
		next = rb_next(&child->order);
		child = next ? container_of(next, struct dentry, order) : NULL;
	}
out:
	mutex_unlock(&super->names);
	return OK;
}

int64_t file_getdents(struct file *file, void *buffer, size_t size, bool old)
{
	struct dir_sink sink = {.buffer = buffer, .size = size, .old = old};
	enum err error;

	if (file->mode & FILE_PATH)
		return ERR_BADF;
	if (!file->ops->readdir)
		return ERR_NOTDIR;
	mutex_lock(&file->position_lock);
	if (!(file->path.dentry->flags & DENTRY_DEAD))
		error = file->ops->readdir(file, &sink);
	else
		error = ERR_NOENT;
	mutex_unlock(&file->position_lock);
	if (error)
		return error;
	if (!sink.used && sink.full)
		return ERR_INVAL;
	file_touch_accessed(file);
	return (int64_t)sink.used;
}
