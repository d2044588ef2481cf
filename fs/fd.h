/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * File descriptors: handles that name files, in Linux's coat. @limit is the process's
 * RLIMIT_NOFILE.
 */
#include "kernel/lib/bits.h"

#include "fs/file.h"
#include "sec/handle.h"

#define FD_CLOEXEC 1u

struct file_table {
	struct handle_table handles;
};

struct file_table *file_table_create(void);
struct file_table *file_table_clone(struct file_table *from);
struct file_table *file_table_get(struct file_table *table);
void file_table_put(struct file_table *table);

/** From now on several threads use @table: see handle_table_share(). */
void file_table_share(struct file_table *table);

/** Whether @fd names @file: see handle_names(). */
bool fd_names(struct file_table *table, int64_t fd, const struct file *file);

/** The open file with a reference more, or NULL (EBADF). Drop it by file_put(). */
struct file *fd_get(struct file_table *table, int64_t fd);

/** fd_get() by the only thread that uses @table: see handle_get_sole(). */
static inline struct file *fd_get_sole(struct file_table *table, int64_t fd)
{
	struct object *object = NULL;

	if (likely((uint64_t)fd < HANDLE_TABLE_MAX))
		object = handle_get_sole(&table->handles, (uint32_t)fd);
	return likely(object != NULL) ? file_of_object(object) : NULL;
}

/**
 * Give @file the lowest free descriptor >= @first. Takes over the file's reference on success only.
 * @cloexec: FD_CLOEXEC or 0. Return: the descriptor; ERR_MFILE, ERR_INVAL, ERR_NOMEM.
 */
int64_t fd_install(struct file_table *table, struct file *file, uint64_t first, uint64_t limit,
		   unsigned cloexec);

/** Two descriptors or none, for pipe(2). Takes over both references on success only. */
enum err fd_install_pair(struct file_table *table, struct file *const files[2], uint64_t limit,
			 unsigned cloexec, int32_t fds[2]);

/** Return: ERR_BADF. */
enum err fd_close(struct file_table *table, int64_t fd);

/** Closes the descriptors first..last; ones that are not open are skipped. */
void fd_close_range(struct file_table *table, uint64_t first, uint64_t last);

/** dup2, dup3 (without its check that both differ): @new_fd becomes a duplicate of @old_fd. */
int64_t fd_dup_to(struct file_table *table, int64_t old_fd, int64_t new_fd, uint64_t limit,
		  unsigned cloexec);

/** dup, F_DUPFD: lowest free descriptor >= @first. */
int64_t fd_dup(struct file_table *table, int64_t fd, uint64_t first, uint64_t limit,
	       unsigned cloexec);

/** FD_CLOEXEC or 0, or ERR_BADF. */
int64_t fd_flags(struct file_table *table, int64_t fd);
enum err fd_set_flags(struct file_table *table, int64_t fd, unsigned cloexec);

/** What exec closes. */
void fd_close_on_exec(struct file_table *table);

/* A file for the time of one call, see fd_borrow(). */
struct fd_ref {
	struct file *file;
	bool counted;
};

/**
 * fd_get_sole() without even counting, given back by fd_return() before the call ends: nobody else
 * can close the file meanwhile, and the call itself must not. Context: as handle_get_sole().
 */
static inline struct fd_ref fd_borrow_sole(struct file_table *table, int64_t fd)
{
	const struct handle_array *array = table->handles.array;

	if (unlikely((uint64_t)fd >= array->capacity))
		return (struct fd_ref){0};
	struct object *object = array->slots[index_masked((uint64_t)fd, array->capacity)].object;
	return (struct fd_ref){object ? file_of_object(object) : NULL, false};
}

static inline void fd_return(struct fd_ref ref)
{
	if (unlikely(ref.counted))
		file_put(ref.file);
}

/** Smallest open descriptor >= @from, or -1. */
int64_t fd_next(struct file_table *table, uint64_t from);
