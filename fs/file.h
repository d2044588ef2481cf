/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * struct file: an open file, shared by every descriptor that was duplicated from it.
 *
 * Results of reads and writes are int64_t: bytes moved, or a negative errno (enum err).
 */
#include "fs/mount.h"
#include "kernel/core/object.h"
#include "kernel/sched/mutex.h"
#include "kernel/sched/poll.h"
#include "mm/io_iter.h"

/* Open flags; Linux's numbers. */
#define O_ACCMODE   00000003u
#define O_RDONLY    00000000u
#define O_WRONLY    00000001u
#define O_RDWR      00000002u
#define O_CREAT     00000100u
#define O_EXCL      00000200u
#define O_NOCTTY    00000400u
#define O_TRUNC     00001000u
#define O_APPEND    00002000u
#define O_NONBLOCK  00004000u
#define O_DSYNC     00010000u
#define O_ASYNC     00020000u
#define O_DIRECT    00040000u
#define O_LARGEFILE 00100000u
#define O_DIRECTORY 00200000u
#define O_NOFOLLOW  00400000u
#define O_NOATIME   01000000u
#define O_CLOEXEC   02000000u
#define O_PATH      010000000u
#define O_TMPFILE   020200000u

/* ioctl: how many bytes a read would find. */
#define FIONREAD 0x541bu

#define SEEK_SET  0u
#define SEEK_CUR  1u
#define SEEK_END  2u
#define SEEK_DATA 3u
#define SEEK_HOLE 4u

#define FALLOC_FL_KEEP_SIZE  1u
#define FALLOC_FL_PUNCH_HOLE 2u
#define FALLOC_FL_ZERO_RANGE 16u

/* struct file's mode. */
#define FILE_READ     1u
#define FILE_WRITE    2u
#define FILE_SEEKABLE 4u
#define FILE_PATH     8u   /* O_PATH: names a place, nothing else */
#define FILE_STREAM   16u  /* seekable, but where it stands means nothing: /dev/zero */
#define FILE_WRITER   32u  /* counted by inode_write_begin and mount_write_begin */
#define FILE_RUNNER   64u  /* counted by inode_run_begin */
#define FILE_POLLS    128u /* can be waited for: not a regular file */

/* Directory records as getdents64 gives them; the kernel side of one buffer. */
struct dir_sink;

struct file_ops {
	/* Called for inodes' and devices' files once the file is otherwise complete. */
	enum err (*open)(struct file *file);
	void (*release)(struct file *file);
	/* @pos: where to start, moved on by what was moved; the file's own or a private copy. */
	int64_t (*read)(struct file *file, struct io_iter *iter, uint64_t *pos);
	int64_t (*write)(struct file *file, struct io_iter *iter, uint64_t *pos);
	enum err (*seek)(struct file *file, int64_t offset, unsigned whence, uint64_t *result);
	uint32_t (*poll)(struct file *file, struct poll_wait *wait);
	/* @argument: a kernel structure that syscall/ decoded by the command's size. */
	int64_t (*ioctl)(struct file *file, uint32_t command, void *argument, uint64_t raw);
	/* The pages behind the file, with a reference; ERR_NODEV if it cannot be mapped. */
	enum err (*map)(struct file *file, struct mem_object **out);
	enum err (*readdir)(struct file *file, struct dir_sink *sink);
	enum err (*fsync)(struct file *file);
	/* O_NONBLOCK or O_APPEND may have changed. */
	void (*flags_changed)(struct file *file);
	enum err (*allocate)(struct file *file, unsigned mode, uint64_t offset, uint64_t len);
};

struct file {
	struct object object;
	const struct file_ops *ops;
	struct inode *inode; /* == path.dentry->inode; counted by the path */
	uint32_t flags;      /* O_* status flags, as F_GETFL shows them */
	uint32_t mode;       /* FILE_* */
	uint64_t position;   /* guarded by position_lock, or by being nobody else's */
	union {
		struct mutex position_lock;
		struct epoch_node epoch; /* once it is closed */
	};
	const struct cred *cred; /* who opened it */
	void *private;
	struct epoll_item *watchers; /* epolls that look at it: fs/epoll.h */
	struct path path;
};

