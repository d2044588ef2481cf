/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/pipe.h"

#include "kernel/lib/bits.h"

#include "ipc/ring.h"
#include "mm/slab.h"

#define PIPE_ATOMIC 4096u /* PIPE_BUF: such a write is not torn */

/*
 * The lock is held while bytes are copied: a fault takes the space's lock, which ranks below.
 */
struct pipe {
	struct mutex lock; /* LOCK_PIPE */
	struct ring ring;
	uint32_t readers, writers; /* open files */
	uint32_t opens[2];         /* ever opened for reading, for writing: a fifo's open waits */
	uint32_t users;            /* open files and opens under way; guarded by the inode's lock */
	struct wait_queue readable; /* readers wait here, and poll */
	struct wait_queue writable; /* writers wait here, and poll */
};

static SLAB_CACHE_OF_LINES(pipe_cache, struct pipe);

static struct pipe *pipe_of(const struct file *file)
{
	return file->private;
}

static struct pipe *pipe_allocate(void)
{
	struct pipe *pipe = slab_alloc_zero(&pipe_cache);

	if (!pipe)
		return NULL;
	mutex_init(&pipe->lock, LOCK_PIPE);
	wait_queue_init(&pipe->readable);
	wait_queue_init(&pipe->writable);
	return pipe;
}

static void pipe_free(struct pipe *pipe)
{
	if (!pipe)
		return;
	ring_free(&pipe->ring);
	slab_free(&pipe_cache, pipe);
}

static void wake(struct wait_queue *queue)
{
	if (wait_queue_active(queue))
		wait_wake_all(queue);
}

static int64_t pipe_read(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	struct pipe *pipe = pipe_of(file);
	uint64_t moved = 0;
	enum err error = OK;

	(void)pos;
	if (!io_iter_left(iter))
		return 0;
	mutex_lock(&pipe->lock);
	while (!ring_used(&pipe->ring) && pipe->writers && !error) {
		if (file->flags & O_NONBLOCK) {
			error = ERR_AGAIN;
			break;
		}
		mutex_unlock(&pipe->lock);
		if (wait_event(&pipe->readable, ring_used(&pipe->ring) || !READ_ONCE(pipe->writers),
			       TIME_NEVER, WAIT_INTERRUPTIBLE) == WAIT_INTR)
			error = ERR_RESTARTSYS;
		mutex_lock(&pipe->lock);
	}
	if (ring_used(&pipe->ring))
		error = ring_take(&pipe->ring, iter, io_iter_left(iter), &moved);
	mutex_unlock(&pipe->lock);
	if (!moved)
		return error;
	wake(&pipe->writable);
	return (int64_t)moved;
}

/* Room that a write of @left bytes waits for. */
static bool has_room(const struct pipe *pipe, uint64_t left)
{
	uint64_t room = ring_room(&pipe->ring);

	return left <= PIPE_ATOMIC ? room >= left : room > 0;
}

/* Moves what fits; waits for room until all is in. Returns with *@moved bytes in the ring. */
static enum err pipe_fill(struct pipe *pipe, struct io_iter *iter, bool nonblock, uint64_t *moved)
{
	const uint64_t all = io_iter_left(iter);
	enum err error = OK;

	while (*moved < all && !error) {
		uint64_t need = all <= PIPE_ATOMIC ? all : 1;
		uint64_t step;

		if (!pipe->readers)
			return ERR_PIPE;
		if (has_room(pipe, need)) {
			error = ring_put(&pipe->ring, iter, all - *moved, &step);
			*moved += step;
			if (step)
				wake(&pipe->readable);
			continue;
		}
		if (nonblock)
			return ERR_AGAIN;
		mutex_unlock(&pipe->lock);
		if (wait_event(&pipe->writable, has_room(pipe, need) || !READ_ONCE(pipe->readers),
			       TIME_NEVER, WAIT_INTERRUPTIBLE) == WAIT_INTR)
			error = ERR_RESTARTSYS;
		mutex_lock(&pipe->lock);
	}
	return error;
}

static int64_t pipe_write(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	struct pipe *pipe = pipe_of(file);
	uint64_t moved = 0;
	enum err error;

	(void)pos;
	if (!io_iter_left(iter))
		return 0;
	mutex_lock(&pipe->lock);
	error = pipe_fill(pipe, iter, file->flags & O_NONBLOCK, &moved);
	mutex_unlock(&pipe->lock);
	return moved ? (int64_t)moved : (int64_t)error;
}

/* Without the lock: true at some moment of the call, as who polls beside others must expect. */
static inline uint32_t pipe_events(const struct file *file)
{
	const struct pipe *pipe = pipe_of(file);
	uint32_t events = 0;

	if (file->mode & FILE_READ) {
		if (ring_used(&pipe->ring))
			events |= POLLIN | POLLRDNORM;
		if (!READ_ONCE(pipe->writers) && READ_ONCE(pipe->opens[1]))
			events |= POLLHUP;
	}
	if (file->mode & FILE_WRITE) {
		if (ring_room(&pipe->ring) >= PIPE_ATOMIC)
			events |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(pipe->readers))
			events |= POLLERR;
	}
	return events;
}

