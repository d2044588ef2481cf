/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M12-08: what /proc, getrusage and sysinfo tell is what happened: each figure moves by what the
 * program itself does, and what is private stays so.
 */
#include "selftest/user/proc.h"

#define SYS_dup2        33
#define SYS_uname       63
#define SYS_readlink    89
#define SYS_getrusage   98
#define SYS_sysinfo     99
#define SYS_syslog      103
#define SYS_setresuid   117
#define SYS_sethostname 170

#define EACCES  13
#define WNOHANG 1

#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGES 64ul
#define MS    1000000l

#define FIELD_STATE           3
#define FIELD_PARENT          4
#define FIELD_GROUP           5
#define FIELD_SESSION         6
#define FIELD_FAULTS          10
#define FIELD_CHILDREN_FAULTS 11
#define FIELD_TIME            14
#define FIELD_CHILDREN_TIME   16
#define FIELD_THREADS         20
#define FIELD_START           22
#define FIELD_SIZE            23
#define FIELD_RESIDENT        24
#define FIELD_LAST            52

#define RUSAGE_MAXRSS 4
#define RUSAGE_MINFLT 8

#define SELF "/proc/self/stat"

static int64_t usage[18];

static int64_t used(int who, unsigned what)
{
	CHECK(sys3(SYS_getrusage, who, (long)usage, 0) == 0);
	return usage[what];
}

static void touch(uint8_t *at, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		*(volatile uint8_t *)(at + i * PAGE) = 1;
}

static void spin(long ns)
{
	int64_t time[2], end;

	sys3(SYS_clock_gettime, 2, (long)time, 0);
	end = time[0] * 1000000000 + time[1] + ns;
	while (time[0] * 1000000000 + time[1] < end)
		sys3(SYS_clock_gettime, 2, (long)time, 0);
}

static void identity(void)
{
	CHECK(stat_field(SELF, 1) == (uint64_t)sys0(SYS_getpid));
	CHECK(stat_field(SELF, FIELD_PARENT) == (uint64_t)sys0(SYS_getppid));
	CHECK(stat_field(SELF, FIELD_STATE) == 'R' && stat_field(SELF, FIELD_THREADS) == 1);
	CHECK(stat_field(SELF, FIELD_GROUP) == (uint64_t)sys3(121 /* getpgid */, 0, 0, 0));
	CHECK(stat_field(SELF, FIELD_SESSION) == (uint64_t)sys3(124 /* getsid */, 0, 0, 0));
	CHECK(proc_read(SELF) > 0);
	unsigned fields = 1;
	for (const char *at = proc_text; *at; at++)
		fields += *at == ' ';
	CHECK(fields == FIELD_LAST);
	CHECK(value_of("/proc/self/status", "Pid:") == (uint64_t)sys0(SYS_getpid));
	CHECK(value_of("/proc/self/status", "Threads:") == 1);
}

/* A page each, in size, in what is resident, in faults, in the most there was. */
static void memory(void)
{
	uint64_t size = stat_field(SELF, FIELD_SIZE), resident = stat_field(SELF, FIELD_RESIDENT);
	uint8_t *at = sys_mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, FLAGS);
	int64_t faults, most = used(0, RUSAGE_MAXRSS);

	CHECK(!mmap_failed(at) && stat_field(SELF, FIELD_SIZE) == size + PAGES * PAGE);
	CHECK(stat_field(SELF, FIELD_RESIDENT) == resident);
	faults = used(0, RUSAGE_MINFLT);
	touch(at, PAGES);
	CHECK(used(0, RUSAGE_MINFLT) == faults + (int64_t)PAGES);
	CHECK(stat_field(SELF, FIELD_FAULTS) == (uint64_t)used(0, RUSAGE_MINFLT));
	CHECK(stat_field(SELF, FIELD_RESIDENT) == resident + PAGES);
	CHECK(value_of("/proc/self/status", "VmRSS:") == (resident + PAGES) * 4);
	CHECK(number_at((proc_read("/proc/self/statm"), proc_text)) == size / PAGE + PAGES);
	CHECK(sys3(SYS_munmap, (long)at, PAGES * PAGE, 0) == 0);
	CHECK(stat_field(SELF, FIELD_RESIDENT) == resident);
	CHECK(used(0, RUSAGE_MAXRSS) >= most &&
	      used(0, RUSAGE_MAXRSS) >= (int64_t)(resident + PAGES) * 4);
	CHECK(value_of("/proc/self/status", "VmHWM:") == (uint64_t)used(0, RUSAGE_MAXRSS));
}