/** It was read: sets the time of access, where somebody wants that. */
void file_touch_accessed(struct file *file);

static inline struct file *file_of_object(struct object *object)
{
	return container_of(object, struct file, object);
}

struct file *file_get(struct file *file);
/** Drops a reference; the last one releases the file. NULL is allowed. Context: may sleep. */
static inline void file_put(struct file *file)
{
	if (likely(file != NULL))
		object_put(&file->object);
}

/**
 * An open file for @path (references are taken). @flags: O_*.
 * Return: ERR_NFILE/ERR_NOMEM, or what the operations' open says.
 */
enum err file_create(const struct path *path, const struct file_ops *ops, uint32_t flags,
		     const struct cred *cred, void *private, struct file **out);

/*
 * Reading and writing at the file's own position (and with O_APPEND at its end).
 * Return: bytes; ERR_BADF if not open for that; ERR_ISDIR; what the operation says.
 */
int64_t file_read(struct file *file, struct io_iter *iter);
int64_t file_write(struct file *file, struct io_iter *iter);
/* No RLIMIT_FSIZE. */
#define FILE_NO_LIMIT UINT64_MAX
/**
 * The same where a regular file may not become longer than @limit: less is written. ERR_FBIG, with
 * @limit at most INT64_MAX: not one byte could be, and SIGXFSZ is due.
 */
int64_t file_write_limited(struct file *file, struct io_iter *iter, uint64_t limit);
int64_t file_pwrite_limited(struct file *file, struct io_iter *iter, int64_t offset,
			    uint64_t limit);
/* At a given place; ERR_SPIPE if the file has no position, ERR_INVAL for offset < 0. */
int64_t file_pread(struct file *file, struct io_iter *iter, int64_t offset);
int64_t file_pwrite(struct file *file, struct io_iter *iter, int64_t offset);

/** Read into kernel memory at @offset, as exec does; bytes or a negative errno. */
int64_t file_read_kernel(struct file *file, void *buffer, size_t size, uint64_t offset);
/** Write kernel memory at the file's position. */
int64_t file_write_kernel(struct file *file, const void *buffer, size_t size);

/** Return: ERR_SPIPE, ERR_INVAL, ERR_NXIO (SEEK_DATA, SEEK_HOLE). */
enum err file_seek(struct file *file, int64_t offset, unsigned whence, uint64_t *result);

/** Events pending now, of all kinds; @wait may be NULL (then nothing is registered). */
static inline uint32_t file_poll(struct file *file, struct poll_wait *wait)
{
	if (!file->ops->poll)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	return file->ops->poll(file, wait);
}

int64_t file_ioctl(struct file *file, uint32_t command, void *argument, uint64_t raw);
enum err file_map(struct file *file, struct mem_object **out);
enum err file_sync(struct file *file);
enum err file_truncate(struct file *file, const struct cred *cred, int64_t size);
enum err file_allocate(struct file *file, unsigned mode, int64_t offset, int64_t len);

/**
 * Fill @buffer (kernel memory) with getdents64's, or @old, getdents's records from the file's position on.
 * Return: bytes, 0 at the end; ERR_INVAL if the first record does not fit; ERR_NOTDIR.
 */
int64_t file_getdents(struct file *file, void *buffer, size_t size, bool old);

/**
 * Move up to @count bytes from @in to @out (sendfile). @offset: NULL for the position of @in.
 * @limit: as for file_write_limited(). Return: bytes or a negative errno.
 */
int64_t file_send(struct file *out, struct file *in, int64_t *offset, size_t count, uint64_t limit);

/**
 * Copy up to @count bytes between two places of regular files. Return: bytes; ERR_INVAL for
 * overlapping places of one file, ERR_BADF, ERR_ISDIR, or a negative errno of reading or writing.
 * @limit: as for file_write_limited().
 */
int64_t file_copy_range(struct file *in, int64_t from, struct file *out, int64_t to, size_t count,
			uint64_t limit);

/**
 * F_SETFL: of the flags in @which changes what may be changed (O_APPEND, O_NONBLOCK, O_DIRECT,
 * O_NOATIME, O_ASYNC).
 */
enum err file_set_flags(struct file *file, uint32_t which, uint32_t flags);
