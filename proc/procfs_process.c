/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/N: which processes there are, their links and descriptors. */
#include "proc/procfs_process.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "fs/root.h"
#include "mm/slab.h"
#include "mm/space/space.h"
#include "proc/procfs_internal.h"

#define SCAN_STEP 1024u /* numbers looked at under one hold of the lock */

/* A number is given out again: the time of birth tells two holders apart. */
static bool find_process(uint32_t number, struct procfs_subject *out)
{
	struct process *process = process_find(number);

	if (!process)
		return false;
	*out = (struct procfs_subject){.pid = number, .key = process->start_ns};
	process_put(process);
	return true;
}

struct process *procfs_process(const struct procfs_subject *subject)
{
	struct process *process = process_find(subject->pid);

	if (process && process->start_ns != subject->key) {
		process_put(process);
		return NULL;
	}
	return process;
}

static bool is_alive(const struct procfs_subject *subject)
{
	struct process *process = procfs_process(subject);

	if (process)
		process_put(process);
	return process != NULL;
}

/* Kernel threads, as the boot's, belong to no process and may see everything. */
static bool caller_is_process(void)
{
	return thread_self()->space != NULL;
}

static bool may_inspect(const struct process *process)
{
	const struct cred *own;

	if (!caller_is_process())
		return true;
	own = cred_current();
	return process == process_current() || cred_can(own, CAP_SYS_PTRACE) ||
	       (process->cred && !(process->flags & PROCESS_NOT_DUMPABLE) &&
		own->fsuid == process->cred->uid && own->fsuid == process->cred->suid &&
		own->fsuid == process->cred->euid);
}

enum err procfs_process_private(const struct procfs_subject *subject, struct process **out)
{
	struct process *process = procfs_process(subject);

	if (!process)
		return ERR_SRCH;
	if (!may_inspect(process)) {
		process_put(process);
		return ERR_ACCES;
	}
	*out = process;
	return OK;
}

static int64_t next_process(uint64_t from)
{
	int64_t found = -1;

	while (found < 0 && from < PID_MAX) {
		uint64_t end = MIN(from + SCAN_STEP, PID_MAX);

		spin_lock(&process_lock);
		for (; from < end && found < 0; from++) {
			struct pid *pid = pid_find((uint32_t)from);

			if (pid && pid->process)
				found = (int64_t)from;
		}
		spin_unlock(&process_lock);
	}
	return found;
}

static uint32_t own_number(void)
{
	return caller_is_process() ? process_current()->pid->number : 0;
}

static void owner(const struct procfs_subject *subject, uint32_t *uid, uint32_t *gid)
{
	struct process *process = procfs_process(subject);

	if (!process)
		return;
	if (process->cred) {
		*uid = process->cred->euid;
		*gid = process->cred->egid;
	}
	process_put(process);
}

struct space *procfs_space(struct process *process)
{
	struct space *space;

	spin_lock(&process_lock);
	space = process->state == PROCESS_LIVE ? process->space : NULL;
	if (space)
		space_get(space);
	spin_unlock(&process_lock);
	return space;
}

struct file_table *procfs_files(struct process *process)
{
	struct file_table *files;

	spin_lock(&process_lock);
	files = process->state == PROCESS_LIVE ? process->files : NULL;
	if (files)
		file_table_get(files);
	spin_unlock(&process_lock);
	return files;
}

void procfs_comm(struct process *process, char name[THREAD_NAME_BYTES])
{
	name[0] = '\0';
	spin_lock(&process_lock);
	if (!list_empty(&process->tasks))
		memcpy(name, list_first(&process->tasks, struct task, link)->thread.name,
		       THREAD_NAME_BYTES);
	spin_unlock(&process_lock);
	name[THREAD_NAME_BYTES - 1] = '\0';
}

static enum err exe_target(const struct procfs_subject *subject, struct path *out)
{
	struct process *process;
	struct file *file;
	enum err error = procfs_process_private(subject, &process);

	if (error)
		return error;
	spin_lock(&process_lock);
	file = process->state == PROCESS_LIVE ? process->executable : NULL;
	if (file) {
		*out = file->path;
		path_get(out);
	}
	spin_unlock(&process_lock);
	process_put(process);
	return file ? OK : ERR_NOENT;
}

/* Its root, working directory and mask, counted, or NULL when it has ended. */
static struct fs_context *places_of(struct process *process)
{
	struct fs_context *fs;

	spin_lock(&process_lock);
	fs = process->state == PROCESS_LIVE ? process->fs : NULL;
	if (fs)
		fs_context_get(fs);
	spin_unlock(&process_lock);
	return fs;
}

static enum err place_target(const struct procfs_subject *subject, bool root, struct path *out)
{
	struct process *process;
	struct fs_context *fs;
	enum err error = procfs_process_private(subject, &process);

