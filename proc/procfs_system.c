/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of /proc about the machine. */
#include "kernel/lib/bits.h"
#include "kernel/lib/debug.h"
#include "kernel/lib/string.h"

#include "kernel/core/boot_info.h"
#include "kernel/core/irq.h"
#include "kernel/core/panic.h"
#include "kernel/core/time.h"
#include "kernel/sched/load.h"
#include "kernel/sched/sched.h"
#include "kernel/x86/cpus.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space/commit.h"
#include "proc/procfs_internal.h"
#include "proc/uts.h"

#define KB_PER_PAGE       4u
#define NS_PER_CLOCK_TICK 10000000u

/* boot_info is gone after boot. */
static char *boot_line;

static enum err show_meminfo(struct procfs_text *text, const struct procfs_subject *subject)
{
	uint64_t free_kb = frame_free_count() * KB_PER_PAGE;
	uint64_t cached_kb = frame_type_count(FRAME_CACHE) * KB_PER_PAGE;
	const struct {
		const char *name;
		uint64_t kb;
	} rows[] = {
		{"MemTotal", frame_total_count() * KB_PER_PAGE},
		{"MemFree", free_kb},
		{"MemAvailable", free_kb},
		{"Buffers", 0},
		{"Cached", cached_kb},
		{"SwapCached", 0},
		{"Active", 0},
		{"Inactive", 0},
		{"SwapTotal", 0},
		{"SwapFree", 0},
		{"Dirty", 0},
		{"AnonPages", frame_type_count(FRAME_ANON) * KB_PER_PAGE},
		{"Mapped", 0},
		{"Shmem", cached_kb},
		{"Slab", frame_type_count(FRAME_SLAB) * KB_PER_PAGE},
		{"SReclaimable", 0},
		{"PageTables", frame_type_count(FRAME_TABLE) * KB_PER_PAGE},
		{"CommitLimit", commit_limit() * KB_PER_PAGE},
		{"Committed_AS", commit_total() * KB_PER_PAGE},
	};

	(void)subject;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		procfs_print(text, "%s:%*s%8lu kB\n", rows[i].name,
			     (int)(15 - strlen(rows[i].name)), "", rows[i].kb);
	return OK;
}

static enum err show_uptime(struct procfs_text *text, const struct procfs_subject *subject)
{
	uint64_t up = time_now_ns() / NS_PER_CLOCK_TICK;
	uint64_t idle = sched_idle_ns() / NS_PER_CLOCK_TICK;

	(void)subject;
	procfs_print(text, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100, idle % 100);
	return OK;
}

static enum err show_loadavg(struct procfs_text *text, const struct procfs_subject *subject)
{
	uint64_t loads[LOAD_TERMS];

	(void)subject;
	load_read(loads);
	for (unsigned term = 0; term < LOAD_TERMS; term++) {
		uint64_t rounded = loads[term] + LOAD_ONE / 200;

		procfs_print(text, "%lu.%02lu ", rounded >> LOAD_SHIFT,
			     (uint64_t)((rounded & (LOAD_ONE - 1)) * 100 >> LOAD_SHIFT));
	}
	procfs_print(text, "%lu/%lu %u\n", sched_runnable_count(), tasks_alive(), pid_last());
	return OK;
}

static enum err show_version(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	procfs_print(text, UTS_SYSTEM " version " UTS_RELEASE " (Bartizan) " UTS_VERSION "\n");
	return OK;
}

static enum err show_cmdline(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	procfs_print(text, "%s\n", boot_line ? boot_line : "");
	return OK;
}

/* Time in the kernel counts as the programs'. */
static void print_times(struct procfs_text *text, uint64_t busy_ns, uint64_t idle_ns)
{
	procfs_print(text, " %lu 0 0 %lu 0 0 0 0 0 0\n", busy_ns / NS_PER_CLOCK_TICK,
		     idle_ns / NS_PER_CLOCK_TICK);
}

static enum err show_stat(struct procfs_text *text, const struct procfs_subject *subject)
{
	uint64_t boot = (time_realtime_ns() - time_now_ns()) / NS_PER_SEC;

	(void)subject;
	procfs_print(text, "cpu ");
	print_times(text, sched_busy_ns(), sched_idle_ns());
	for_each_cpu(id, READ_ONCE(cpus_online))
	{
		procfs_print(text, "cpu%lu", id);
		print_times(text, sched_cpu_busy_ns((uint32_t)id), sched_cpu_idle_ns((uint32_t)id));
	}
	procfs_print(text, "intr %lu\nctxt %lu\nbtime %lu\nprocesses %lu\n", irq_count(),
		     sched_switch_count(), boot, tasks_born());
	procfs_print(text, "procs_running %lu\nprocs_blocked 0\n", sched_runnable_count());
	return OK;
}

static const struct procfs_node nodes[] = {
	{.name = "cmdline", .mode = S_IFREG | 0444, .show = show_cmdline},
	{.name = "cpuinfo", .mode = S_IFREG | 0444, .show = procfs_show_cpuinfo},
	{.name = "interrupts", .mode = S_IFREG | 0444, .show = procfs_show_interrupts},
	{.name = "loadavg", .mode = S_IFREG | 0444, .show = show_loadavg},
	{.name = "meminfo", .mode = S_IFREG | 0444, .show = show_meminfo},
	{.name = "stat", .mode = S_IFREG | 0444, .show = show_stat},
	{.name = "uptime", .mode = S_IFREG | 0444, .show = show_uptime},
	{.name = "version", .mode = S_IFREG | 0444, .show = show_version},
};

void procfs_register_system(void)
{
	const char *line = boot_info()->cmdline;
	size_t len = strlen(line);

	boot_line = kmalloc(len + 1);
	if (boot_line)
		memcpy(boot_line, line, len + 1);
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		if (procfs_register(&nodes[i]))
			panic("procfs: no memory");
	}
	procfs_register_settings();
	if (CONFIG_DEBUG)
		procfs_register_locks();
}
