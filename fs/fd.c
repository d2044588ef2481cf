/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/fd.h"

#include "fs/file_lock.h"

static struct file_table *table_of(struct handle_table *handles)
{
	return handles ? container_of(handles, struct file_table, handles) : NULL;
}

struct file_table *file_table_create(void)
{
	return table_of(handle_table_create());
}

struct file_table *file_table_clone(struct file_table *from)
{
	return table_of(handle_table_clone(&from->handles));
}

struct file_table *file_table_get(struct file_table *table)
{
	handle_table_get(&table->handles);
	return table;
}

void file_table_put(struct file_table *table)
{
	if (!table || !handle_table_drop(&table->handles))
		return;
	file_lock_table_ends(table);
	handle_table_free(&table->handles);
}

void file_table_share(struct file_table *table)
{
	handle_table_share(&table->handles);
}

/* Whether @fd can be a handle at all: system calls pass any 64-bit value. */
static bool fd_in_range(int64_t fd)
{
	return (uint64_t)fd < HANDLE_TABLE_MAX;
}

static uint32_t clamp(uint64_t value)
{
	return value < HANDLE_TABLE_MAX ? (uint32_t)value : HANDLE_TABLE_MAX;
}

struct file *fd_get(struct file_table *table, int64_t fd)
{
	struct object *object;

	if (!fd_in_range(fd))
		return NULL;
	object = handle_get(&table->handles, (uint32_t)fd);
	return object ? file_of_object(object) : NULL;
}

bool fd_names(struct file_table *table, int64_t fd, const struct file *file)
{
	return fd_in_range(fd) && handle_names(&table->handles, (uint32_t)fd, &file->object);
}

int64_t fd_install(struct file_table *table, struct file *file, uint64_t first, uint64_t limit,
		   unsigned cloexec)
{
	uint32_t fd;
	enum err error;

	error = handle_reserve(&table->handles, clamp(first), clamp(limit), &fd);
	if (error)
		return error;
	handle_install(&table->handles, fd, &file->object, cloexec ? HANDLE_CLOEXEC : 0);
	return fd;
}

enum err fd_install_pair(struct file_table *table, struct file *const files[2], uint64_t limit,
			 unsigned cloexec, int32_t fds[2])
{
	unsigned flags = cloexec ? HANDLE_CLOEXEC : 0;
	uint32_t first;
	uint32_t second;
	enum err error;

	error = handle_reserve(&table->handles, 0, clamp(limit), &first);
	if (error)
		return error;
	error = handle_reserve(&table->handles, 0, clamp(limit), &second);
	if (error) {
		handle_unreserve(&table->handles, first);
		return error;
	}
	handle_install(&table->handles, first, &files[0]->object, flags);
	handle_install(&table->handles, second, &files[1]->object, flags);
	fds[0] = (int32_t)first;
	fds[1] = (int32_t)second;
	return OK;
}

/* What every way of closing does with an object that is no descriptor's any more. */
static void drop_closed(struct file_table *table, struct object *object)
{
	file_lock_closed(table, file_of_object(object));
	object_put(object);
}

enum err fd_close(struct file_table *table, int64_t fd)
{
	struct object *object;

	if (!fd_in_range(fd))
		return ERR_BADF;
	object = handle_remove(&table->handles, (uint32_t)fd);
	if (!object)
		return ERR_BADF;
	drop_closed(table, object);
	return OK;
}

void fd_close_range(struct file_table *table, uint64_t first, uint64_t last)
{
	uint32_t fd;

	if (first >= HANDLE_TABLE_MAX)
		return;
	for (fd = (uint32_t)first; handle_next(&table->handles, fd, &fd) && fd <= last; fd++) {
		struct object *object = handle_remove(&table->handles, fd);

		if (object)
			drop_closed(table, object);
	}
}

int64_t fd_dup_to(struct file_table *table, int64_t old_fd, int64_t new_fd, uint64_t limit,
		  unsigned cloexec)
{
	struct file *file = fd_get(table, old_fd);
	struct object *replaced;
	enum err error;

	if (!file)
		return ERR_BADF;
	if (!fd_in_range(new_fd)) {
		file_put(file);
		return ERR_BADF;
	}
	if (old_fd == new_fd) {
		file_put(file);
		return new_fd;
	}
	error = handle_replace(&table->handles, (uint32_t)new_fd, clamp(limit), &file->object,
			       cloexec ? HANDLE_CLOEXEC : 0, &replaced);
	if (error) {
		file_put(file);
		return error;
	}
	if (replaced)
		drop_closed(table, replaced);
	return new_fd;
}

int64_t fd_dup(struct file_table *table, int64_t fd, uint64_t first, uint64_t limit,
	       unsigned cloexec)
{
	struct file *file = fd_get(table, fd);
	int64_t result;

	if (!file)
		return ERR_BADF;
	if (first >= limit)
		result = ERR_INVAL;
	else
		result = fd_install(table, file, first, limit, cloexec);
	if (result < 0)
		file_put(file);
	return result;
}

int64_t fd_flags(struct file_table *table, int64_t fd)
{
	uint32_t flags;

	if (!fd_in_range(fd) || handle_flags(&table->handles, (uint32_t)fd, &flags))
		return ERR_BADF;
	return flags & HANDLE_CLOEXEC ? FD_CLOEXEC : 0;
}

enum err fd_set_flags(struct file_table *table, int64_t fd, unsigned cloexec)
{
	if (!fd_in_range(fd))
		return ERR_BADF;
	return handle_set_flags(&table->handles, (uint32_t)fd, cloexec ? HANDLE_CLOEXEC : 0);
}

void fd_close_on_exec(struct file_table *table)
{
	struct object *object;
	uint32_t from = 0;

	while ((object = handle_remove_next(&table->handles, &from, HANDLE_CLOEXEC)))
		drop_closed(table, object);
}

int64_t fd_next(struct file_table *table, uint64_t from)
{
	uint32_t fd;

	if (from >= HANDLE_TABLE_MAX || !handle_next(&table->handles, (uint32_t)from, &fd))
		return -1;
	return fd;
}
