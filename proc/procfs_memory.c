/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/N: the files that read another process's memory or describe it. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "fs/file.h"
#include "fs/root.h"
#include "mm/addr.h"
#include "mm/slab.h"
#include "mm/space/mman.h"
#include "mm/space/space.h"
#include "proc/procfs_internal.h"

#define STRINGS_MAX KIB(128)
#define PATH_BYTES  4096u
/* Where names begin in maps, as on Linux. */
#define NAME_COLUMN 73ll

/* Copies [start, end) of the process's memory into the text, a page at a time. */
static enum err copy_strings(struct procfs_text *text, struct space *space, uint64_t start,
			     uint64_t end)
{
	char *page = kmalloc(PAGE_SIZE);
	enum err error = OK;

	if (!page)
		return ERR_NOMEM;
	end = MIN(end, start + STRINGS_MAX);
	while (start < end && !error) {
		uint64_t step = MIN(end - start, PAGE_SIZE);

		error = space_read(space, start, page, step);
		if (!error)
			procfs_write(text, page, step);
		start += step;
	}
	kfree(page);
	/* What the process has unmapped meanwhile is simply not there. */
	return error == ERR_FAULT ? OK : error;
}

enum err procfs_show_cmdline(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct process *process = procfs_process(subject);
	struct process_strings strings;
	struct space *space;
	enum err error = OK;

	if (!process)
		return ERR_SRCH;
	lglock_lock(&process_lock);
	space = procfs_space_locked(process);
	strings = process->strings;
	lglock_unlock(&process_lock);
	process_put(process);
	if (space) {
		error = copy_strings(text, space, strings.arg_start, strings.arg_end);
		space_put(space);
	}
	return error;
}

/* *@space is NULL when there is none any more; @strings: where it has them. */
static enum err private_space(const struct procfs_subject *subject, struct space **space,
			      struct process_strings *strings)
{
	struct process *process;
	enum err error;

	lglock_lock(&process_lock);
	error = procfs_inspect_locked(subject, &process);
	if (!error) {
		*space = procfs_space_locked(process);
		*strings = process->strings;
	}
	lglock_unlock(&process_lock);
	return error;
}

enum err procfs_show_environ(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct process_strings strings;
	struct space *space;
	enum err error = private_space(subject, &space, &strings);

	if (!error && space) {
		error = copy_strings(text, space, strings.env_start, strings.env_end);
		space_put(space);
	}
	return error;
}

static void print_name(struct procfs_text *text, const struct area_info *area, char *buffer)
{
	char *start;

	if (area->name)
		procfs_print(text, "%s", area->name);
	else if (area->file && path_text(&((struct file *)area->file)->path, fs_root_path(), buffer,
					 PATH_BYTES, &start) >= 0)
		procfs_print(text, "%s", start);
}

static void print_area(struct procfs_text *text, const struct area_info *area, char *buffer)
{
	const struct file *file = area->file;
	const struct inode *inode = file ? file->inode : NULL;
	uint64_t device = inode ? inode->super->device : 0;
	size_t begin = text->len;

	procfs_print(text, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", area->start, area->end,
		     area->prot & PROT_READ ? 'r' : '-', area->prot & PROT_WRITE ? 'w' : '-',
		     area->prot & PROT_EXEC ? 'x' : '-', area->flags & MAP_SHARED ? 's' : 'p',
		     file ? area->offset : 0, device_major(device), device_minor(device),
		     inode ? inode->number : 0);
	if (area->name || file) {
		procfs_print(text, "%*s", (int)MAX(NAME_COLUMN - (int64_t)(text->len - begin), 0ll),
			     "");
		print_name(text, area, buffer);
	}
	procfs_print(text, "\n");
}

enum err procfs_show_maps(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct process_strings strings;
	struct space *space;
	struct area_info area;
	uint64_t at = 0;
	char *buffer;
	enum err error = private_space(subject, &space, &strings);

	if (error)
		return error;
	buffer = kmalloc(PATH_BYTES);
	if (!buffer)
		error = ERR_NOMEM;
	while (!error && space && !text->failed && space_next_area(space, at, &area)) {
		print_area(text, &area, buffer);
		area_info_done(&area);
		at = area.end;
	}
	if (space)
		space_put(space);
	kfree(buffer);
	return error;
}
