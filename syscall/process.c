/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: replacing, ending, waiting, groups and sessions. */
#include "kernel/lib/format.h"

#include "drv/tty/tty.h"
#include "fs/names.h"
#include "mm/space/space.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "proc/exec_strings.h"
#include "proc/session.h"
#include "syscall/user.h"

/* Every string of a NULL-ended array; no array at all is an empty one. */
static enum err add_strings(struct exec_strings *strings, struct uaddr array, bool is_env)
{
	enum err err = OK;

	while (array.raw && err == OK) {
		struct uaddr text;

		err = get_user_u64(&text.raw, array);
		if (err == OK && !text.raw)
			return OK;
		if (err == OK)
			err = exec_strings_add_user(strings, text, is_env);
		array.raw += sizeof(uint64_t);
		preempt_point();
		if (thread_work() & THREAD_KILLED)
			return ERR_INTR;
	}
	return err;
}

/* @first: which argument is argv; envp follows it. */
static enum err read_strings(struct exec_strings *strings, const struct trapframe *frame,
			     unsigned first)
{
	enum err err = exec_strings_begin(strings, process_current()->limits[RLIMIT_STACK].current);

	if (err == OK)
		err = add_strings(strings, arg_uaddr(frame, first), false);
	/* As Linux since 5.18: a program has a name. */
	if (err == OK && !strings->argc)
		err = exec_strings_add(strings, "", 0, false);
	if (err == OK)
		err = add_strings(strings, arg_uaddr(frame, first + 1), true);
	return err;
}

/* @first: argv. The name is what scripts are called by. */
static int64_t run_program(struct trapframe *frame, const struct path_at *at, unsigned lookup,
			   const char *name, unsigned first)
{
	struct exec_strings strings = {0};
	struct file *file;
	enum err err = path_open_exec(at, lookup, &file);

	if (err != OK)
		return err;
	err = read_strings(&strings, frame, first);
	if (err == OK)
		err = process_exec(file, name, &strings, frame);
	exec_strings_free(&strings);
	file_put(file);
	return err;
}

int64_t sys_execve(struct trapframe *frame)
{
	__uninitialized struct user_path path;
	int64_t result = user_path_get(&path, AT_FDCWD, arg_uaddr(frame, 0), false);

	if (result != OK)
		return result;
	result = run_program(frame, &path.at, LOOKUP_FOLLOW, path.name, 1);
	user_path_done(&path);
	return result;
}

/* What an interpreter is to open: the program by its descriptor, or by a name below one. */
static int64_t run_below(struct trapframe *frame, const struct path_at *at, unsigned lookup)
{
	bool named = *at->name;
	char *name;
	int64_t result;

	if (!at->base)
		return run_program(frame, at, lookup, at->name, 2);
	name = kmalloc(LIMIT_PATH_BYTES);
	if (!name)
		return ERR_NOMEM;
	if (format_text(name, LIMIT_PATH_BYTES, "/dev/fd/%d%s%s", arg_int(frame, 0),
			named ? "/" : "", at->name) >= LIMIT_PATH_BYTES)
		result = ERR_NAMETOOLONG;
	else
		result = run_program(frame, at, lookup, name, 2);
	kfree(name);
	return result;
}

int64_t sys_execveat(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 4);
	unsigned lookup = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			  (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	__uninitialized struct user_path path;
	int64_t result;

	result =
		user_path_get(&path, arg_int(frame, 0), arg_uaddr(frame, 1), flags & AT_EMPTY_PATH);
	if (result != OK)
		return result;
	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		result = ERR_INVAL;
	else
		result = run_below(frame, &path.at, lookup);
	user_path_done(&path);
	return result;
}

int64_t sys_exit(struct trapframe *frame)
{
	task_exit((arg_int(frame, 0) & 0xff) << 8);
}

int64_t sys_exit_group(struct trapframe *frame)
{
	process_exit_group((arg_int(frame, 0) & 0xff) << 8);
}

/* struct rusage; time in the kernel counts as the program's own. */
static enum err put_rusage(struct uaddr to, const struct usage *usage)
{
	const uint64_t out[18] = {
		[0] = usage->cpu_ns / NS_PER_S, [1] = usage->cpu_ns % NS_PER_S / 1000,
		[4] = usage->max_pages * 4,     [8] = usage->faults,
		[16] = usage->voluntary,        [17] = usage->forced,
	};

	return copy_to_user(to, out, sizeof(out));
}

