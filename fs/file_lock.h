/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Locks on files that programs agree on: of a whole file by an open file (flock), of ranges by a
 * process, that is its table of descriptors (F_SETLK), or by an open file (F_OFD_SETLK). Whoever
 * waits hangs on the range in its way and is woken when that changes.
 *
 * Context: thread, nothing above LOCK_FILE_LOCKS held; may sleep.
 */
#include "fs/fd.h"
#include "fs/lock_set.h"

/* What an inode's locks take: there from the first lock to the inode's end. */
struct file_locks;

enum file_lock_kind {
	FILE_LOCK_WHOLE,    /* flock; owned by the file */
	FILE_LOCK_PROCESS,  /* owned by the table of descriptors */
	FILE_LOCK_OPEN_FILE /* owned by the file */
};

struct lock_request {
	enum file_lock_kind kind;
	struct file *file;
	struct file_table *table;
	uint32_t pid; /* for F_GETLK of others */
	struct lock_span span;
	bool unlock;
	bool wait;
};

/**
 * Lock or unlock. Return: ERR_AGAIN (in somebody's way), ERR_DEADLK, ERR_RESTARTSYS (a signal while
 * waiting), ERR_NOLCK, ERR_NOMEM.
 */
enum err file_lock(const struct lock_request *request);

/** Who stands in the way of a range. Return: false: nobody; *@pid is 0 for an open file's lock. */
bool file_lock_test(const struct lock_request *request, struct lock_span *span, uint32_t *pid);

void file_lock_drop(struct file_table *table, struct file *file);

/** A descriptor of @table for @file is closed: the process's locks of the file go. */
static inline void file_lock_closed(struct file_table *table, struct file *file)
{
	if (unlikely(table->handles.private && file->inode->locks))
		file_lock_drop(table, file);
}
/** The table is gone. */
void file_lock_table_ends(struct file_table *table);
void file_lock_drop_file(struct file *file);

/** The open file is gone. */
static inline void file_lock_file_ends(struct file *file)
{
	if (unlikely(file->inode->locks != NULL))
		file_lock_drop_file(file);
}
/** The inode is gone. NULL is allowed. */
void file_locks_free(struct file_locks *locks);
