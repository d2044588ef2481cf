/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/file.h"

#include "fs/epoll.h"
#include "fs/file_internal.h"
#include "fs/file_lock.h"
#include "kernel/core/limits.h"
#include "mm/slab.h"
#include "mm/space/file_hooks.h"

/* Flags that belong to the call, not to the open file. */
#define OPEN_ONLY_FLAGS (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)
/* Flags that F_SETFL changes. */
#define CHANGEABLE_FLAGS (O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME)

static SLAB_CACHE_OF_LINES(file_cache, struct file);

static uint32_t file_object_poll(struct object *object, uint32_t events, struct poll_wait *wait)
{
	return file_poll(file_of_object(object), wait) & (events | POLLERR | POLLHUP | POLLNVAL);
}

static void file_reclaim(struct epoch_node *node)
{
	slab_free(&file_cache, container_of(node, struct file, epoch));
}

static void file_free(struct file *file)
{
	if (file->mode & FILE_WRITER) {
		inode_write_end(file->inode);
		mount_write_end(file->path.mount);
	}
	if (file->mode & FILE_RUNNER)
		inode_run_end(file->inode);
	cred_put(file->cred);
	path_put(&file->path);
	if (file->object.flags & OBJECT_FOUND_UNLOCKED)
		epoch_retire(&file->epoch, file_reclaim);
	else
		slab_free(&file_cache, file);
}

static void file_object_close(struct object *object)
{
	struct file *file = file_of_object(object);

	if (unlikely(file->watchers != NULL))
		epoll_forget_file(file);
	file_lock_file_ends(file);
	if (file->ops->release)
		file->ops->release(file);
	file_free(file);
}

static const struct object_ops file_object_ops = {
	.type = "file",
	.poll = file_object_poll,
	.close = file_object_close,
};

struct file *file_get(struct file *file)
{
	object_get(&file->object);
	return file;
}

void file_touch_accessed(struct file *file)
{
	const struct mount *mount = file->path.mount;
	uint32_t off = MOUNT_NOATIME | (S_ISDIR(file->inode->mode) ? MOUNT_NODIRATIME : 0);

	if (likely(!(file->flags & O_NOATIME) && !(mount->flags & off)) &&
	    !mount_is_readonly(mount))
		inode_touch_accessed(file->inode);
}

void area_file_get(void *file)
{
	file_get(file);
}

void area_file_put(void *file)
{
	file_put(file);
}

static uint32_t mode_of_flags(uint32_t flags)
{
	static const uint8_t modes[] = {
		[O_RDONLY] = FILE_READ,
		[O_WRONLY] = FILE_WRITE,
		[O_RDWR] = FILE_READ | FILE_WRITE,
		[O_ACCMODE] = 0, /* Linux: for ioctl only */
	};

	return flags & O_PATH ? FILE_PATH : modes[flags & O_ACCMODE];
}

enum err file_create(const struct path *path, const struct file_ops *ops, uint32_t flags,
		     const struct cred *cred, void *private, struct file **out)
{
	struct file *file = slab_alloc(&file_cache);
	enum err error = OK;

	if (!file)
		return ERR_NOMEM;
	object_init(&file->object, &file_object_ops);
	mutex_init(&file->position_lock, LOCK_FILE_POS);
	file->ops = ops;
	file->inode = path_inode(path);
	file->flags = flags;
	file->mode = mode_of_flags(flags);
	if ((S_ISREG(file->inode->mode) || S_ISDIR(file->inode->mode)) && !(flags & O_PATH))
		file->mode |= FILE_SEEKABLE;
	if (ops->poll && !(flags & O_PATH))
		file->mode |= FILE_POLLS;
	file->position = 0;
	file->watchers = NULL;
	file->cred = cred_get(cred);
	file->private = private;
	file->path = *path;
	path_get(path);
	if (ops->open)
		error = ops->open(file);
	if (error) {
		file_free(file);
		return error;
	}
	file->flags &= ~OPEN_ONLY_FLAGS;
	*out = file;
	return OK;
}

static uint32_t place_poll(struct file *file, struct poll_wait *wait)
{
	(void)file;
	(void)wait;
	return POLLNVAL;
}

const struct file_ops path_file_ops = {.poll = place_poll};

static int64_t check_read(const struct file *file)
{
	if (!(file->mode & FILE_READ))
		return ERR_BADF;
	if (unlikely(!file->ops->read))
		return S_ISDIR(file->inode->mode) ? ERR_ISDIR : ERR_INVAL;
	return OK;
}

static int64_t check_write(const struct file *file)
{
	if (!(file->mode & FILE_WRITE))
		return ERR_BADF;
	return file->ops->write ? OK : ERR_INVAL;
}

/* RLIMIT_FSIZE. The inode is locked: the end stays where it is. */
static enum err cut_at_limit(struct io_iter *iter, uint64_t at, uint64_t limit)
{
	if (likely(limit == FILE_NO_LIMIT) || !io_iter_left(iter))
		return OK;
	if (at >= limit)
		return ERR_FBIG;
	io_iter_truncate(iter, limit - at);
	return OK;
}

static int64_t write_locked(struct file *file, struct io_iter *iter, uint64_t *pos, uint64_t limit)
{
	struct inode *inode = file->inode;
	uint64_t at = *pos;
	int64_t result;

	inode_clear_setid(inode, file->cred);
	if (file->flags & O_APPEND)
		at = inode_size(inode);
	result = cut_at_limit(iter, at, limit);
	if (!result)
		result = file->ops->write(file, iter, &at);
	if (result >= 0)
		*pos = at;
	return result;
}

