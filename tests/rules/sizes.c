/* SPDX-License-Identifier: BSD-2-Clause */
/* How many bytes the kernel writes, and where the fields lie. */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "rules.h"

#define ROOM 1024

typedef long (*filler)(unsigned char *buffer);

/* The last byte that changes for one of two backgrounds, plus one. */
static unsigned written(filler fill)
{
	unsigned end = 0;

	for (int background = 0x5a; background <= 0xa5; background += 0x4b) {
		unsigned char buffer[ROOM];

		memset(buffer, background, ROOM);
		if (fill(buffer) == -1)
			say("E%d", errno);
		for (unsigned i = end; i < ROOM; i++) {
			if (buffer[i] != background)
				end = i + 1;
		}
	}
	return end;
}

#define SIZE_RULE(rule_name, expression)                    \
	static long fill_##rule_name(unsigned char *to)     \
	{                                                   \
		return (expression);                        \
	}                                                   \
	RULE(rule_name)                                     \
	{                                                   \
		say("%u bytes", written(fill_##rule_name)); \
	}

SIZE_RULE(size_of_stat, syscall(SYS_stat, "/dev/null", to))
SIZE_RULE(size_of_fstat, syscall(SYS_fstat, 0, to))
SIZE_RULE(size_of_newfstatat, syscall(SYS_newfstatat, AT_FDCWD, "/", to, 0))
SIZE_RULE(size_of_statx, syscall(SYS_statx, AT_FDCWD, "/", 0, 0x7ff, to))
SIZE_RULE(size_of_statfs, syscall(SYS_statfs, "/", to))
SIZE_RULE(size_of_sysinfo, syscall(SYS_sysinfo, to))
SIZE_RULE(size_of_utsname, syscall(SYS_uname, to))
SIZE_RULE(size_of_rusage, syscall(SYS_getrusage, 0, to))
SIZE_RULE(size_of_tms, syscall(SYS_times, to))
SIZE_RULE(size_of_rlimit, syscall(SYS_getrlimit, 7, to))
SIZE_RULE(size_of_rlimit64, syscall(SYS_prlimit64, 0, 3, NULL, to))
SIZE_RULE(size_of_timespec, syscall(SYS_clock_gettime, CLOCK_MONOTONIC, to))
SIZE_RULE(size_of_resolution, syscall(SYS_clock_getres, CLOCK_MONOTONIC, to))
SIZE_RULE(size_of_timeval, syscall(SYS_gettimeofday, to, NULL))
SIZE_RULE(size_of_timezone, syscall(SYS_gettimeofday, NULL, to))
SIZE_RULE(size_of_itimerval, syscall(SYS_getitimer, 0, to))
SIZE_RULE(size_of_stack, syscall(SYS_sigaltstack, NULL, to))
SIZE_RULE(size_of_sigaction, syscall(SYS_rt_sigaction, SIGUSR1, NULL, to, 8))
SIZE_RULE(size_of_mask, syscall(SYS_rt_sigprocmask, 0, NULL, to, 8))
SIZE_RULE(size_of_pending, syscall(SYS_rt_sigpending, to, 8))
SIZE_RULE(size_of_part_of_pending, syscall(SYS_rt_sigpending, to, 4))
SIZE_RULE(size_of_pipe_ends, syscall(SYS_pipe, to))
SIZE_RULE(size_of_ids, syscall(SYS_getresuid, to, to + 4, to + 8))
SIZE_RULE(size_of_time, syscall(SYS_time, to))
SIZE_RULE(size_of_cpu, syscall(SYS_getcpu, to, to + 4, NULL))
SIZE_RULE(size_of_affinity, syscall(SYS_sched_getaffinity, 0, 8, to))
SIZE_RULE(size_of_name, syscall(SYS_prctl, 16, to))
SIZE_RULE(size_of_cwd, (chdir("/"), syscall(SYS_getcwd, to, ROOM)))
SIZE_RULE(size_of_link, (symlink("five5", "l"), syscall(SYS_readlink, "l", to, ROOM)))

static long of_a_child(unsigned char *to)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(3);
	return syscall(SYS_wait4, pid, to, 0, to + 8);
}

SIZE_RULE(size_of_wait4, of_a_child(to))

static unsigned short at16(const unsigned char *from)
{
	unsigned short value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static unsigned at32(const unsigned char *from)
{
	unsigned value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static unsigned long at64(const unsigned char *from)
{
	unsigned long value;

	memcpy(&value, from, sizeof(value));
	return value;
}

RULE(fields_of_stat)
{
	unsigned char info[ROOM] = "";

	make_file("f", "hello");
	utimensat(AT_FDCWD, "f", (struct timespec[2]){{11, 12}, {13, 14}}, 0);
	syscall(SYS_stat, "f", info);
	say("nlink=%lu mode=%o uid=%u size=%lu", at64(info + 16), at32(info + 24), at32(info + 28),
	    at64(info + 48));
	say("blksize=%lu atime=%lu,%lu mtime=%lu,%lu", at64(info + 56), at64(info + 72),
	    at64(info + 80), at64(info + 88), at64(info + 96));
	syscall(SYS_stat, "/dev/null", info);
	say("rdev=%lx", at64(info + 40));
}

RULE(fields_of_statx)
{
	unsigned char info[ROOM] = "";

	make_file("f", "hello");
	utimensat(AT_FDCWD, "f", (struct timespec[2]){{11, 12}, {13, 14}}, 0);
	syscall(SYS_statx, AT_FDCWD, "f", 0, 0x7ff, info);
	say("mask=%x blksize=%u nlink=%u mode=%o size=%lu", at32(info) & 0x7ff, at32(info + 4),
	    at32(info + 16), at16(info + 28), at64(info + 40));
	say("atime=%lu,%u mtime=%lu,%u", at64(info + 64), at32(info + 72), at64(info + 112),
	    at32(info + 120));
	syscall(SYS_statx, AT_FDCWD, "/dev/null", 0, 0x7ff, info);
	say("rdev=%u,%u", at32(info + 128), at32(info + 132));
	ask("reserved mask", syscall(SYS_statx, AT_FDCWD, "f", 0, 0x80000000u, info));
	ask("flags", syscall(SYS_statx, AT_FDCWD, "f", 1, 0, info));
}

RULE(fields_of_statfs)
{
	unsigned char info[ROOM] = "";

	ask("proc", syscall(SYS_statfs, "/proc", info));
	say("type=%lx bsize=%lu namelen=%lu frsize=%lu", at64(info), at64(info + 8),
	    at64(info + 64), at64(info + 72));
}

RULE(fields_of_dirent)
{
	unsigned char records[ROOM] = "";
	int fd;

	mkdir("d", 0755);
	make_file("d/some-file", "");
	fd = open("d", O_RDONLY | O_DIRECTORY);
	long got = syscall(SYS_getdents64, fd, records, ROOM);
	for (long i = 0; i < got; i += at16(records + i + 16)) {
		const char *name = (const char *)records + i + 19;

		if (name[0] == 's')
			say("%s reclen=%u type=%u", name, at16(records + i + 16), records[i + 18]);
	}
	say("bytes=%ld", got);
	lseek(fd, 0, SEEK_SET);
	ask("no room", syscall(SYS_getdents64, fd, records, 20));
}

RULE(fields_of_utsname)
{
	char name[390] = "";

	syscall(SYS_uname, name);
	say("%s %s digit=%d", name, name + 260, name[130] >= '0' && name[130] <= '9');
}

RULE(fields_of_siginfo)
{
	unsigned char info[128];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(5);
	memset(info, 0xaa, sizeof(info));
	ask("signal", syscall(SYS_rt_sigtimedwait, &set, info, NULL, 8));
	say("signo=%u errno=%u code=%u pid=%d status=%u", at32(info), at32(info + 4),
	    at32(info + 8), at32(info + 16) == (unsigned)pid, at32(info + 24));
	say("rest=%u", info[127]);
}

RULE(sizes_of_masks_are_checked)
{
	char room[256] = "";

	ask("action 4", syscall(SYS_rt_sigaction, SIGUSR1, NULL, room, 4));
	ask("action 16", syscall(SYS_rt_sigaction, SIGUSR1, NULL, room, 16));
	ask("mask 16", syscall(SYS_rt_sigprocmask, 0, NULL, room, 16));
	ask("pending 9", syscall(SYS_rt_sigpending, room, 9));
	ask("suspend 4", syscall(SYS_rt_sigsuspend, room, 4));
	ask("timedwait 4", syscall(SYS_rt_sigtimedwait, room, NULL, room, 4));
}

RULE(robust_list_head_is_24_bytes)
{
	static long head[3];

	ask("23", syscall(SYS_set_robust_list, head, 23L));
	ask("24", syscall(SYS_set_robust_list, head, 24L));
	ask("32", syscall(SYS_set_robust_list, head, 32L));
}

RULE(affinity_size_is_checked)
{
	unsigned long mask[16];

	ask("4", syscall(SYS_sched_getaffinity, 0, 4, mask));
	ask("9", syscall(SYS_sched_getaffinity, 0, 9, mask));
	ask("8", syscall(SYS_sched_getaffinity, 0, 8, mask));
}

RULE(groups_are_four_bytes)
{
	unsigned char groups[64];

	memset(groups, 0xee, sizeof(groups));
	ask("set", syscall(SYS_setgroups, 2, (unsigned[]){5, 70000}));
	ask("count", syscall(SYS_getgroups, 0, NULL));
	ask("too small", syscall(SYS_getgroups, 1, groups));
	ask("get", syscall(SYS_getgroups, 8, groups));
	say("%u %u after=%x", at32(groups), at32(groups + 4), groups[8]);
	ask("negative", syscall(SYS_getgroups, -1, groups));
}
