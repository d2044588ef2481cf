/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/N/limits. */
#include "kernel/lib/string.h"

#include "proc/procfs_internal.h"

static void print_limit(struct procfs_text *text, uint64_t value)
{
	if (value == RLIM_INFINITY)
		procfs_print(text, "%-20s ", "unlimited");
	else
		procfs_print(text, "%-20lu ", value);
}

enum err procfs_show_limits(struct procfs_text *text, const struct procfs_subject *subject)
{
	static const char *const names[RLIMIT_COUNT][2] = {
		{"Max cpu time", "seconds"},     {"Max file size", "bytes"},
		{"Max data size", "bytes"},      {"Max stack size", "bytes"},
		{"Max core file size", "bytes"}, {"Max resident set", "bytes"},
		{"Max processes", "processes"},  {"Max open files", "files"},
		{"Max locked memory", "bytes"},  {"Max address space", "bytes"},
		{"Max file locks", "locks"},     {"Max pending signals", "signals"},
		{"Max msgqueue size", "bytes"},  {"Max nice priority", ""},
		{"Max realtime priority", ""},   {"Max realtime timeout", "us"},
	};
	struct process *process = procfs_process(subject);
	struct rlimit limits[RLIMIT_COUNT];

	if (!process)
		return ERR_SRCH;
	lglock_lock(&process_lock);
	memcpy(limits, process->limits, sizeof(limits));
	lglock_unlock(&process_lock);
	process_put(process);
	procfs_print(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit",
		     "Units");
	for (unsigned i = 0; i < RLIMIT_COUNT; i++) {
		procfs_print(text, "%-25s ", names[i][0]);
		print_limit(text, limits[i].current);
		print_limit(text, limits[i].maximum);
		procfs_print(text, names[i][1][0] ? "%-10s\n" : "\n", names[i][1]);
	}
	return OK;
}