#define WAIT_STATES (WEXITED | WUNTRACED | WCONTINUED)
#define WNOTHREAD   0x20000000u /* __WNOTHREAD: here children are their process's */
#define WAIT_WHOM   (WNOTHREAD | WALL | WCLONE)

int64_t sys_wait4(struct trapframe *frame)
{
	struct uaddr status = arg_uaddr(frame, 1), usage = arg_uaddr(frame, 3);
	uint32_t options = arg_u32(frame, 2);
	struct child_result report = {0};
	enum err err;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | WAIT_WHOM))
		return ERR_INVAL;
	err = process_wait(arg_int(frame, 0), options | WEXITED, &report);
	if (err != OK || !report.pid)
		return err;
	if (status.raw)
		err = put_user_u32(status, (uint32_t)report.status);
	if (err == OK && usage.raw)
		err = put_rusage(usage, &report.usage);
	return err == OK ? (int64_t)report.pid : err;
}

static struct signal_info wait_info(const struct child_result *report)
{
	struct signal_info info = {0};

	if (!report->pid)
		return info;
	info.signo = SIGCHLD;
	info.code = child_status_code(report->status);
	info.by.pid = report->pid;
	info.by.uid = report->uid;
	info.by.value = child_status_detail(report->status);
	return info;
}

static enum err waitid_which(uint32_t type, int32_t id, int32_t *which)
{
	switch (type) {
	case 0:
		*which = -1;
		return OK;
	case 1:
		*which = id;
		return id > 0 ? OK : ERR_INVAL;
	case 2:
		*which = id ? -id : 0;
		return id >= 0 ? OK : ERR_INVAL;
	default:
		return ERR_INVAL;
	}
}

int64_t sys_waitid(struct trapframe *frame)
{
	struct uaddr to = arg_uaddr(frame, 2), usage = arg_uaddr(frame, 4);
	uint32_t options = arg_u32(frame, 3);
	struct child_result report = {0};
	struct signal_info info;
	int32_t which;
	enum err err = waitid_which(arg_u32(frame, 0), arg_int(frame, 1), &which);

	if (options & ~(WNOHANG | WNOWAIT | WAIT_STATES | WAIT_WHOM) || !(options & WAIT_STATES))
		return ERR_INVAL;
	if (err == OK)
		err = process_wait(which, options, &report);
	if (err != OK)
		return err;
	info = wait_info(&report);
	if (to.raw)
		err = copy_to_user(to, &info, sizeof(info));
	if (err == OK && usage.raw)
		err = put_rusage(usage, &report.usage);
	return err;
}

#define RUSAGE_SELF     0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD   1

int64_t sys_getrusage(struct trapframe *frame)
{
	struct process *self = process_current();
	struct usage usage;

	switch (arg_int(frame, 0)) {
	case RUSAGE_SELF:
		process_usage(self, &usage);
		break;
	case RUSAGE_CHILDREN:
		lglock_lock(&process_lock);
		usage = self->used_children;
		lglock_unlock(&process_lock);
		break;
	case RUSAGE_THREAD:
		usage_of_thread(thread_self(), &usage);
		usage.max_pages = space_peak(self->space);
		break;
	default:
		return ERR_INVAL;
	}
	return put_rusage(arg_uaddr(frame, 1), &usage);
}

int64_t sys_getpid(struct trapframe *frame)
{
	(void)frame;
	return process_current()->pid->number;
}

int64_t sys_getppid(struct trapframe *frame)
{
	(void)frame;
	return READ_ONCE(process_current()->parent_number);
}

int64_t sys_getpgrp(struct trapframe *frame)
{
	(void)frame;
	return process_getpgid(0);
}

int64_t sys_getpgid(struct trapframe *frame)
{
	return process_getpgid(arg_int(frame, 0));
}

int64_t sys_getsid(struct trapframe *frame)
{
	return process_getsid(arg_int(frame, 0));
}

int64_t sys_setpgid(struct trapframe *frame)
{
	return process_setpgid(arg_int(frame, 0), arg_int(frame, 1));
}

int64_t sys_vhangup(struct trapframe *frame)
{
	(void)frame;
	if (!cred_can(cred_current(), CAP_SYS_TTY_CONFIG))
		return ERR_PERM;
	tty_hangup_current();
	return OK;
}

int64_t sys_setsid(struct trapframe *frame)
{
	(void)frame;
	return process_setsid();
}
