/* SPDX-License-Identifier: BSD-2-Clause */
/* Identity, limits, clocks, names and the calls that few programs make. */
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "rules.h"

static struct timespec when;

RULE(personality)
{
	ask("query", syscall(SYS_personality, 0xffffffff));
	ask("no random", syscall(SYS_personality, 0x40000));
	ask("query", syscall(SYS_personality, 0xffffffff));
	ask("back", syscall(SYS_personality, 0));
}

RULE(limits)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	say("nofile=%lu/%lu", (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
	getrlimit(RLIMIT_STACK, &limit);
	say("stack=%lu/%d", (unsigned long)limit.rlim_cur, limit.rlim_max == RLIM_INFINITY);
	getrlimit(RLIMIT_AS, &limit);
	say("as=%d", limit.rlim_cur == RLIM_INFINITY);
	ask("unknown", syscall(SYS_getrlimit, 16, &limit));
	ask("pointer", syscall(SYS_getrlimit, 7, 8));
}

RULE(setting_limits)
{
	struct rlimit limit = {500, 400};

	ask("soft over hard", setrlimit(RLIMIT_NOFILE, &limit));
	limit = (struct rlimit){100, 200};
	ask("lower", setrlimit(RLIMIT_NOFILE, &limit));
	say("sysconf=%ld", sysconf(_SC_OPEN_MAX));
	if (fork() == 0) {
		ask("setuid", setuid(3000));
		limit.rlim_max = 300;
		ask("raise", setrlimit(RLIMIT_NOFILE, &limit));
		limit.rlim_max = 200;
		limit.rlim_cur = 200;
		ask("soft", setrlimit(RLIMIT_NOFILE, &limit));
		ask("another's", syscall(SYS_prlimit64, getppid(), 7, NULL, &limit));
		_exit(0);
	}
	wait(NULL);
	ask("nobody", syscall(SYS_prlimit64, 999999, 7, NULL, &limit));
}

RULE(names_of_threads)
{
	char name[32] = "";

	ask("set", prctl(PR_SET_NAME, "a name of more than fifteen"));
	ask("get", prctl(PR_GET_NAME, name));
	say("%s", name);
	int fd = open("/proc/self/comm", O_RDONLY);
	memset(name, 0, sizeof(name));
	ask("comm", read(fd, name, 31));
	ask("pointer", prctl(PR_SET_NAME, 8));
}

RULE(prctl_values)
{
	int value = -1;

	ask("dumpable", prctl(PR_GET_DUMPABLE));
	ask("set", prctl(PR_SET_DUMPABLE, 0));
	ask("get", prctl(PR_GET_DUMPABLE));
	ask("wrong", prctl(PR_SET_DUMPABLE, 5));
	ask("subreaper", prctl(PR_SET_CHILD_SUBREAPER, 1));
	ask("get", prctl(PR_GET_CHILD_SUBREAPER, &value));
	say("%d", value);
	ask("pdeathsig", prctl(PR_SET_PDEATHSIG, 65));
	ask("unknown", prctl(12345));
}

RULE(no_new_privileges)
{
	ask("get", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	ask("wrong", prctl(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0));
	ask("rest", prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
	ask("set", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ask("clear", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	ask("get", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	if (fork() == 0) {
		ask("child", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
		_exit(0);
	}
	wait(NULL);
}

RULE(clocks)
{
	for (int clock = 0; clock < 8; clock++) {
		if (clock_gettime(clock, &when))
			say("%d=E%d", clock, errno);
	}
	ask("boottime alarm", clock_gettime(9, &when));
	ask("tai", clock_gettime(11, &when));
	ask("unknown", syscall(SYS_clock_gettime, 12345, &when));
	ask("pointer", syscall(SYS_clock_gettime, 1, 8));
}

RULE(resolutions)
{
	for (int clock = 0; clock < 4; clock++) {
		clock_getres(clock, &when);
		say("%ld.%ld", (long)when.tv_sec, when.tv_nsec);
	}
	clock_getres(7, &when);
	say("boot=%ld", when.tv_nsec);
	ask("no place", clock_getres(1, NULL));
	ask("unknown", clock_getres(12345, &when));
}

RULE(clocks_go_on)
{
	struct timespec later;

	clock_gettime(CLOCK_MONOTONIC, &when);
	usleep(1000);
	clock_gettime(CLOCK_MONOTONIC, &later);
	say("%d", later.tv_sec * 1000000000L + later.tv_nsec -
				  (when.tv_sec * 1000000000L + when.tv_nsec) >=
			  1000000);
	clock_gettime(CLOCK_REALTIME, &when);
	say("after 2023=%d", when.tv_sec > 1672531200);
	say("time=%d", time(NULL) - when.tv_sec <= 1);
}

RULE(interval_timers)
{
	struct itimerval timer = {{0, 0}, {100, 0}}, old;

	ask("set", setitimer(ITIMER_REAL, &timer, NULL));
	ask("get", getitimer(ITIMER_REAL, &old));
	say("left=%d", old.it_value.tv_sec >= 98);
	ask("alarm", alarm(0) >= 98 ? 0 : 1);
	timer.it_value.tv_usec = 1000000;
	ask("usec", setitimer(ITIMER_REAL, &timer, NULL));
	ask("unknown", syscall(SYS_setitimer, 3, &timer, NULL));
	ask("unknown", syscall(SYS_getitimer, -1, &old));
}

RULE(alarms_round_up)
{
	ask("first", alarm(50));
	ask("second", alarm(0));
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, 500000}}, NULL);
	ask("half a second", alarm(0));
}

RULE(random_bytes)
{
	char room[64];

	ask("all", syscall(SYS_getrandom, room, 64, 0));
	ask("nonblock", syscall(SYS_getrandom, room, 64, 1));
	ask("flags", syscall(SYS_getrandom, room, 64, 8));
	ask("both", syscall(SYS_getrandom, room, 64, 6));
	ask("pointer", syscall(SYS_getrandom, 8, 64, 0));
	ask("none", syscall(SYS_getrandom, room, 0, 0));
}

RULE(identities_of_root)
{
	unsigned real, effective, saved;

	ask("setresuid", setresuid(5, 6, 7));
	getresuid(&real, &effective, &saved);
	say("%u %u %u", real, effective, saved);
	ask("saved", setresuid(-1, 7, -1));
	ask("real", setresuid(-1, 5, -1));
	ask("foreign", setresuid(-1, 9, -1));
	ask("setuid saved", setuid(7));
	ask("root", setuid(0));
	getresuid(&real, &effective, &saved);
	say("%u %u %u", real, effective, saved);
}

RULE(identities_of_groups)
{
	unsigned real, effective, saved;

	ask("setresgid", setresgid(5, 6, 7));
	ask("setgid", setgid(8));
	getresgid(&real, &effective, &saved);
	say("%u %u %u", real, effective, saved);
	ask("setgroups", setgroups(0, NULL));
	ask("too many", setgroups(65537, (gid_t *)8));
	ask("setuid", setuid(100));
	ask("setgroups", setgroups(0, NULL));
	ask("setgid", setgid(9));
}

RULE(giving_up_root)
{
	ask("setuid", setuid(1000));
	say("%u %u", getuid(), geteuid());
	ask("back", setuid(0));
	ask("setgid", setgid(5));
	ask("reboot", syscall(SYS_reboot, 1, 2, 3, 4));
	ask("chroot", chroot("/"));
}

RULE(changing_root)
{
	mkdir("jail", 0755);
	mkdir("jail/inner", 0755);
	make_file("outside", "");
	int fd = open(".", O_RDONLY);
	ask("chroot", chroot("jail"));
	ask("dir stays", access("outside", F_OK));
	ask("chdir", chdir("/"));
	ask("inner", access("/inner", F_OK));
	ask("above", access("/../../outside", F_OK));
	ask("by descriptor", faccessat(fd, "outside", F_OK, 0));
	char where[64] = "";
	ask("getcwd", syscall(SYS_getcwd, where, sizeof(where)));
	say("%s", where);
	ask("fchdir", fchdir(fd));
	ask("nothing", chroot("/none"));
}

RULE(working_directory)
{
	char where[64] = "";

	chdir("/tmp");
	ask("exact", syscall(SYS_getcwd, where, 5));
	say("%s", where);
	ask("small", syscall(SYS_getcwd, where, 4));
	ask("none", syscall(SYS_getcwd, where, 0));
	ask("pointer", syscall(SYS_getcwd, 8, 50));
}

RULE(system_information)
{
	struct sysinfo info;

	ask("sysinfo", sysinfo(&info));
	say("unit=%u total=%d free=%d procs=%d", info.mem_unit, info.totalram > 1000,
	    info.freeram <= info.totalram, info.procs > 0);
	ask("pointer", syscall(SYS_sysinfo, 8));
}

RULE(usage)
{
	struct rusage usage;
	struct tms used;

	/* Linux counts in ticks: none may have come yet. */
	do {
		for (volatile int i = 0; i < 1000000; i++)
			;
		if (getrusage(RUSAGE_SELF, &usage))
			break;
	} while (usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec == 0);
	ask("self", getrusage(RUSAGE_SELF, &usage));
	say("used=%d", usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec > 0);
	ask("unknown", getrusage(9, &usage));
	say("times=%d", times(&used) != (clock_t)-1);
}

RULE(processes_and_groups)
{
	say("tid=%d", syscall(SYS_gettid) == getpid());
	say("set_tid_address=%d", syscall(SYS_set_tid_address, NULL) == getpid());
	ask("getpgid", getpgid(0) == getpgrp() ? 0 : 1);
	ask("getpgid -1", getpgid(-1));
	say("parent=%d", getppid() > 0);
}

RULE(calls_that_are_history)
{
	ask("uselib", syscall(134, "x"));
	ask("create_module", syscall(174, 0));
	ask("get_kernel_syms", syscall(177, 0));
	ask("query_module", syscall(178, 0));
	ask("nfsservctl", syscall(180, 0));
	ask("getpmsg", syscall(181, 0));
	ask("afs_syscall", syscall(183, 0));
	ask("tuxcall", syscall(184, 0));
	ask("security", syscall(185, 0));
	ask("set_thread_area", syscall(205, 0));
	ask("epoll_ctl_old", syscall(214, 0));
	ask("vserver", syscall(236, 0));
}

RULE(synchronising_everything)
{
	make_file("f", "x");
	int fd = open("f", O_RDONLY);
	ask("fsync", fsync(fd));
	ask("fdatasync", fdatasync(fd));
	ask("syncfs", syncfs(fd));
	ask("advice", posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	ask("unknown advice", syscall(SYS_fadvise64, fd, 0, 0, 99));
	sync();
}

RULE(hostname)
{
	struct utsname name;

	ask("uname", uname(&name));
	say("%s %s digit=%d", name.sysname, name.machine, name.release[0] > '0');
	ask("pointer", syscall(SYS_uname, 8));
}

RULE(scheduling)
{
	ask("yield", sched_yield());
	ask("nice", getpriority(PRIO_PROCESS, 0));
	ask("policy", syscall(SYS_sched_getscheduler, 0));
	ask("max", sched_get_priority_max(SCHED_OTHER));
	ask("fifo max", sched_get_priority_max(SCHED_FIFO));
	ask("unknown", sched_get_priority_min(99));
}

RULE(niceness)
{
	ask("set", setpriority(PRIO_PROCESS, 0, 5));
	ask("get", getpriority(PRIO_PROCESS, 0));
	ask("raw", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	ask("which", syscall(SYS_getpriority, 7, 0));
	ask("nobody", getpriority(PRIO_PROCESS, 999999));
	ask("most", setpriority(PRIO_PROCESS, 0, 99));
	ask("get", getpriority(PRIO_PROCESS, 0));
}

RULE(process_clocks)
{
	clockid_t clock;

	for (volatile int i = 0; i < 3000000; i++)
		;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &when);
	say("used=%d", when.tv_sec > 0 || when.tv_nsec > 100000);
	ask("own", clock_getcpuclockid(0, &clock));
	ask("get", clock_gettime(clock, &when));
	say("hz=%ld", sysconf(_SC_CLK_TCK));
}
