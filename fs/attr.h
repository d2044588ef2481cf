/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Attributes of a place that has been found: by path_lookup() or as an open file's path. */
#include "fs/file.h"
#include "fs/walk.h"

#define TIME_OMIT INT64_MIN       /* leave this time as it is */
#define TIME_NOW  (INT64_MIN + 1) /* set it to the clock */

void vfs_stat(const struct path *path, struct kstat *out);
enum err vfs_statfs(const struct path *path, struct kstatfs *out);

/** @mask: MAY_* (0: exists). */
enum err vfs_access(const struct path *path, const struct cred *cred, unsigned mask);

enum err vfs_chmod(const struct path *path, const struct cred *cred, uint32_t mode);
/** CRED_NO_ID leaves an id as it is. */
enum err vfs_chown(const struct path *path, const struct cred *cred, uint32_t uid, uint32_t gid);
/** Nanoseconds since 1970, TIME_OMIT or TIME_NOW. */
enum err vfs_utimens(const struct path *path, const struct cred *cred, int64_t atime_ns,
		     int64_t mtime_ns);
/** truncate(2): needs write permission. */
enum err vfs_truncate(const struct path *path, const struct cred *cred, int64_t size);

/** The link's text, not terminated. Return: bytes (cut to @size); ERR_INVAL if it is no link. */
int64_t vfs_readlink(const struct path *path, char *buffer, size_t size);
