/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the decoders share: descriptors, paths and times as programs give them. */
#include "fs/fd.h"
#include "fs/walk.h"
#include "kernel/core/limits.h"
#include "proc/process.h"
#include "syscall/syscalls.h"

#define AT_FDCWD            (-100)
#define AT_SYMLINK_NOFOLLOW 0x100u
#define AT_EACCESS          0x200u
#define AT_REMOVEDIR        0x200u
#define AT_SYMLINK_FOLLOW   0x400u
#define AT_EMPTY_PATH       0x1000u

#define NS_PER_S 1000000000ull

static inline struct file_table *my_files(void)
{
	return process_current()->files;
}

static inline uint64_t my_fd_limit(void)
{
	return process_current()->limits[RLIMIT_NOFILE].current;
}

/* Nobody else can change the descriptors of a process with one thread and a table of its own. */
static inline struct file *my_file_at(int64_t fd)
{
	struct process *me = process_current();
	struct file_table *files = me->files;

	if (likely(READ_ONCE(me->task_count) == 1 && handle_table_sole(&files->handles)))
		return fd_get_sole(files, fd);
	return fd_get(files, fd);
}

static inline struct file *my_file(const struct trapframe *frame, unsigned index)
{
	return my_file_at(arg_int(frame, index));
}

/* A path name with where it starts; give it back by user_path_done(). */
struct user_path {
	struct path_at at;
	struct file *base;
	char *name;
};

/** Copy @name in and resolve @dirfd. @may_be_empty: AT_EMPTY_PATH. */
enum err user_path_get(struct user_path *path, int32_t dirfd, struct uaddr name, bool may_be_empty);
void user_path_done(struct user_path *path);

struct user_timespec {
	int64_t seconds;
	int64_t nanoseconds;
};

/** Read a timespec: nanoseconds, saturated; ERR_INVAL for a value out of range. */
enum err user_time_get(uint64_t *ns, struct uaddr at);
enum err user_time_put(struct uaddr at, uint64_t ns);
/** An absolute deadline @ns from now, never TIME_NEVER. */
uint64_t user_deadline(uint64_t ns);