/* Writes at *pos; with O_APPEND at the end. Writes and truncations of a regular file come one after
 * the other. */
static int64_t write_at(struct file *file, struct io_iter *iter, uint64_t *pos, uint64_t limit)
{
	struct inode *inode = file->inode;
	int64_t result;

	if (!S_ISREG(inode->mode))
		return file->ops->write(file, iter, pos);
	mutex_lock(&inode->lock);
	result = write_locked(file, iter, pos, limit);
	mutex_unlock(&inode->lock);
	return result;
}

/* Whether reads and writes move a position. */
static bool has_position(const struct file *file)
{
	return (file->mode & (FILE_SEEKABLE | FILE_STREAM)) == FILE_SEEKABLE;
}

/*
 * Locks the position if others may be moving it too; false: they cannot. Who has the only reference
 * is a process with one thread, or the kernel: nobody else finds the file while a call of theirs is
 * under way, or only to look.
 */
static bool lock_position(struct file *file)
{
	if (likely(refcount_read(&file->object.count) == 1))
		return false;
	mutex_lock(&file->position_lock);
	return true;
}

int64_t file_read(struct file *file, struct io_iter *iter)
{
	int64_t result = check_read(file);
	bool locked;

	if (result)
		return result;
	io_iter_truncate(iter, LIMIT_TRANSFER_BYTES);
	if (!has_position(file))
		return file->ops->read(file, iter, &file->position);
	locked = lock_position(file);
	result = file->ops->read(file, iter, &file->position);
	if (locked)
		mutex_unlock(&file->position_lock);
	return result;
}

int64_t file_write_limited(struct file *file, struct io_iter *iter, uint64_t limit)
{
	int64_t result = check_write(file);
	bool locked;

	if (result)
		return result;
	io_iter_truncate(iter, LIMIT_TRANSFER_BYTES);
	if (!has_position(file))
		return file->ops->write(file, iter, &file->position);
	locked = lock_position(file);
	result = write_at(file, iter, &file->position, limit);
	if (locked)
		mutex_unlock(&file->position_lock);
	return result;
}

int64_t file_write(struct file *file, struct io_iter *iter)
{
	return file_write_limited(file, iter, FILE_NO_LIMIT);
}

int64_t file_pread(struct file *file, struct io_iter *iter, int64_t offset)
{
	uint64_t pos = (uint64_t)offset;
	int64_t result;

	if (offset < 0)
		return ERR_INVAL;
	if (!(file->mode & FILE_SEEKABLE))
		return file->mode & FILE_PATH ? ERR_BADF : ERR_SPIPE;
	result = check_read(file);
	if (result)
		return result;
	io_iter_truncate(iter, LIMIT_TRANSFER_BYTES);
	return file->ops->read(file, iter, &pos);
}

int64_t file_pwrite_limited(struct file *file, struct io_iter *iter, int64_t offset, uint64_t limit)
{
	uint64_t pos = (uint64_t)offset;
	int64_t result;

	if (offset < 0)
		return ERR_INVAL;
	if (!(file->mode & FILE_SEEKABLE))
		return file->mode & FILE_PATH ? ERR_BADF : ERR_SPIPE;
	result = check_write(file);
	if (result)
		return result;
	io_iter_truncate(iter, LIMIT_TRANSFER_BYTES);
	return write_at(file, iter, &pos, limit);
}

int64_t file_pwrite(struct file *file, struct io_iter *iter, int64_t offset)
{
	return file_pwrite_limited(file, iter, offset, FILE_NO_LIMIT);
}

int64_t file_read_kernel(struct file *file, void *buffer, size_t size, uint64_t offset)
{
	struct io_iter iter;

	io_iter_init_kernel(&iter, buffer, size);
	return file_pread(file, &iter, (int64_t)offset);
}

int64_t file_write_kernel(struct file *file, const void *buffer, size_t size)
{
	struct io_iter iter;

	/* A write only reads the buffer. */
	io_iter_init_kernel(&iter, (void *)(uintptr_t)buffer, size);
	return file_write(file, &iter);
}

int64_t file_ioctl(struct file *file, uint32_t command, void *argument, uint64_t raw)
{
	if (file->mode & FILE_PATH)
		return ERR_BADF;
	if (!file->ops->ioctl) {
		if (command != FIONREAD || !S_ISREG(file->inode->mode))
			return ERR_NOTTY;
		*(int32_t *)argument =
			(int32_t)(inode_size(file->inode) - READ_ONCE(file->position));
		return 0;
	}
	return file->ops->ioctl(file, command, argument, raw);
}

enum err file_map(struct file *file, struct mem_object **out)
{
	if (file->mode & FILE_PATH)
		return ERR_BADF;
	if (!file->ops->map)
		return ERR_NODEV;
	return file->ops->map(file, out);
}

enum err file_sync(struct file *file)
{
	if (file->mode & FILE_PATH)
		return ERR_BADF;
	if (!S_ISREG(file->inode->mode) && !S_ISDIR(file->inode->mode))
		return ERR_INVAL;
	return file->ops->fsync ? file->ops->fsync(file) : OK;
}

enum err file_set_flags(struct file *file, uint32_t which, uint32_t flags)
{
	uint32_t old = READ_ONCE(file->flags);

	which &= CHANGEABLE_FLAGS;
	if (file->mode & FILE_PATH)
		return ERR_BADF;
	while (!__atomic_compare_exchange_n(&file->flags, &old, (old & ~which) | (flags & which),
					    false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
	if (file->ops->flags_changed)
		file->ops->flags_changed(file);
	return OK;
}
