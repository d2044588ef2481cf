/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Mounts in the machine's own tree, below a directory of the tests'. Names are root's, from "/". */
#include "fs/mount.h"
#include "selftest/fs/fixture.h"

#define PLACE "/.mounts"

struct mt_used {
	uint64_t slabs, frames;
};

struct mt_used mt_used(void);
bool mt_same(struct mt_used a, struct mt_used b);

/** A tmpfs at PLACE with d, e and d/f in it; what was in use before goes to *@before. */
bool mt_begin(struct mt_used *before);
/** Unmounts it. Return: whether everything is back. */
bool mt_end(const struct mt_used *before);

enum err mt_find(const char *name, struct path *out);
/** Which file @name is: st_dev and st_ino in one; 0: there is none. */
uint64_t mt_number(const char *name);
enum err mt_mkdir(const char *name);
enum err mt_rmdir(const char *name);
enum err mt_mkfile(const char *name);
enum err mt_unlink(const char *name);
enum err mt_rename(const char *from, const char *to);
enum err mt_open(const char *name, uint32_t flags, struct file **out);

/** A new tmpfs of 64 pages. */
enum err mt_mount(const char *name, uint32_t flags);
enum err mt_unmount(const char *name, bool lazy);
enum err mt_set_flags(const char *name, uint32_t flags);
enum err mt_with_two(const char *from, const char *to,
		     enum err (*act)(const struct path *from, const struct path *to));
enum err mt_bind_one(const struct path *from, const struct path *to);
enum err mt_bind_all(const struct path *from, const struct path *to);
