/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc/N holds: the program, the places, the descriptors, the names. */
#include "proc/procfs_process.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "fs/procfs/procfs.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"
#include "mm/slab.h"
#include "mm/space/space.h"
#include "proc/process.h"
#include "sec/cred.h"

#define S_IFREG 0100000u
#define S_IFDIR 0040000u
#define S_IFLNK 0120000u

/* The process of a subject, still the same one, with a reference; or NULL. */
static struct process *process_of(const struct procfs_subject *subject)
{
	struct process *process = process_find(subject->pid);

	if (process && process->start_ns != subject->key) {
		process_put(process);
		return NULL;
	}
	return process;
}

static bool find(uint32_t pid, struct procfs_subject *out)
{
	struct process *process = process_find(pid);

	if (!process)
		return false;
	*out = (struct procfs_subject){.pid = pid, .key = process->start_ns};
	process_put(process);
	return true;
}

static int64_t next(uint64_t from)
{
	int64_t found = -1;

	spin_lock(&process_lock);
	for (uint64_t number = from ? from : 1; found < 0 && number < PID_MAX; number++) {
		struct pid *pid = pid_find((uint32_t)number);
		if (pid && pid->process)
			found = (int64_t)number;
	}
	spin_unlock(&process_lock);
	return found;
}

static uint32_t self(void)
{
	return process_current()->pid->number;
}

static void owner(const struct procfs_subject *subject, uint32_t *uid, uint32_t *gid)
{
	struct process *process = process_of(subject);

	*uid = *gid = 0;
	if (!process)
		return;
	*uid = process->cred->euid;
	*gid = process->cred->egid;
	process_put(process);
}

static bool alive(const struct procfs_subject *subject)
{
	struct process *process = process_of(subject);

	if (!process)
		return false;
	process_put(process);
	return true;
}

/*
 * What belongs to the process alone is read by itself without a lock; another process's descriptors
 * and places are shown to root and to their owner only while it runs.
 */
static bool may_look(const struct process *process)
{
	const struct cred *cred = process_current()->cred;

	return process == process_current() || cred_is_privileged(cred) ||
	       (cred->fsuid == process->cred->euid && cred->fsuid == process->cred->suid);
}

static enum err show_comm(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct process *process = process_of(subject);
	enum err err = ERR_SRCH;

	if (!process)
		return err;
	spin_lock(&process_lock);
	if (!list_empty(&process->tasks)) {
		procfs_print(text, "%s\n", list_first(&process->tasks, struct task, link)->thread.name);
		err = OK;
	}
	spin_unlock(&process_lock);
	process_put(process);
	return err;
}

/* Copies [start, end) of the process's memory, at most what one read of /proc shows. */
static enum err show_memory(struct procfs_text *text, const struct procfs_subject *subject,
			    bool environment)
{
	struct process *process = process_of(subject);
	char chunk[256];
	enum err err = OK;

	if (!process)
		return ERR_SRCH;
	spin_lock(&process_lock);
	struct space *space = process->space;
	struct process_strings strings = process->strings;
	bool allowed = !environment || may_look(process);
	if (space)
		space_get(space);
	spin_unlock(&process_lock);
	uint64_t at = environment ? strings.env_start : strings.arg_start;
	uint64_t end = environment ? strings.env_end : strings.arg_end;
	if (!allowed)
		err = ERR_ACCES;
	while (space && err == OK && at < end) {
		size_t len = end - at < sizeof(chunk) ? (size_t)(end - at) : sizeof(chunk);
		err = space_read(space, at, chunk, len);
		if (err == OK)
			procfs_write(text, chunk, len);
		at += len;
	}
	if (space)
		space_put(space);
	process_put(process);
	return err == ERR_FAULT ? OK : err;
}

static enum err show_cmdline(struct procfs_text *text, const struct procfs_subject *subject)
{
	return show_memory(text, subject, false);
}

static enum err show_environ(struct procfs_text *text, const struct procfs_subject *subject)
{
	return show_memory(text, subject, true);
}

static enum err target_exe(const struct procfs_subject *subject, struct path *out)
{
	struct process *process = process_of(subject);
	enum err err = ERR_NOENT;

	if (!process)
		return ERR_SRCH;
	if (!may_look(process)) {
		process_put(process);
		return ERR_ACCES;
	}
	spin_lock(&process_lock);
	struct file *file = process->executable ? file_get(process->executable) : NULL;
	spin_unlock(&process_lock);
	if (file) {
		*out = file->path;
		path_get(out);
		file_put(file);
		err = OK;
	}
	process_put(process);
	return err;
}

static enum err target_place(const struct procfs_subject *subject, struct path *out,
			     void (*get)(struct fs_context *context, struct path *out))
{
	struct process *process = process_of(subject);
	enum err err = ERR_NOENT;

	if (!process)
		return ERR_SRCH;
	spin_lock(&process_lock);
	struct fs_context *fs = process->fs && may_look(process) ? fs_context_get(process->fs) : NULL;
	spin_unlock(&process_lock);
	if (fs) {
		get(fs, out);
		fs_context_put(fs);
		err = OK;
	}
	process_put(process);
	return err;
}

static enum err target_cwd(const struct procfs_subject *subject, struct path *out)
{
	return target_place(subject, out, fs_context_cwd);
}

static enum err target_root(const struct procfs_subject *subject, struct path *out)
{
	return target_place(subject, out, fs_context_root);
}

static struct file_table *files_of(const struct procfs_subject *subject)
{
	struct process *process = process_of(subject);

	if (!process)
		return NULL;
	spin_lock(&process_lock);
	struct file_table *files =
		process->files && may_look(process) ? file_table_get(process->files) : NULL;
	spin_unlock(&process_lock);
	process_put(process);
	return files;
}

static int64_t next_fd(const struct procfs_subject *subject, uint64_t from)
{
	struct file_table *files = files_of(subject);

	if (!files)
		return -1;
	int64_t fd = fd_next(files, from);
	file_table_put(files);
	return fd;
}

static enum err target_fd(const struct procfs_subject *subject, struct path *out)
{
	struct file_table *files = files_of(subject);

	if (!files)
		return ERR_SRCH;
	struct file *file = fd_get(files, subject->index);
	file_table_put(files);
	if (!file)
		return ERR_NOENT;
	*out = file->path;
	path_get(out);
	file_put(file);
	return OK;
}

static const struct procfs_node fd_node = {.mode = S_IFLNK | 0700, .target = target_fd};

static const struct procfs_node nodes[] = {
	{.name = "exe", .mode = S_IFLNK | 0777, .target = target_exe},
	{.name = "cwd", .mode = S_IFLNK | 0777, .target = target_cwd},
	{.name = "root", .mode = S_IFLNK | 0777, .target = target_root},
	{.name = "fd", .mode = S_IFDIR | 0500, .next = next_fd, .numbered = &fd_node},
	{.name = "comm", .mode = S_IFREG | 0444, .show = show_comm},
	{.name = "cmdline", .mode = S_IFREG | 0444, .show = show_cmdline},
	{.name = "environ", .mode = S_IFREG | 0400, .show = show_environ},
	{.name = NULL},
};

static const struct procfs_processes processes = {
	.find = find,
	.next = next,
	.self = self,
	.owner = owner,
	.alive = alive,
	.nodes = nodes,
};

void procfs_process_init(void)
{
	procfs_set_processes(&processes);
}
