/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/program.h"

#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/fs.h"
#include "fs/names.h"
#include "kernel/core/log.h"
#include "proc/process.h"
#include "proc/spawn.h"
#include "sec/cred.h"
#include "selftest/program_internal.h"
#include "selftest/program_service.h"
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

static enum err start(const char *name, struct process **process)
{
	char percent[24];
	const char *const argv[] = {name, NULL}, *const envp[] = {percent, NULL};

	format_text(percent, sizeof(percent), "SELFTEST=%u", selftest_scaled(100));
	return process_spawn_path(PROGRAM_PATH, argv, envp, PROCESS_TEST | PROCESS_KERNEL_WAITS,
				  process);
}

struct program_result program_run(const char *name)
{
	struct program_result result = {.status = -1};
	const struct test_program *program = find(name);
	struct fs_context *fs = fs_context_initial();
	struct process *process;
	struct test_summary summary;

	if (!program || !fs)
		return result;
	enum err err = install(program, fs);
	test_report_begin(program_serve);
	if (err == OK)
		err = start(name, &process);
	if (err == OK)
		process_wait_kernel(process, &result.status);
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
