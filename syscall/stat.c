/* SPDX-License-Identifier: BSD-2-Clause */
/* What files and file systems say of themselves: stat, statx, statfs. */
#include "fs/attr.h"
#include "mm/usercopy.h"
#include "syscall/place.h"

/* Linux's struct stat, x86-64. */
struct user_stat {
	uint64_t dev, ino, nlink;
	uint32_t mode, uid, gid, pad0;
	uint64_t rdev;
	int64_t size, blksize, blocks;
	int64_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
	uint64_t unused[3];
};
static_assert(sizeof(struct user_stat) == 144, "stat(2), x86-64");

struct user_statx_time {
	int64_t seconds;
	uint32_t nanoseconds;
	uint32_t pad;
};

struct user_statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad0;
	uint64_t ino, size, blocks, attributes_mask;
	struct user_statx_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t mount_id, spare[13];
};
static_assert(sizeof(struct user_statx) == 256, "statx(2)");

struct user_statfs {
	uint64_t type, bsize, blocks, bfree, bavail, files, ffree, fsid, namelen, frsize, flags;
	uint64_t spare[4];
};
static_assert(sizeof(struct user_statfs) == 120, "statfs(2), x86-64");

/* Before 1970 too the nanoseconds count upwards. */
static int64_t rest_of_second(int64_t ns)
{
	int64_t rest = ns % (int64_t)NS_PER_S;

	return rest < 0 ? rest + (int64_t)NS_PER_S : rest;
}

static int64_t whole_seconds(int64_t ns)
{
	return ns / (int64_t)NS_PER_S - (ns % (int64_t)NS_PER_S < 0);
}

static enum err put_stat(struct uaddr to, const struct kstat *stat)
{
	struct user_stat out = {
		.dev = stat->dev,
		.ino = stat->ino,
		.nlink = stat->nlink,
		.mode = stat->mode,
		.uid = stat->uid,
		.gid = stat->gid,
		.rdev = stat->rdev,
		.size = (int64_t)stat->size,
		.blksize = stat->blksize,
		.blocks = (int64_t)stat->blocks,
		.atime = whole_seconds(stat->atime_ns),
		.atime_ns = rest_of_second(stat->atime_ns),
		.mtime = whole_seconds(stat->mtime_ns),
		.mtime_ns = rest_of_second(stat->mtime_ns),
		.ctime = whole_seconds(stat->ctime_ns),
		.ctime_ns = rest_of_second(stat->ctime_ns),
	};

	return copy_to_user(to, &out, sizeof(out));
}

static int64_t stat_at(int32_t dirfd, struct uaddr name, uint32_t flags, struct uaddr to)
{
	struct kstat stat;
	struct path path;
	enum err err = find_place(dirfd, name, flags, &path);

	if (err != OK)
		return err;
	vfs_stat(&path, &stat);
	path_put(&path);
	return put_stat(to, &stat);
}

int64_t sys_stat(struct trapframe *frame)
{
	return stat_at(AT_FDCWD, arg_uaddr(frame, 0), 0, arg_uaddr(frame, 1));
}

int64_t sys_lstat(struct trapframe *frame)
{
	return stat_at(AT_FDCWD, arg_uaddr(frame, 0), AT_SYMLINK_NOFOLLOW, arg_uaddr(frame, 1));
}

int64_t sys_fstat(struct trapframe *frame)
{
	struct fd_ref ref = my_fd(frame, 0);
	struct kstat stat;

	if (!ref.file)
		return ERR_BADF;
	vfs_stat(&ref.file->path, &stat);
	fd_return(ref);
	return put_stat(arg_uaddr(frame, 1), &stat);
}

#define STAT_FLAGS (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | 0x800u /* AT_NO_AUTOMOUNT */)

int64_t sys_newfstatat(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 3);

	if (flags & ~STAT_FLAGS)
		return ERR_INVAL;
	return stat_at(arg_int(frame, 0), arg_uaddr(frame, 1), flags, arg_uaddr(frame, 2));
}

static struct user_statx_time statx_time(int64_t ns)
{
	return (struct user_statx_time){.seconds = whole_seconds(ns),
					.nanoseconds = (uint32_t)rest_of_second(ns)};
}

#define STATX_RESERVED 0x80000000u

int64_t sys_statx(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 2);
	struct kstat stat;
	struct path path;
	enum err err;

	if (flags & ~(STAT_FLAGS | 0x6000u /* AT_STATX_SYNC_TYPE */) ||
	    arg_u32(frame, 3) & STATX_RESERVED)
		return ERR_INVAL;
	err = find_place(arg_int(frame, 0), arg_uaddr(frame, 1), flags, &path);
	if (err != OK)
		return err;
	vfs_stat(&path, &stat);
	path_put(&path);
	struct user_statx out = {.mask = 0xfff,
				 .blksize = stat.blksize,
				 .nlink = (uint32_t)stat.nlink,
				 .uid = stat.uid,
				 .gid = stat.gid,
				 .mode = (uint16_t)stat.mode,
				 .ino = stat.ino,
				 .size = stat.size,
				 .blocks = stat.blocks,
				 .atime = statx_time(stat.atime_ns),
				 .btime = statx_time(stat.btime_ns),
				 .ctime = statx_time(stat.ctime_ns),
				 .mtime = statx_time(stat.mtime_ns),
				 .rdev_major = device_major(stat.rdev),
				 .rdev_minor = device_minor(stat.rdev),
				 .dev_major = device_major(stat.dev),
				 .dev_minor = device_minor(stat.dev)};

	return copy_to_user(arg_uaddr(frame, 4), &out, sizeof(out));
}

static int64_t put_statfs(struct path *path, struct uaddr to)
{
	struct kstatfs stat;
	enum err err = vfs_statfs(path, &stat);

	path_put(path);
	if (err != OK)
		return err;
	struct user_statfs out = {.type = stat.type,
				  .bsize = stat.block_size,
				  .blocks = stat.blocks,
				  .bfree = stat.blocks_free,
				  .bavail = stat.blocks_free,
				  .files = stat.files,
				  .ffree = stat.files_free,
				  .fsid = stat.fsid,
				  .namelen = stat.name_max,
				  .frsize = stat.block_size,
				  .flags = stat.flags};

	return copy_to_user(to, &out, sizeof(out));
}

int64_t sys_statfs(struct trapframe *frame)
{
	struct path path;
	enum err err = find_place(AT_FDCWD, arg_uaddr(frame, 0), 0, &path);

	return err == OK ? put_statfs(&path, arg_uaddr(frame, 1)) : err;
}

int64_t sys_fstatfs(struct trapframe *frame)
{
	struct path path;
	enum err err = file_place(frame, &path);

	return err == OK ? put_statfs(&path, arg_uaddr(frame, 1)) : err;
}
