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

/**
 * Linux's rule for structures that grow: of one of @size bytes the first @known are copied, as many
 * as there are; the rest must be zero, else ERR_2BIG.
 */
enum err user_struct_get(void *to, uint64_t known, struct uaddr from, uint64_t size);

/** Send the running process a signal of its own making. */
void signal_self(unsigned number);
/** ERR_PIPE comes with SIGPIPE: what a call that writes ends with. */
int64_t write_result(int64_t result);

/** ERR_FBIG by RLIMIT_FSIZE, which was @limit, comes with SIGXFSZ: likewise. */
int64_t limited_result(int64_t result, uint64_t limit);

/** RLIMIT_FSIZE for a file that is to be @size bytes long: ERR_FBIG, and SIGXFSZ is sent. */
enum err limit_new_size(const struct inode *inode, int64_t size);

static inline struct file_table *my_files(void)
{
	return process_current()->files;
}

static inline uint64_t my_fd_limit(void)
{
	return process_current()->limits[RLIMIT_NOFILE].current;
}

/*
 * Nobody else can change the descriptors of a process with one thread and a table of its own. What
 * those changed that were there before is read behind this: acquire.
 */
static inline bool my_files_are_sole(const struct process *me)
{
	bool sole = __atomic_load_n(&me->task_count, __ATOMIC_ACQUIRE) == 1 &&
		    handle_table_sole(&me->files->handles);

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return likely(sole);
}

static inline struct file *my_file_at(int64_t fd)
{
	struct process *me = process_current();

	return my_files_are_sole(me) ? fd_get_sole(me->files, fd) : fd_get(me->files, fd);
}

static inline struct file *my_file(const struct trapframe *frame, unsigned index)
{
	return my_file_at(arg_int(frame, index));
}

/* For calls that close nothing; fd_return() before they end. */
static inline struct fd_ref my_fd_at(int64_t fd)
{
	struct process *me = process_current();
	struct file *file;

	if (my_files_are_sole(me))
		return fd_borrow_sole(me->files, fd);
	file = fd_get(me->files, fd);
	return (struct fd_ref){file, file};
}

static inline struct fd_ref my_fd(const struct trapframe *frame, unsigned index)
{
	return my_fd_at(arg_int(frame, index));
}

/*
 * A path name with where it starts; declare it __uninitialized, give it back by user_path_done().
 * Nearly all names fit in place. As with my_fd(), the call must not close descriptors meanwhile.
 */
struct user_path {
	struct path_at at;
	struct fd_ref base;
	char *name;
	char small[112];
};

/** Copy @name in and resolve @dirfd. @may_be_empty: AT_EMPTY_PATH. */
enum err user_path_get(struct user_path *path, int32_t dirfd, struct uaddr name, bool may_be_empty);
void user_path_done(struct user_path *path);

struct user_timespec {
	int64_t seconds;
	int64_t nanoseconds;
};

/** Nanoseconds of a timespec, saturated; ERR_INVAL for a value out of range. */
enum err user_time_decode(uint64_t *ns, const struct user_timespec *time);
/** Read one. */
enum err user_time_get(uint64_t *ns, struct uaddr at);
enum err user_time_put(struct uaddr at, uint64_t ns);
/** An absolute deadline @ns from now, never TIME_NEVER. */
uint64_t user_deadline(uint64_t ns);