static void work(long unused)
{
	(void)unused;
	touch(sys_mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, FLAGS), PAGES);
	spin(15 * MS);
}

static void times_and_children(void)
{
	uint64_t before = stat_field(SELF, FIELD_TIME), faults, ticks;
	int64_t child_usage[18];
	int status;
	long pid;

	spin(15 * MS);
	CHECK(stat_field(SELF, FIELD_TIME) > before);
	faults = stat_field(SELF, FIELD_CHILDREN_FAULTS);
	ticks = stat_field(SELF, FIELD_CHILDREN_TIME);
	pid = sys_fork();
	if (pid == 0) {
		work(0);
		sys_exit(0);
	}
	CHECK(sys6(SYS_wait4, pid, (long)&status, 0, (long)child_usage, 0, 0) == pid);
	CHECK(child_usage[RUSAGE_MINFLT] >= (int64_t)PAGES && child_usage[1] >= 15000);
	CHECK(stat_field(SELF, FIELD_CHILDREN_FAULTS) ==
	      faults + (uint64_t)child_usage[RUSAGE_MINFLT]);
	CHECK(stat_field(SELF, FIELD_CHILDREN_TIME) > ticks);
	CHECK(used(-1, RUSAGE_MINFLT) == (int64_t)(faults + (uint64_t)child_usage[RUSAGE_MINFLT]));
	CHECK(used(-1, RUSAGE_MAXRSS) == child_usage[RUSAGE_MAXRSS]);
}

static uint64_t load_field(int n)
{
	const char *at = proc_text;

	CHECK(proc_read("/proc/loadavg") > 0);
	while (n--)
		while (*at++ != (n == 0 ? ' ' : ' '))
			;
	return number_at(at);
}

static uint64_t threads_of_all(void)
{
	const char *at = proc_text;

	CHECK(proc_read("/proc/loadavg") > 0);
	while (*at++ != '/')
		;
	return number_at(at);
}

static void counts(void)
{
	uint64_t total = threads_of_all(), born = value_of("/proc/stat", "processes ");
	uint64_t switches = value_of("/proc/stat", "ctxt ");
	int status;
	long pid = sys_fork();

	if (pid == 0)
		for (;;)
			sys0(34 /* pause */);
	while (stat_field(proc_path(pid, "/stat"), FIELD_STATE) != 'S')
		sys0(SYS_sched_yield);
	CHECK(threads_of_all() == total + 1 && load_field(4) == (uint64_t)pid);
	CHECK(value_of("/proc/stat", "processes ") == born + 1);
	CHECK(value_of("/proc/stat", "ctxt ") > switches);
	CHECK(sys3(SYS_kill, pid, SIGKILL, 0) == 0);
	while (stat_field(proc_path(pid, "/stat"), FIELD_STATE) != 'Z')
		sys0(SYS_sched_yield);
	CHECK(sys_wait(pid, &status) == pid && proc_read(proc_path(pid, "/stat")) == -2);
	CHECK(threads_of_all() == total && value_of("/proc/stat", "procs_running ") >= 1);
}

static void machine(void)
{
	struct {
		uint64_t uptime, loads[3], total, free, rest[9];
	} info;
	uint64_t free, total = value_of("/proc/meminfo", "MemTotal:");
	uint8_t *at = sys_mmap(NULL, 1024 * PAGE, PROT_READ | PROT_WRITE, FLAGS);

	CHECK(sys3(SYS_sysinfo, (long)&info, 0, 0) == 0 && info.total == total * 1024);
	free = value_of("/proc/meminfo", "MemFree:");
	CHECK(free < total && free * 1024 > info.free - (1 << 20) &&
	      free * 1024 < info.free + (1 << 20));
	touch(at, 1024);
	CHECK(value_of("/proc/meminfo", "MemFree:") <= free - 4 * 1000);
	CHECK(sys3(SYS_munmap, (long)at, 1024 * PAGE, 0) == 0);
	CHECK(value_of("/proc/meminfo", "MemFree:") >= free - 4 * 24);
	CHECK(value_of("/proc/uptime", "") - info.uptime <= 1);
}

static int lists(const char *name, int want)
{
	char names[2048];
	long fd = sys3(SYS_open, (long)"/proc/self/fd", O_DIRECTORY, 0);
	long bytes = sys3(SYS_getdents64, fd, (long)names, sizeof(names));
	int count = 0, found = 0;

	for (long at = 0; at < bytes; at += *(uint16_t *)(names + at + 16)) {
		count++;
		found += begins(names + at + 19, name) && !names[at + 19 + (long)text_len(name)];
	}
	sys3(SYS_close, fd, 0, 0);
	return found == want && count >= 2 + want;
}

