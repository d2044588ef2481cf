/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A small tmpfs of its own for each test, as the root of a context; what it took must come back. */
#include "fs/attr.h"
#include "fs/fd.h"
#include "fs/names.h"
#include "selftest/selftest.h"

struct fs_fixture {
	struct mount mount;
	struct path root;
	struct fs_context *context;
	struct superblock *super;
	uint64_t slabs, frames; /* in use, free: before */
};

/** @pages: the file system's size. */
bool fixture_begin(struct fs_fixture *fixture, uint64_t pages);

/** Removes the file system. Return: whether every object and frame is back. */
bool fixture_end(struct fs_fixture *fixture);

/** Where @name starts at the root, as @cred. */
struct path_at fixture_at(struct fs_fixture *fixture, const char *name);
struct path_at fixture_at_as(struct fs_fixture *fixture, const char *name, const struct cred *cred);

/** Shorthand as root: an errno or OK. */
enum err fixture_file(struct fs_fixture *fixture, const char *name, uint32_t mode);
enum err fixture_dir(struct fs_fixture *fixture, const char *name, uint32_t mode);
enum err fixture_symlink(struct fs_fixture *fixture, const char *target, const char *name);
enum err fixture_unlink(struct fs_fixture *fixture, const char *name);
enum err fixture_rmdir(struct fs_fixture *fixture, const char *name);
enum err fixture_rename(struct fs_fixture *fixture, const char *from, const char *to);
enum err fixture_lookup(struct fs_fixture *fixture, const char *name, unsigned flags);
enum err fixture_open(struct fs_fixture *fixture, const char *name, uint32_t flags,
		      struct file **out);
enum err fixture_stat(struct fs_fixture *fixture, const char *name, struct kstat *out);

/** Kernel-buffer I/O at the file's position. */
int64_t fixture_read(struct file *file, void *buffer, size_t size);
int64_t fixture_write(struct file *file, const void *buffer, size_t size);

/** What stands at @at of a stream of bytes: no two pages of it are alike, as they may be mixed up.
 */
static inline uint8_t fixture_byte(uint64_t at)
{
	return (uint8_t)((uint32_t)at * 2654435761u >> 24);
}

/** A cred with these ids and no supplementary groups; NULL without memory. */
struct cred *fixture_cred(uint32_t uid, uint32_t gid);
