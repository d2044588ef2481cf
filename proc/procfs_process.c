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

static struct process *find_locked(const struct procfs_subject *subject)
{
	const struct pid *pid = pid_find(subject->pid);

	return pid && pid->process && pid->process->start_ns == subject->key ? pid->process : NULL;
}

struct process *procfs_process(const struct procfs_subject *subject)
{
	lglock_lock(&process_lock);
	struct process *process = find_locked(subject);
	if (process)
		process_get(process);
	lglock_unlock(&process_lock);
	return process;
}

static bool is_alive(const struct procfs_subject *subject)
{
	lglock_lock(&process_lock);
	bool alive = find_locked(subject) != NULL;
	lglock_unlock(&process_lock);
	return alive;
}

/* Kernel threads, as the boot's, belong to no process and may see everything. */
static bool caller_is_process(void)
{
	return thread_self()->space != NULL;
}

static bool may_inspect_locked(const struct process *process)
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

enum err procfs_inspect_locked(const struct procfs_subject *subject, struct process **out)
{
	*out = find_locked(subject);
	if (!*out)
		return ERR_SRCH;
	return may_inspect_locked(*out) ? OK : ERR_ACCES;
}

static int64_t next_process(uint64_t from)
{
	int64_t found = -1;

	while (found < 0 && from < PID_MAX) {
		uint64_t end = MIN(from + SCAN_STEP, PID_MAX);

		lglock_lock(&process_lock);
		for (; from < end && found < 0; from++) {
			struct pid *pid = pid_find((uint32_t)from);

			if (pid && pid->process)
				found = (int64_t)from;
		}
		lglock_unlock(&process_lock);
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
	lglock_lock(&process_lock);
	const struct process *process = find_locked(subject);
	if (process && (top || !(process->flags & PROCESS_NOT_DUMPABLE))) {
		*uid = process->cred->euid;
		*gid = process->cred->egid;
	}
	lglock_unlock(&process_lock);
}

struct space *procfs_space_locked(struct process *process)
{
	struct space *space = process->state == PROCESS_LIVE ? process->space : NULL;

	if (space)
		space_get(space);
	return space;
}

struct file_table *procfs_files_locked(struct process *process)
{
	struct file_table *files = process->state == PROCESS_LIVE ? process->files : NULL;

	return files ? file_table_get(files) : NULL;
}

enum err procfs_private_files(const struct procfs_subject *subject, struct file_table **out)
{
	struct process *process;
	enum err error;

	lglock_lock(&process_lock);
	error = procfs_inspect_locked(subject, &process);
	if (!error) {
		*out = procfs_files_locked(process);
		error = *out ? OK : ERR_NOENT;
	}
	lglock_unlock(&process_lock);
	return error;
}

static enum err exe_target(const struct procfs_subject *subject, struct path *out)
{
	const struct file *file = NULL;
	struct process *process;
	enum err error;

	lglock_lock(&process_lock);
	error = procfs_inspect_locked(subject, &process);
	if (!error)
		file = process->state == PROCESS_LIVE ? process->executable : NULL;
	if (file) {
		*out = file->path;
		path_get(out);
	}
	lglock_unlock(&process_lock);
	if (error)
		return error;
	return file ? OK : ERR_NOENT;
}

/* The context itself is not counted: exec asks whether others share it. */
static enum err place_locked(const struct process *process, bool root, struct path *out)
{
	struct fs_context *fs = process->state == PROCESS_LIVE ? process->fs : NULL;

	if (!fs)
		return ERR_NOENT;
	if (root)
		fs_context_root(fs, out);
	else
		fs_context_cwd(fs, out);
	return OK;
}

static enum err place_target(const struct procfs_subject *subject, bool root, struct path *out)
{
	struct process *process;
	enum err error;

	lglock_lock(&process_lock);
	error = procfs_inspect_locked(subject, &process);
	if (!error)
		error = place_locked(process, root, out);
	lglock_unlock(&process_lock);
	return error;
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
	const struct process *process;
	struct path root;
	enum err error = ERR_SRCH;

	lglock_lock(&process_lock);
	process = find_locked(subject);
	if (process)
		error = place_locked(process, true, &root) ? ERR_INVAL : OK;
	lglock_unlock(&process_lock);
	if (error)
		return error;
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
	lglock_lock(&process_lock);
	list_for_each(node, &process->tasks)
	{
		const struct task *task = list_entry(node, struct task, link);
		int64_t number = task->pid->number;

		if (number >= (int64_t)from && (best < 0 || number < best))
			best = number;
	}
	lglock_unlock(&process_lock);
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

	lglock_lock(&process_lock);
	enum err error = procfs_inspect_locked(subject, &process);
	lglock_unlock(&process_lock);
	return error == OK;
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
