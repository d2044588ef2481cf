/* SPDX-License-Identifier: BSD-2-Clause */
/* Positions and sizes of open files. */
#include "kernel/lib/overflow.h"

#include "fs/file.h"
#include "mm/addr.h"
#include "mm/space/object.h"

/* SEEK_DATA and SEEK_HOLE of a file whose pages are its data. */
static enum err seek_pages(struct inode *inode, uint64_t offset, bool hole, uint64_t *result)
{
	uint64_t size = inode_size(inode);
	uint64_t index = offset / PAGE_SIZE;
	uint64_t found;

	if (offset >= size)
		return ERR_NXIO;
	if (!inode->data) {
		*result = hole ? size : offset;
		return OK;
	}
	if (!hole) {
		if (mem_object_next_page(inode->data, index, &found) || found * PAGE_SIZE >= size)
			return ERR_NXIO;
		*result = found == index ? offset : found * PAGE_SIZE;
		return OK;
	}
	while (!mem_object_next_page(inode->data, index, &found) && found == index)
		index++;
	*result = index == offset / PAGE_SIZE ? offset : index * PAGE_SIZE;
	if (*result > size)
		*result = size;
	return OK;
}

static enum err seek_target(struct file *file, int64_t offset, unsigned whence, uint64_t *result)
{
	int64_t base = 0;
	int64_t target;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = (int64_t)file->position;
		break;
	case SEEK_END:
		base = (int64_t)inode_size(file->inode);
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		if (offset < 0)
			return ERR_NXIO;
		return seek_pages(file->inode, (uint64_t)offset, whence == SEEK_HOLE, result);
	default:
		return ERR_INVAL;
	}
	if (add_overflows(base, offset, &target) || target < 0)
		return ERR_INVAL;
	*result = (uint64_t)target;
	return OK;
}

enum err file_seek(struct file *file, int64_t offset, unsigned whence, uint64_t *result)
{
	enum err error;
	uint64_t target;

	if (!(file->mode & FILE_SEEKABLE))
		return file->mode & FILE_PATH ? ERR_BADF : ERR_SPIPE;
	mutex_lock(&file->position_lock);
	if (file->ops->seek)
		error = file->ops->seek(file, offset, whence, &target);
	else
		error = seek_target(file, offset, whence, &target);
	if (!error) {
		file->position = target;
		*result = target;
	}
	mutex_unlock(&file->position_lock);
	return error;
}

enum err file_truncate(struct file *file, const struct cred *cred, int64_t size)
{
	struct inode *inode = file->inode;

	if (file->mode & FILE_PATH)
		return ERR_BADF;
	if (size < 0 || !(file->mode & FILE_WRITE) || !S_ISREG(inode->mode))
		return ERR_INVAL;
	return inode_truncate(inode, cred, (uint64_t)size);
}

enum err file_allocate(struct file *file, unsigned mode, int64_t offset, int64_t len)
{
	struct inode *inode = file->inode;
	int64_t end;
	enum err error;

	if (offset < 0 || len <= 0)
		return ERR_INVAL;
	if (!(file->mode & FILE_WRITE))
		return ERR_BADF;
	if (S_ISFIFO(inode->mode))
		return ERR_SPIPE;
	if (S_ISDIR(inode->mode))
		return ERR_ISDIR;
	if (!S_ISREG(inode->mode))
		return ERR_NODEV;
	if (add_overflows(offset, len, &end))
		return ERR_FBIG;
	if (!file->ops->allocate)
		return ERR_OPNOTSUPP;
	mutex_lock(&inode->lock);
	inode_clear_setid(inode, file->cred);
	error = file->ops->allocate(file, mode, (uint64_t)offset, (uint64_t)len);
	mutex_unlock(&inode->lock);
	return error;
}
