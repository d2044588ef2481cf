/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes that the kernel itself starts: PID 1, and what the selftests run. */
#include "proc/spawn.h"

#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "fs/fs.h"
#include "fs/names.h"
#include "kernel/core/log.h"
#include "kernel/x86/fpu.h"
#include "mm/space/space.h"
#include "proc/exec_image.h"
#include "proc/process.h"
#include "proc/script.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

#define STANDARD_FILES 3

/* Descriptors 0 to 2 are the console; a machine without one starts with none. */
static void open_console(struct process *process)
{
	struct path_at at = {.context = process->fs, .cred = process->cred, .name = "/dev/console"};
	struct file *file;

	if (path_open(&at, O_RDWR, 0, &file) != OK)
		return;
	for (int fd = 0; fd < STANDARD_FILES; fd++)
		if (fd_install(process->files, file_get(file), 0, STANDARD_FILES, 0) < 0)
			file_put(file);
	file_put(file);
}

static enum err collect(struct exec_strings *strings, const char *const *list, bool is_env)
{
	enum err err = OK;

	for (; err == OK && *list; list++)
		err = exec_strings_add(strings, *list, strlen(*list), is_env);
	return err;
}

static enum err fill_process(struct process *process)
{
	rlimit_init(process->limits);
	process->cred = cred_get(cred_root());
	process->account = account_of(0);
	process->files = file_table_create();
	process->fs = fs_context_initial();
	process->handlers = signal_handlers_default();
	if (!process->account || !process->files || !process->fs || !process->handlers)
		return ERR_NOMEM;
	open_console(process);
	return OK;
}

static enum err load(struct process *process, struct file *file, const char *name,
		     const char *const *argv, const char *const *envp, struct exec_image *image)
{
	struct exec_strings strings;
	struct file *program = NULL;
	enum err err = exec_strings_begin(&strings, process->limits[RLIMIT_STACK].current);

	if (err != OK)
		return err;
	err = collect(&strings, argv, false);
	if (err == OK)
		err = collect(&strings, envp, true);
	if (err == OK)
		err = script_find_program(file, name, process->fs, process->cred, &strings,
					  &program);
	if (err == OK)
		err = exec_image_build(program, name, &strings, process, process->cred, false,
				       image);
	exec_strings_free(&strings);
	if (err == OK)
		process->executable = program;
	else if (program)
		file_put(program);
	return err;
}

static struct task *first_task(const struct process *process, const char *name,
			       const struct exec_image *image)
{
	const char *slash = strrchr(name, '/');
	struct task *task = task_create(slash ? slash + 1 : name);

	if (!task)
		return NULL;
	struct trapframe *frame = task_frame(task);
	frame->rip = image->entry;
	frame->rsp = image->sp;
	trapframe_force_user(frame);
	fpu_init_state(task->thread.context.fpu);
	task->thread.space = process->space;
	task->cred = cred_get(process->cred);
	task->thread.context.root = space_root(process->space);
	return task;
}

static void publish(struct process *process, struct task *task)
{
	lglock_lock(&process_lock);
	process_link_locked(process, NULL, process->pid, process->pid);
	process_add_task_locked(process, task, process->pid);
	lglock_unlock(&process_lock);
}

enum err process_spawn(struct file *file, const char *name, const char *const *argv,
		       const char *const *envp, uint32_t flags, struct process **out)
{
	struct process *process;
	struct exec_image image;
	enum err err = process_create(flags, &process);

	if (err != OK)
		return err;
	err = fill_process(process);
	if (err == OK)
		err = load(process, file, name, argv, envp, &image);
	if (err != OK)
		goto out_process;
	process->space = image.space;
	process->strings = image.strings;
	struct task *task = first_task(process, name, &image);
	if (!task) {
		err = ERR_NOMEM;
		goto out_process;
	}
	(void)!task_join_account(task, process->account, UINT64_MAX);
	publish(process, task);
	*out = process;
	thread_wake(&task->thread);
	return OK;
out_process:
	process_destroy(process);
	return err;
}

enum err process_spawn_path(const char *path, const char *const *argv, const char *const *envp,
			    uint32_t flags, struct process **out)
{
	struct fs_context *fs = fs_context_initial();
	struct file *file;

	if (!fs)
		return ERR_NOMEM;
	enum err err =
		path_open_exec(&(struct path_at){.context = fs, .cred = cred_root(), .name = path},
			       LOOKUP_FOLLOW, &file);
	if (err == OK) {
		err = process_spawn(file, path, argv, envp, flags, out);
		file_put(file);
	}
	fs_context_put(fs);
	return err;
}
