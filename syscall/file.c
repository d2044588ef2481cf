/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on open files other than reading and writing: positions, directories, sizes, advice. */
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"

#include "mm/slab.h"
#include "mm/usercopy.h"
#include "syscall/user.h"

#define DIRENTS_MAX 32768u

int64_t sys_lseek(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	uint64_t position = 0;
	enum err err;

	if (!ref.file)
		return ERR_BADF;
	err = file_seek(ref.file, (int64_t)arg(frame, 1), arg_u32(frame, 2), &position);
	fd_return(ref);
	return err == OK ? (int64_t)position : err;
}

static int64_t get_entries(struct trapframe *frame, bool old)
{
	struct fd_ref ref = my_fd(frame, 0);
	size_t size = MIN(arg_u32(frame, 2), DIRENTS_MAX);
	int64_t result = ERR_NOMEM;
	uint64_t position;
	void *buffer;

	if (!ref.file)
		return ERR_BADF;
	position = ref.file->position;
	buffer = size ? kmalloc(size) : NULL;
	if (buffer)
		result = file_getdents(ref.file, buffer, size, old);
	else if (!size)
		result = ERR_INVAL;
	if (result > 0 && copy_to_user(arg_uaddr(frame, 1), buffer, (size_t)result) != OK) {
		/* What the program has not seen is read again. */
		(void)!file_seek(ref.file, (int64_t)position, SEEK_SET, &position);
		result = ERR_FAULT;
	}
	kfree(buffer);
	fd_return(ref);
	return result;
}

int64_t sys_getdents64(struct trapframe *frame)
{
	return get_entries(frame, false);
}

int64_t sys_getdents(struct trapframe *frame)
{
	return get_entries(frame, true);
}

static int64_t sync_file(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	enum err err;

	if (!ref.file)
		return ERR_BADF;
	err = file_sync(ref.file);
	fd_return(ref);
	return err;
}

int64_t sys_fsync(struct trapframe *frame)
{
	return sync_file(frame);
}

int64_t sys_fdatasync(struct trapframe *frame)
{
	return sync_file(frame);
}

int64_t sys_syncfs(struct trapframe *frame)
{
	return sync_file(frame);
}

int64_t sys_sync(struct trapframe *frame)
{
	(void)frame;
	return 0;
}

int64_t sys_ftruncate(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	enum err err;

	if (!ref.file)
		return ERR_BADF;
	err = ref.file->mode & FILE_WRITE ? limit_new_size(ref.file->inode, (int64_t)arg(frame, 1))
					  : OK;
	if (err == OK)
		err = file_truncate(ref.file, cred_current(), (int64_t)arg(frame, 1));
	fd_return(ref);
	return err;
}

/* Only what grows the file; what is wrong in itself the file says. */
static enum err limit_allocation(const struct file *file, uint32_t mode, int64_t offset,
				 int64_t len)
{
	int64_t end;

	if (!(file->mode & FILE_WRITE) || (mode & FALLOC_FL_KEEP_SIZE) || offset < 0 || len <= 0 ||
	    add_overflows(offset, len, &end))
		return OK;
	return limit_new_size(file->inode, end);
}

int64_t sys_fallocate(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	int64_t offset = (int64_t)arg(frame, 2), len = (int64_t)arg(frame, 3);
	uint32_t mode = arg_u32(frame, 1);
	enum err err;

	if (!ref.file)
		return ERR_BADF;
	err = limit_allocation(ref.file, mode, offset, len);
	if (err == OK)
		err = file_allocate(ref.file, mode, offset, len);
	fd_return(ref);
	return err;
}

int64_t sys_fadvise64(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);

	if (!ref.file)
		return ERR_BADF;
	fd_return(ref);
	return arg_u32(frame, 3) > 5 ? ERR_INVAL : 0;
}

/* All of it is in memory already. */
int64_t sys_readahead(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	int64_t result = 0;

	if (!ref.file)
		return ERR_BADF;
	if (!(ref.file->mode & FILE_READ))
		result = ERR_BADF;
	else if (!S_ISREG(ref.file->inode->mode))
		result = ERR_INVAL;
	fd_return(ref);
	return result;
}

#define SYNC_FILE_RANGE_FLAGS 7u

int64_t sys_sync_file_range(struct trapframe *frame)
{
	int64_t offset = (int64_t)arg(frame, 1), len = (int64_t)arg(frame, 2);
	struct fd_ref ref = my_fd(frame, 0);
	int64_t result = 0;

	if (!ref.file)
		return ERR_BADF;
	if (ref.file->mode & FILE_PATH)
		result = ERR_BADF;
	else if ((arg_u32(frame, 3) & ~SYNC_FILE_RANGE_FLAGS) || offset < 0 || len < 0 ||
		 offset > INT64_MAX - len)
		result = ERR_INVAL;
	else if (!S_ISREG(ref.file->inode->mode) && !S_ISDIR(ref.file->inode->mode))
		result = ERR_SPIPE;
	fd_return(ref);
	return result;
}
