/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/chardev_file.h"

#include "drv/chardev.h"
#include "fs/file_internal.h"
#include "mm/slab.h"

struct chardev_file {
	struct chardev_open open;
	const struct chardev_ops *ops;
};

static SLAB_CACHE(open_cache, struct chardev_file);

static struct chardev_file *chardev_of(struct file *file)
{
	return file->private;
}

static enum err chardev_file_open(struct file *file)
{
	uint64_t number = file->inode->device;
	const struct chardev *device = chardev_find(device_major(number), device_minor(number));
	struct chardev_file *opened;
	enum err error;

	if (!device)
		return ERR_NXIO;
	opened = slab_alloc_zero(&open_cache);
	if (!opened)
		return ERR_NOMEM;
	opened->ops = device->ops;
	opened->open.device = device->device;
	opened->open.minor = device_minor(number);
	if (!device->ops->poll)
		file->mode &= ~FILE_POLLS;
	opened->open.nonblock = (file->flags & O_NONBLOCK) != 0;
	opened->open.readable = (file->mode & FILE_READ) != 0;
	opened->open.writable = (file->mode & FILE_WRITE) != 0;
	if (device->ops->open) {
		error = device->ops->open(&opened->open, file->flags);
		if (error) {
			slab_free(&open_cache, opened);
			return error;
		}
	}
	if (device->ops->seekable)
		file->mode |= FILE_SEEKABLE | FILE_STREAM;
	file->private = opened;
	return OK;
}

static void chardev_file_release(struct file *file)
{
	struct chardev_file *opened = chardev_of(file);

	if (opened->ops->release)
		opened->ops->release(&opened->open);
	slab_free(&open_cache, opened);
}

static int64_t chardev_file_read(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	struct chardev_file *opened = chardev_of(file);

	return opened->ops->read ? opened->ops->read(&opened->open, iter, pos) : ERR_INVAL;
}

static int64_t chardev_file_write(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	struct chardev_file *opened = chardev_of(file);

	return opened->ops->write ? opened->ops->write(&opened->open, iter, pos) : ERR_INVAL;
}

/* As Linux's devices of memory: seeking succeeds and moves nothing. */
static enum err chardev_file_seek(struct file *file, int64_t offset, unsigned whence,
				  uint64_t *result)
{
	(void)file;
	(void)offset;
	if (whence > SEEK_HOLE)
		return ERR_INVAL;
	*result = 0;
	return OK;
}

static uint32_t chardev_file_poll(struct file *file, struct poll_wait *wait)
{
	struct chardev_file *opened = chardev_of(file);

	if (!opened->ops->poll)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	return opened->ops->poll(&opened->open, wait);
}

static int64_t chardev_file_ioctl(struct file *file, uint32_t command, void *argument, uint64_t raw)
{
	struct chardev_file *opened = chardev_of(file);

	return opened->ops->ioctl ? opened->ops->ioctl(&opened->open, command, argument, raw)
				  : ERR_NOTTY;
}

static void chardev_file_flags_changed(struct file *file)
{
	struct chardev_open *open = &chardev_of(file)->open;
	uint32_t flags;

	/* Of two that change it at once the later one's is what stays. */
	do {
		flags = READ_ONCE(file->flags);
		__atomic_store_n(&open->nonblock, (flags & O_NONBLOCK) != 0, __ATOMIC_SEQ_CST);
	} while (READ_ONCE(file->flags) != flags);
}

const struct file_ops chardev_file_ops = {
	.open = chardev_file_open,
	.release = chardev_file_release,
	.read = chardev_file_read,
	.write = chardev_file_write,
	.seek = chardev_file_seek,
	.poll = chardev_file_poll,
	.ioctl = chardev_file_ioctl,
	.flags_changed = chardev_file_flags_changed,
};

struct tty *file_tty(struct file *file)
{
	struct chardev_file *opened;

	if (file->ops != &chardev_file_ops)
		return NULL;
	opened = chardev_of(file);
	return opened->ops->tty ? opened->ops->tty(&opened->open) : NULL;
}
