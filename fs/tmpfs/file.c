/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"

#include "fs/memfd.h"
#include "fs/readdir.h"
#include "fs/tmpfs/tmpfs.h"
#include "kernel/sched/thread.h"
#include "mm/frame.h"
#include "mm/io_iter.h"

#define FALLOC_MODES (FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)

/* Bytes moved before somebody else may run: a call may ask for 2 GiB. */
#define STEP_BYTES KIB(256)

/* Moves in steps; a signal ends the call with what is done, as long as it is something. */
static enum err
move_in_steps(enum err (*move)(struct mem_object *, uint64_t, struct io_iter *, uint64_t *),
	      struct inode *inode, uint64_t pos, struct io_iter *iter, uint64_t *done)
{
	uint64_t later = 0;
	enum err error;

	do {
		uint64_t left = io_iter_left(iter);
		uint64_t step = 0;

		io_iter_truncate(iter, STEP_BYTES);
		later = left - io_iter_left(iter);
		error = move(inode->data, pos + *done, iter, &step);
		*done += step;
		/* What is left of this step means: end of file, or a fault. */
		if (error || io_iter_left(iter) || !later)
			break;
		iter->left = later;
		preempt_point();
	} while (!(thread_work() & WAIT_INTERRUPTIBLE));
	return error;
}

static int64_t tmpfs_read(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	uint64_t done = 0;
	enum err error;

	if (*pos >= inode_size(file->inode))
		return 0;
	error = move_in_steps(mem_object_read, file->inode, *pos, iter, &done);
	*pos += done;
	file_touch_accessed(file);
	return done ? (int64_t)done : (int64_t)error;
}

/* Of a write beyond a sealed end only the whole pages before it are done. */
static enum err obey_seals(const struct inode *inode, uint64_t pos, struct io_iter *iter)
{
	uint64_t size = inode_size(inode);
	uint64_t end = align_down(size, PAGE_SIZE);

	if (inode->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE))
		return ERR_PERM;
	if (!(inode->seals & SEAL_GROW) || (pos <= size && io_iter_left(iter) <= size - pos))
		return OK;
	if (end <= pos)
		return ERR_PERM;
	io_iter_truncate(iter, end - pos);
	return OK;
}

static int64_t tmpfs_write(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	uint64_t done = 0;
	enum err error;

	if (!io_iter_left(iter))
		return 0;
	if (unlikely(file->inode->seals & ~SEAL_SEAL)) {
		error = obey_seals(file->inode, *pos, iter);
		if (error)
			return error;
	}
	if (*pos >= INT64_MAX)
		return ERR_FBIG;
	io_iter_truncate(iter, (uint64_t)INT64_MAX - *pos);
	error = move_in_steps(mem_object_write, file->inode, *pos, iter, &done);
	if (!done)
		return error;
	*pos += done;
	inode_touch_modified(file->inode);
	return (int64_t)done;
}

static enum err tmpfs_map(struct file *file, struct mem_object **out)
{
	mem_object_get(file->inode->data);
	*out = file->inode->data;
	return OK;
}

/* Gives the range its pages now, so that later writes there cannot run out of space. */
static enum err reserve_pages(struct inode *inode, uint64_t offset, uint64_t len)
{
	struct tmpfs_super *super = tmpfs_super_of(inode);
	uint64_t first = offset / PAGE_SIZE;
	uint64_t end = DIV_ROUND_UP(offset + len, PAGE_SIZE);
	uint64_t limit = READ_ONCE(super->page_limit), used = READ_ONCE(super->pages);
	uint64_t left = used < limit ? limit - used : 0;

	if (end - first > left && end - first - left > READ_ONCE(inode->data->page_count))
		return ERR_NOSPC;
	for (uint64_t index = first; index < end; index++) {
		struct frame *frame;
		enum err error = mem_object_frame(inode->data, index, true, &frame);

		if (error)
			return error;
		frame_put(frame);
		preempt_point();
	}
	return OK;
}

static enum err tmpfs_allocate(struct file *file, unsigned mode, uint64_t offset, uint64_t len)
{
	struct inode *inode = file->inode;
	uint64_t size = inode_size(inode);
	enum err error;

	if (mode & ~FALLOC_MODES)
		return ERR_OPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		if (mode != (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE))
			return ERR_OPNOTSUPP;
		if (inode->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE))
			return ERR_PERM;
		mem_object_punch(inode->data, offset, offset + len);
		inode_touch_modified(inode);
		return OK;
	}
	if ((inode->seals & SEAL_GROW) && offset + len > size)
		return ERR_PERM;
	if ((mode & FALLOC_FL_ZERO_RANGE) && (inode->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE)))
		return ERR_PERM;
	if (mode & FALLOC_FL_ZERO_RANGE)
		mem_object_punch(inode->data, offset, offset + len);
	error = reserve_pages(inode, offset, len);
	if (error)
		return error;
	if (!(mode & FALLOC_FL_KEEP_SIZE) && offset + len > size)
		mem_object_truncate(inode->data, offset + len);
	inode_touch_modified(inode);
	return OK;
}

const struct file_ops tmpfs_file_ops = {
	.read = tmpfs_read,
	.write = tmpfs_write,
	.map = tmpfs_map,
	.allocate = tmpfs_allocate,
};

const struct file_ops tmpfs_dir_ops = {
	.readdir = readdir_resident,
};
