/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What changes names: create, link, unlink, rename. Each checks everything first (search and
 * write permission of the directory, sticky bit, types, mounts) and then acts under the directory's
 * lock. @mode is taken as given: the umask of the context is applied here.
 *
 * Context: thread context, no locks held; may sleep. Errors: Linux's.
 */
#include "fs/file.h"
#include "fs/walk.h"

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE  2u

/** open(2) without the descriptor. @flags: O_*; @mode: permission bits of a new file. */
enum err path_open(const struct path_at *at, uint32_t flags, uint32_t mode, struct file **out);

/**
 * Open a program for exec: a regular file with an x bit for @at->cred. Else ERR_ACCES; ERR_TXTBSY
 * while it is open for writing. Until the last reference to the file is gone nobody writes it.
 */
enum err path_open_exec(const struct path_at *at, unsigned lookup_flags, struct file **out);

enum err path_mkdir(const struct path_at *at, uint32_t mode);
/** @mode's type: regular (or 0), fifo, character device (privileged), socket. */
enum err path_mknod(const struct path_at *at, uint32_t mode, uint64_t device);
enum err path_symlink(const char *target, const struct path_at *at);
enum err path_unlink(const struct path_at *at);
enum err path_rmdir(const struct path_at *at);
/** @flags: LOOKUP_FOLLOW, LOOKUP_EMPTY for the old name. */
enum err path_link(const struct path_at *old_at, const struct path_at *new_at, unsigned flags);
/** @flags: RENAME_*, one at most; others ERR_INVAL. */
enum err path_rename(const struct path_at *old_at, const struct path_at *new_at, unsigned flags);
