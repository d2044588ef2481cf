/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/program.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/fs.h"
#include "fs/names.h"
#include "kernel/core/log.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/layout.h"
#include "kernel/x86/percpu.h"
#include "mm/inject.h"
#include "proc/process.h"
#include "proc/spawn.h"
#include "sec/cred.h"
#include "selftest/program_internal.h"
#include "selftest/program_service.h"
#include "selftest/rest.h"
#include "selftest/selftest.h"
#include "syscall/test_report.h"

#define PROGRAM_PATH "/.selftest"

static const struct test_program *find(const char *name)
{
	for (const struct test_program *p = test_programs_start; p < test_programs_end; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

/* The program becomes a file of the root file system, so that it is started like any other. */
static enum err install(const struct test_program *program, struct fs_context *fs)
{
	struct path_at at = {.context = fs, .cred = cred_root(), .name = PROGRAM_PATH};
	struct file *file;
	enum err err = path_open(&at, O_WRONLY | O_CREAT | O_TRUNC, 0700, &file);

	if (err != OK)
		return err;
	int64_t wrote = file_write_kernel(file, program->elf, program->size);
	file_put(file);
	return wrote == (int64_t)program->size ? OK : wrote < 0 ? (enum err)wrote : ERR_NOSPC;
}

/* What attack_memory goes for: text, tables, a stack, the regions; the program cannot know them. */
static void name_targets(char *text, size_t size)
{
	const uint64_t targets[] = {
		(uint64_t)(uintptr_t)program_run,
		(uint64_t)(uintptr_t)idt,
		(uint64_t)(uintptr_t)&layout,
		(uint64_t)(uintptr_t)text,
		(uint64_t)(uintptr_t)cpu_self(),
		layout.image,
		layout.physmap + MIB(1),
		layout.frames,
		layout.heap,
		layout.stacks,
		layout.devices,
	};
	size_t at = format_text(text, size, "KERNEL=");

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		at += format_text(text + at, size - at, "%lx,", (unsigned long)targets[i]);
}

static enum err start(const char *name, struct process **process)
{
	char percent[24], targets[256];
	const char *const argv[] = {name, NULL}, *const envp[] = {percent, targets, NULL};

	format_text(percent, sizeof(percent), "SELFTEST=%u", selftest_scaled(100));
	name_targets(targets, sizeof(targets));
	return process_spawn_path(PROGRAM_PATH, argv, envp, PROCESS_TEST | PROCESS_KERNEL_WAITS,
				  process);
}

/* One that failed leaves behind what it would have ended itself. */
static void kill_the_rest(void)
{
	for (struct process *at = process_next(NULL); at; at = process_next(at)) {
		lglock_lock(&process_lock);
		if (at->flags & PROCESS_TEST)
			process_kill_locked(at, SIGKILL);
		lglock_unlock(&process_lock);
	}
}

/* Until its end, and that of all the processes that it has started and not waited for. */
static void run_to_the_end(struct process *process, uint32_t before, int32_t *status)
{
	process_wait_kernel(process, status);
	inject_arm(0);
	if (*status != 0)
		kill_the_rest();
	if (selftest_rest_until(before))
		return;
	log_err("selftest", "%u processes stay behind", process_count() - before);
	*status = -1;
	kill_the_rest();
}

struct program_result program_run(const char *name)
{
	struct program_result result = {.status = -1};
	const struct test_program *program = find(name);
	struct fs_context *fs = fs_context_initial();
	uint32_t before = process_count();
	struct process *process;
	struct test_summary summary;

	if (!program || !fs)
		return result;
	enum err err = install(program, fs);
	test_report_begin(program_serve);
	if (err == OK)
		err = start(name, &process);
	if (err == OK)
		run_to_the_end(process, before, &result.status);
	else
		log_err("selftest", "program %s: %s", name, err_text(err));
	test_report_end(&summary);
	result.checks = summary.checks;
	result.line = summary.failed_line;
	result.reports = summary.reports;
	(void)!path_unlink(
		&(struct path_at){.context = fs, .cred = cred_root(), .name = PROGRAM_PATH});
	fs_context_put(fs);
	return result;
}

struct program_result program_run_muted(const char *name)
{
	struct program_result result;

	log_mute(true);
	result = program_run(name);
	log_mute(false);
	return result;
}