/* Enters the queues before it looks: what happens in between is not missed. */
static __noinline uint32_t pipe_poll_waiting(const struct file *file, struct poll_wait *wait)
{
	struct pipe *pipe = pipe_of(file);

	if (file->mode & FILE_READ)
		poll_wait_add(wait, &pipe->readable);
	if (file->mode & FILE_WRITE)
		poll_wait_add(wait, &pipe->writable);
	return pipe_events(file);
}

static uint32_t pipe_poll(struct file *file, struct poll_wait *wait)
{
	return wait ? pipe_poll_waiting(file, wait) : pipe_events(file);
}

static int64_t pipe_ioctl(struct file *file, uint32_t command, void *argument, uint64_t raw)
{
	(void)raw;
	if (command != FIONREAD)
		return ERR_NOTTY;
	*(int32_t *)argument = (int32_t)pipe_bytes(file);
	return 0;
}

/*
 * Counts an end in or out and tells everybody who waits for the other side. @seen: how often the
 * other side had been opened by then.
 */
static void pipe_count(struct file *file, int32_t by, uint32_t *seen)
{
	struct pipe *pipe = pipe_of(file);

	mutex_lock(&pipe->lock);
	*seen = pipe->opens[file->mode & FILE_READ ? 1 : 0];
	if (file->mode & FILE_READ)
		pipe->readers += (uint32_t)by;
	if (file->mode & FILE_WRITE)
		pipe->writers += (uint32_t)by;
	if (by > 0) {
		pipe->opens[0] += (file->mode & FILE_READ) != 0;
		pipe->opens[1] += (file->mode & FILE_WRITE) != 0;
	}
	mutex_unlock(&pipe->lock);
	wake(&pipe->readable);
	wake(&pipe->writable);
}

/* The last user of an inode's pipe takes it away: what was not read is lost, as it should be. */
static void pipe_leave(struct inode *inode, struct pipe *pipe)
{
	bool last;

	mutex_lock(&inode->lock);
	last = --pipe->users == 0;
	if (last)
		inode->pipe = NULL;
	mutex_unlock(&inode->lock);
	if (last)
		pipe_free(pipe);
}

static void pipe_release(struct file *file)
{
	uint32_t seen;

	pipe_count(file, -1, &seen);
	pipe_leave(file->inode, pipe_of(file));
}

static enum err fifo_wait_writer(struct file *file, struct pipe *pipe, uint32_t seen)
{
	if ((file->flags & O_NONBLOCK) || READ_ONCE(pipe->writers))
		return OK;
	if (wait_event(&pipe->readable, READ_ONCE(pipe->opens[1]) != seen, TIME_NEVER,
		       WAIT_INTERRUPTIBLE) == WAIT_INTR)
		return ERR_RESTARTSYS;
	return OK;
}

static enum err fifo_wait_reader(struct file *file, struct pipe *pipe, uint32_t seen)
{
	if (READ_ONCE(pipe->readers))
		return OK;
	if (file->flags & O_NONBLOCK)
		return ERR_NXIO;
	if (wait_event(&pipe->writable, READ_ONCE(pipe->opens[0]) != seen, TIME_NEVER,
		       WAIT_INTERRUPTIBLE) == WAIT_INTR)
		return ERR_RESTARTSYS;
	return OK;
}

/*
 * Waits for the other side: POSIX's rules for opening a fifo. One that opens and closes again while
 * this end is counted already has met it. A nameless pipe, opened again by /dev/fd, waits for
 * nobody.
 */
static enum err fifo_wait(struct file *file, struct pipe *pipe, uint32_t seen)
{
	bool reads = file->mode & FILE_READ;
	bool writes = file->mode & FILE_WRITE;

	if (reads == writes || file->path.dentry->flags & DENTRY_ANON)
		return OK;
	return reads ? fifo_wait_writer(file, pipe, seen) : fifo_wait_reader(file, pipe, seen);
}

static enum err fifo_open(struct file *file)
{
	struct inode *inode = file->inode;
	uint32_t seen;
	enum err error;

	mutex_lock(&inode->lock);
	if (!inode->pipe)
		inode->pipe = pipe_allocate();
	file->private = inode->pipe;
	if (inode->pipe)
		inode->pipe->users++;
	mutex_unlock(&inode->lock);
	if (!file->private)
		return ERR_NOMEM;
	pipe_count(file, 1, &seen);
	error = fifo_wait(file, pipe_of(file), seen);
	if (error)
		pipe_release(file);
	return error;
}

const struct file_ops fifo_file_ops = {
	.open = fifo_open,
	.release = pipe_release,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
};

int64_t pipe_capacity(const struct file *file)
{
	return file->ops == &fifo_file_ops ? (int64_t)RING_SIZE : ERR_BADF;
}

uint64_t pipe_bytes(const struct file *file)
{
	/* Without the lock head and tail may be of two moments. */
	return file->ops == &fifo_file_ops
		       ? MIN(ring_used(&pipe_of(file)->ring), (uint64_t)RING_SIZE)
		       : 0;
}
