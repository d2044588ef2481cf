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
#include "proc/procfs_snapshot.h"

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

/* What a process keeps from its own user belongs to root. */
static void owner(const struct procfs_subject *subject, bool top, uint32_t *uid, uint32_t *gid)
{
	struct process *process = procfs_process(subject);

	if (!process)
		return;
	if (process->cred && (top || !(process->flags & PROCESS_NOT_DUMPABLE))) {
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

struct fs_context *procfs_places(struct process *process)
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
	fs = procfs_places(process);
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

static enum err show_comm(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct procfs_snapshot now;
	enum err error = procfs_snapshot_take(subject, &now);

	if (error)
		return error;
	procfs_print(text, "%s\n", now.name);
	procfs_snapshot_drop(&now);
	return OK;
}

static enum err print_mounts(struct procfs_text *text, const struct procfs_subject *subject,
			     bool info)
{
	struct process *process = procfs_process(subject);
	struct fs_context *fs = process ? procfs_places(process) : NULL;
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

/* --- threads --- */

/* The smallest number >= @from of a thread of the process. */
static int64_t task_next_number(const struct procfs_subject *subject, uint64_t from)
{
	struct process *process = procfs_process(subject);
	int64_t best = -1;

	if (!process)
		return -1;
	spin_lock(&process_lock);
	list_for_each(node, &process->tasks)
	{
		const struct task *task = list_entry(node, struct task, link);
		int64_t number = task->pid->number;

		if (number >= (int64_t)from && (best < 0 || number < best))
			best = number;
	}
	spin_unlock(&process_lock);
	process_put(process);
	return best;
}

/* Nothing here knows where a thread waits; Linux says 0 to whoever may not know. */
static enum err show_zero(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	procfs_print(text, "0");
	return OK;
}

/* The rule for out of memory knows no exceptions. */
static enum err show_zero_line(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	procfs_print(text, "0\n");
	return OK;
}

/* Nobody logs in by this kernel's audit: (uid_t)-1, as on Linux without it. */
static enum err show_loginuid(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	procfs_print(text, "%u", UINT32_MAX);
	return OK;
}

/* What a process has in common with each of its threads. */
#define SHARED_NODES                                                                       \
	{.name = "cmdline", .mode = S_IFREG | 0444, .show = procfs_show_cmdline},          \
		{.name = "comm", .mode = S_IFREG | 0444, .show = show_comm},               \
		{.name = "cwd", .mode = S_IFLNK | 0777, .target = cwd_target},             \
		{.name = "environ",                                                        \
		 .mode = S_IFREG | 0400,                                                   \
		 .show = procfs_show_environ,                                              \
		 .is_private = true},                                                      \
		{.name = "exe", .mode = S_IFLNK | 0777, .target = exe_target},             \
		{.name = "limits", .mode = S_IFREG | 0444, .show = procfs_show_limits},    \
		{.name = "loginuid", .mode = S_IFREG | 0444, .show = show_loginuid},       \
		{.name = "maps",                                                           \
		 .mode = S_IFREG | 0444,                                                   \
		 .show = procfs_show_maps,                                                 \
		 .is_private = true},                                                      \
		{.name = "mountinfo", .mode = S_IFREG | 0444, .show = show_mount_info},    \
		{.name = "mounts", .mode = S_IFREG | 0444, .show = show_mounts},           \
		{.name = "oom_score", .mode = S_IFREG | 0444, .show = show_zero_line},     \
		{.name = "oom_score_adj", .mode = S_IFREG | 0444, .show = show_zero_line}, \
		{.name = "root", .mode = S_IFLNK | 0777, .target = root_target},           \
		{.name = "stat", .mode = S_IFREG | 0444, .show = procfs_show_stat},        \
		{.name = "statm", .mode = S_IFREG | 0444, .show = procfs_show_statm},      \
		{.name = "status", .mode = S_IFREG | 0444, .show = procfs_show_status},    \
	{                                                                                  \
		.name = "wchan", .mode = S_IFREG | 0444, .show = show_zero                 \
	}

static const struct procfs_node thread_nodes[] = {SHARED_NODES, {}};
static const struct procfs_node thread_node = {
	.name = "task", .mode = S_IFDIR | 0555, .children = thread_nodes};

const struct procfs_node procfs_process_nodes[] = {
	SHARED_NODES,
	{.name = "fd", .mode = S_IFDIR | 0500, .next = procfs_fd_next, .numbered = &procfs_fd_link},
	{.name = "fdinfo",
	 .mode = S_IFDIR | 0500,
	 .next = procfs_fd_next,
	 .numbered = &procfs_fd_info},
	{.name = "task",
	 .mode = S_IFDIR | 0555,
	 .next = task_next_number,
	 .numbered = &thread_node},
	{},
};

static bool may_read(const struct procfs_subject *subject)
{
	struct process *process;

	if (procfs_process_private(subject, &process))
		return false;
	process_put(process);
	return true;
}

static uint32_t own_thread(void)
{
	return caller_is_process() ? task_current()->pid->number : 0;
}

void procfs_process_init(void)
{
	static const struct procfs_processes processes = {
		.find = find_process,
		.next = next_process,
		.self = own_number,
		.self_thread = own_thread,
		.may_read = may_read,
		.owner = owner,
		.alive = is_alive,
		.nodes = procfs_process_nodes,
	};

	procfs_set_processes(&processes);
	procfs_register_system();
}
