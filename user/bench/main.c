/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest instructions per system call and per kernel service, for one Linux-ABI kernel at a time.
 *
 * Run under QEMU's `-icount shift=0,sleep=off`, where rdtsc counts guest instructions. It prints
 * one line an operation: `BENCH <name> <instructions>` or `BENCH <name> unsupported <errno>`.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "user/bench/bench.h"

static const struct op *const groups[] = {
	call_ops,    file_ops,   talk_ops,   wait_ops, thread_ops,
	process_ops, memory_ops, signal_ops, ring_ops, cpu_ops,
};
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

/* The programs to exec lie beside this one. */
static void find_programs(const char *self)
{
	const char *slash = self ? strrchr(self, '/') : NULL;
	if (!slash)
		return;
	int len = (int)(slash - self);
	snprintf(tiny_path, sizeof(tiny_path), "%.*s/tiny", len, self);
	snprintf(musl_path, sizeof(musl_path), "%.*s/tiny-musl", len, self);
}

static void report_machine(uint64_t start)
{
	struct sysinfo info;

	say("BENCHINFO", " start_tsc", start);
	if (sysinfo(&info))
		return;
	say("BENCHINFO", " memtotal_kib", info.totalram * (uint64_t)info.mem_unit / 1024);
	say("BENCHINFO", " memfree_kib", info.freeram * (uint64_t)info.mem_unit / 1024);
}

static int is_named(const struct op *op, char **names)
{
	for (; *names; names++)
		if (!strcmp(*names, op->name))
			return 1;
	return 0;
}

static unsigned count_named(char **names)
{
	unsigned named = 0;

	for (int i = 0; i < GROUPS; i++)
		for (const struct op *op = groups[i]; op->name; op++)
			named += (unsigned)is_named(op, names);
	return named;
}

/* Words that name nothing are ignored: Linux hands init the boot words that it does not know. */
static unsigned measure_all(char **names)
{
	unsigned supported = 0, named = count_named(names);

	for (int i = 0; i < GROUPS; i++)
		for (const struct op *op = groups[i]; op->name; op++)
			if (named ? is_named(op, names) : groups[i] != cpu_ops)
				supported += (unsigned)measure_guarded(op);
	return supported;
}

int main(int argc, char **argv)
{
	uint64_t start = rdtsc();

	(void)argc;
	report_machine(start);
	(void)signal(SIGPIPE, SIG_IGN);
	find_programs(argv[0]);
	sys3(SYS_mkdir, (long)"/tmp", 0777, 0);
	unsigned supported = measure_all(argv);
	sys3(SYS_unlink, (long)work_file, 0, 0);
	say("BENCH", " done", supported);
	if (getpid() == 1) {
		nap();
		reboot(RB_POWER_OFF);
	}
	return 0;
}
