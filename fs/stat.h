/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* File modes, device numbers and what stat and statfs tell; the numbers are Linux's. */
#include "kernel/lib/types.h"

#define S_IFMT    0170000u
#define S_IFSOCK  0140000u
#define S_IFLNK   0120000u
#define S_IFREG   0100000u
#define S_IFBLK   0060000u
#define S_IFDIR   0040000u
#define S_IFCHR   0020000u
#define S_IFIFO   0010000u
#define S_ISUID   0004000u
#define S_ISGID   0002000u
#define S_ISVTX   0001000u
#define S_IRWXU   0000700u
#define S_IXUSR   0000100u
#define S_IRWXG   0000070u
#define S_IXGRP   0000010u
#define S_IRWXO   0000007u
#define S_IWOTH   0000002u
#define S_IXUGO   0000111u
#define S_IALLUGO 0007777u

#define S_ISLNK(mode)  (((mode)&S_IFMT) == S_IFLNK)
#define S_ISREG(mode)  (((mode)&S_IFMT) == S_IFREG)
#define S_ISDIR(mode)  (((mode)&S_IFMT) == S_IFDIR)
#define S_ISCHR(mode)  (((mode)&S_IFMT) == S_IFCHR)
#define S_ISBLK(mode)  (((mode)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(mode) (((mode)&S_IFMT) == S_IFIFO)

/* The type byte of a directory record. */
#define DT_OF_MODE(mode) (((mode)&S_IFMT) >> 12)

static inline uint64_t device_number(uint32_t major, uint32_t minor)
{
	return (minor & 0xffu) | (uint64_t)(major & 0xfffu) << 8 |
	       (uint64_t)(minor & ~0xffu) << 12 | (uint64_t)(major & ~0xfffu) << 32;
}

static inline uint32_t device_major(uint64_t device)
{
	return (uint32_t)((device >> 8 & 0xfff) | (device >> 32 & ~0xfffull));
}

static inline uint32_t device_minor(uint64_t device)
{
	return (uint32_t)((device & 0xff) | (device >> 12 & ~0xffull));
}

struct kstat {
	uint64_t dev, ino, nlink;
	uint32_t mode, uid, gid, blksize;
	uint64_t rdev;
	uint64_t size, blocks;                          /* blocks of 512 bytes */
	int64_t atime_ns, mtime_ns, ctime_ns, btime_ns; /* since 1970 */
};

struct kstatfs {
	uint64_t type; /* Linux's magic number */
	uint64_t block_size, blocks, blocks_free;
	uint64_t files, files_free;
	uint64_t fsid, name_max, flags;
};