	if (error)
		return error;
	fs = places_of(process);
	process_put(process);
	if (!fs)
		return ERR_NOENT;
	if (root)
		fs_context_root(fs, out);
	else
		fs_context_cwd(fs, out);
	fs_context_put(fs);
	return OK;
}

static enum err cwd_target(const struct procfs_subject *subject, struct path *out)
{
	return place_target(subject, false, out);
}

static enum err root_target(const struct procfs_subject *subject, struct path *out)
{
	return place_target(subject, true, out);
}

static enum err fd_target(const struct procfs_subject *subject, struct path *out)
{
	struct process *process;
	struct file_table *files;
	struct file *file = NULL;
	enum err error = procfs_process_private(subject, &process);

	if (error)
		return error;
	files = procfs_files(process);
	process_put(process);
	if (files)
		file = fd_get(files, subject->index);
	if (file) {
		*out = file->path;
		path_get(out);
	}
	file_put(file);
	file_table_put(files);
	return file ? OK : ERR_NOENT;
}

static int64_t fd_next_number(const struct procfs_subject *subject, uint64_t from)
{
	struct process *process;
	struct file_table *files;
	int64_t next = -1;

	if (procfs_process_private(subject, &process))
		return -1;
	files = procfs_files(process);
	process_put(process);
	if (files)
		next = fd_next(files, from);
	file_table_put(files);
	return next;
}

static enum err show_comm(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct process *process = procfs_process(subject);
	char name[THREAD_NAME_BYTES];

	if (!process)
		return ERR_SRCH;
	procfs_comm(process, name);
	process_put(process);
	procfs_print(text, "%s\n", name);
	return OK;
}

static enum err show_limits(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct process *process = procfs_process(subject);

	if (!process)
		return ERR_SRCH;
	procfs_print(text, "%-26s%-21s%-21s%s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (unsigned i = 0; i < RLIMIT_COUNT; i++)
		procfs_print(text, "%-26u%-21lu%-21lu\n", i, process->limits[i].current,
			     process->limits[i].maximum);
	process_put(process);
	return OK;
}

static enum err print_mounts(struct procfs_text *text, const struct procfs_subject *subject,
			     bool info)
{
	struct process *process = procfs_process(subject);
	struct fs_context *fs = process ? places_of(process) : NULL;
	struct path root;
	enum err error;

	process_put(process);
	if (!fs)
		return process ? ERR_INVAL : ERR_SRCH;
	fs_context_root(fs, &root);
	fs_context_put(fs);
	error = procfs_print_mounts(text, &root, info);
	path_put(&root);
	return error;
}

static enum err show_mounts(struct procfs_text *text, const struct procfs_subject *subject)
{
	return print_mounts(text, subject, false);
}

static enum err show_mount_info(struct procfs_text *text, const struct procfs_subject *subject)
{
	return print_mounts(text, subject, true);
}

static const struct procfs_node fd_link = {
	.name = "fd", .mode = S_IFLNK | 0700, .target = fd_target};

const struct procfs_node procfs_process_nodes[] = {
	{.name = "cmdline", .mode = S_IFREG | 0444, .show = procfs_show_cmdline},
	{.name = "comm", .mode = S_IFREG | 0444, .show = show_comm},
	{.name = "cwd", .mode = S_IFLNK | 0777, .target = cwd_target},
	{.name = "environ", .mode = S_IFREG | 0400, .show = procfs_show_environ},
	{.name = "exe", .mode = S_IFLNK | 0777, .target = exe_target},
	{.name = "fd", .mode = S_IFDIR | 0500, .next = fd_next_number, .numbered = &fd_link},
	{.name = "limits", .mode = S_IFREG | 0444, .show = show_limits},
	{.name = "maps", .mode = S_IFREG | 0444, .show = procfs_show_maps},
	{.name = "mountinfo", .mode = S_IFREG | 0444, .show = show_mount_info},
	{.name = "mounts", .mode = S_IFREG | 0444, .show = show_mounts},
	{.name = "root", .mode = S_IFLNK | 0777, .target = root_target},
	{.name = "stat", .mode = S_IFREG | 0444, .show = procfs_show_stat},
	{.name = "statm", .mode = S_IFREG | 0444, .show = procfs_show_statm},
	{.name = "status", .mode = S_IFREG | 0444, .show = procfs_show_status},
	{},
};

void procfs_process_init(void)
{
	static const struct procfs_processes processes = {
		.find = find_process,
		.next = next_process,
		.self = own_number,
		.owner = owner,
		.alive = is_alive,
		.nodes = procfs_process_nodes,
	};

	procfs_set_processes(&processes);
	procfs_register_system();
}
