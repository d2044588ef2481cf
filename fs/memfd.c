/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/memfd.h"

#include "fs/file_internal.h"
#include "fs/type_hooks.h"
#include "mm/space/object.h"

static struct mount memfd_mount;

enum err memfd_init(void)
{
	struct superblock *super;
	enum err error = tmpfs_create(0, &super);

	if (error)
		return error;
	super->flags |= SB_HIDDEN | SB_KEPT;
	mount_init_private(&memfd_mount, super);
	spread_begin(&memfd_mount.count);
	return OK;
}

enum err memfd_create(const char *name, bool sealable, const struct cred *cred, struct file **out)
{
	const struct path dir = {&memfd_mount, memfd_mount.root};
	enum err error = file_create_nameless(&dir, name, O_RDWR | O_LARGEFILE, 0777, cred, out);

	if (!error && sealable)
		(*out)->inode->seals = 0;
	return error;
}

/* Regular files of every tmpfs have seals, of which all but memfds' are closed. */
static bool has_seals(const struct file *file)
{
	return S_ISREG(file->inode->mode) && file->inode->ops->nameless;
}

int64_t memfd_seals(const struct file *file)
{
	return has_seals(file) ? (int64_t)file->inode->seals : ERR_INVAL;
}

static enum err add_seals(struct inode *inode, uint32_t seals)
{
	enum err error = OK;

	if (inode->seals & SEAL_SEAL)
		return ERR_PERM;
	if (seals & ~inode->seals & SEAL_WRITE)
		error = mem_object_seal_writes(inode->data);
	if (!error)
		inode->seals |= seals;
	return error;
}

enum err memfd_add_seals(struct file *file, uint32_t seals)
{
	struct inode *inode = file->inode;
	enum err error;

	if (!has_seals(file))
		return ERR_INVAL;
	if (!(file->mode & FILE_WRITE))
		return ERR_PERM;
	if (seals & ~SEAL_ALL)
		return ERR_INVAL;
	mutex_lock(&inode->lock);
	error = add_seals(inode, seals);
	mutex_unlock(&inode->lock);
	return error;
}
