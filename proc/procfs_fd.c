/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/N/fd and fdinfo: what a process has open. */
#include "fs/fd.h"
#include "proc/procfs_internal.h"

static enum err fd_target(const struct procfs_subject *subject, struct path *out)
{
	struct file_table *files;
	struct file *file;
	enum err error = procfs_private_files(subject, &files);

	if (error)
		return error;
	file = fd_get(files, subject->index);
	if (file) {
		*out = file->path;
		path_get(out);
	}
	file_put(file);
	file_table_put(files);
	return file ? OK : ERR_NOENT;
}

int64_t procfs_fd_next(const struct procfs_subject *subject, uint64_t from)
{
	struct file_table *files;
	int64_t next;

	if (procfs_private_files(subject, &files))
		return -1;
	next = fd_next(files, from);
	file_table_put(files);
	return next;
}

static void print_octal(struct procfs_text *text, uint32_t value)
{
	unsigned digits = 1;

	while (digits < 10 && value >> 3 * digits)
		digits++;
	procfs_print(text, "0");
	while (digits--)
		procfs_print(text, "%u", value >> 3 * digits & 7);
}

static enum err show_fd_info(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct file_table *files;
	struct file *file;
	int64_t flags;
	uint32_t shown;
	enum err error = procfs_private_files(subject, &files);

	if (error)
		return error;
	file = fd_get(files, subject->index);
	flags = fd_flags(files, subject->index);
	file_table_put(files);
	if (!file)
		return ERR_NOENT;
	shown = file->flags | (flags == FD_CLOEXEC ? O_CLOEXEC : 0);
	procfs_print(text, "pos:\t%lu\nflags:\t", READ_ONCE(file->position));
	print_octal(text, shown);
	procfs_print(text, "\nmnt_id:\t%u\nino:\t%lu\n", file->path.mount->id, file->inode->number);
	file_put(file);
	return OK;
}

const struct procfs_node procfs_fd_link = {
	.name = "fd", .mode = S_IFLNK | 0700, .target = fd_target};
const struct procfs_node procfs_fd_info = {
	.name = "fdinfo", .mode = S_IFREG | 0400, .show = show_fd_info, .is_private = true};