static void descriptors(void)
{
	char target[64] = "";
	long fd;

	CHECK(lists("33", 0));
	fd = sys3(SYS_open, (long)"/dev/null", 02000002 /* O_CLOEXEC O_RDWR */, 0);
	CHECK(sys3(SYS_dup2, fd, 33, 0) == 33 && lists("33", 1));
	CHECK(sys3(SYS_readlink, (long)"/proc/self/fd/33", (long)target, 63) == 9);
	CHECK(begins(target, "/dev/null"));
	CHECK(proc_read("/proc/self/fdinfo/33") > 0 && begins(proc_text, "pos:\t0\nflags:\t0100002\n"));
	CHECK(sys3(SYS_close, 33, 0, 0) == 0 && sys3(SYS_close, fd, 0, 0) == 0 && lists("33", 0));
	CHECK(proc_read("/proc/self/fdinfo/33") == -2);
}

/* As another user: what anybody may see of a root process, and what not. */
static void as_a_user(long pid)
{
	static const char *const closed[] = {"/maps", "/environ", "/fd", "/fdinfo", "/task/1/maps"};
	static const char *const links[] = {"/exe", "/cwd", "/root"};
	char target[64];
	int good = sys3(SYS_setresuid, 1000, 1000, 1000) == 0;

	for (unsigned i = 0; i < 4; i++)
		good &= sys3(SYS_open, (long)proc_path(pid, closed[i]), 0, 0) == -EACCES;
	for (unsigned i = 0; i < 3; i++)
		good &= sys3(SYS_readlink, (long)proc_path(pid, links[i]), (long)target, 64) ==
			-EACCES;
	good &= proc_read(proc_path(pid, "/status")) > 0 &&
		proc_read(proc_path(pid, "/cmdline")) > 0;
	good &= stat_field(proc_path(pid, "/stat"), 1) == (uint64_t)pid;
	good &= value_of("/proc/self/status", "Uid:") == 1000 && proc_read("/proc/self/maps") > 0;
	good &= sys3(SYS_syslog, 3, (long)target, 64) == -EPERM;
	good &= sys3(SYS_sethostname, (long)"x", 1, 0) == -EPERM;
	sys_exit(good ? 0 : 1);
}

static void names(void)
{
	char name[390];

	CHECK(sys3(SYS_sethostname, (long)"selftest", 8, 0) == 0);
	CHECK(sys3(SYS_uname, (long)name, 0, 0) == 0 && begins(name + 65, "selftest"));
	CHECK(proc_read("/proc/sys/kernel/hostname") == 9 && begins(proc_text, "selftest\n"));
	CHECK(sys3(SYS_sethostname, (long)name, 65, 0) == -EINVAL);
	CHECK(sys3(SYS_sethostname, (long)name, -1, 0) == -EINVAL);
	CHECK(sys3(SYS_sethostname, (long)"bartizan", 8, 0) == 0);
}

static void log(void)
{
	long all = sys3(SYS_syslog, 3, (long)proc_text, PROC_TEXT_BYTES), some, unread;

	CHECK(all > 300 && begins(proc_text, "<") && proc_text[2] == '>' && proc_text[3] == '[');
	CHECK(proc_text[all - 1] == '\n' && sys3(SYS_syslog, 10, 0, 0) >= all);
	some = sys3(SYS_syslog, 3, (long)proc_text, 300);
	CHECK(some > 0 && some <= 300 && proc_text[0] == '<' && proc_text[some - 1] == '\n');
	unread = sys3(SYS_syslog, 9, 0, 0);
	CHECK(unread >= some && sys3(SYS_syslog, 2, (long)proc_text, 300) > 0);
	CHECK(sys3(SYS_syslog, 9, 0, 0) < unread);
	CHECK(sys3(SYS_syslog, 11, 0, 0) == -EINVAL && sys3(SYS_syslog, 8, 0, 9) == -EINVAL);
	CHECK(sys3(SYS_syslog, 3, 0, 10) == -EINVAL &&
	      sys3(SYS_syslog, 3, (long)proc_text, -1) == -EINVAL);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	identity();
	memory();
	times_and_children();
	counts();
	machine();
	descriptors();
	CHECK(run_child(as_a_user, sys0(SYS_getpid)) == 0);
	names();
	log();
}
