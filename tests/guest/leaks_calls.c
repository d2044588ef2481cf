/* SPDX-License-Identifier: BSD-2-Clause */
/* What system calls write: those that fill structures, rightly called; then every number, with
 * buffers for all its arguments. What was there before is 0xa5, so that padding is seen. */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "leaks.h"

#define BUFFER      4096
#define CALLS       462
#define DESCRIPTORS 8

static char out[6][BUFFER];
static int descriptors[DESCRIPTORS];

static void pattern(void)
{
	memset(out, 0xa5, sizeof(out));
}

static void call(const char *name, long number, long a, long b, long c, long d, long e, long f)
{
	pattern();
	if (syscall(number, a, b, c, d, e, f) >= 0)
		look_at(name, out, sizeof(out));
}
#define AT(n)                              ((long)out[n])
#define CALL(name, ...)                    CALL_(name, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_(name, a, b, c, d, e, f, ...) call(#name, SYS_##name, a, b, c, d, e, f)

static void files(void)
{
	static const char *const names[] = {"/",         "/etc/passwd", "/proc/self/maps",
					    "/dev/null", "/dev/tty",    "/proc/self/fd/0",
					    "/bin/sh"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		long name = (long)names[i], fd = open(names[i], O_RDONLY | O_NONBLOCK);

		CALL(stat, name, AT(0));
		CALL(lstat, name, AT(0));
		CALL(newfstatat, AT_FDCWD, name, AT(0), 0);
		CALL(statx, AT_FDCWD, name, 0, 0xfff, AT(0));
		CALL(statfs, name, AT(0));
		CALL(readlink, name, AT(0), BUFFER);
		CALL(fstat, fd, AT(0));
		CALL(fstatfs, fd, AT(0));
		CALL(fcntl, fd, 5 /* F_GETLK */, AT(0));
		CALL(fcntl, fd, 16 /* F_GETOWN_EX */, AT(0));
		CALL(getxattr, name, (long)"user.x", AT(0), BUFFER);
		for (int turn = 0; turn < 40; turn++)
			CALL(getdents64, fd, AT(0), BUFFER);
		CALL(ioctl, fd, 0x541b /* FIONREAD */, AT(0));
		close((int)fd);
	}
	CALL(getcwd, AT(0), BUFFER);
}

static void times(void)
{
	for (int clock = 0; clock < 12; clock++) {
		CALL(clock_gettime, clock, AT(0));
		CALL(clock_getres, clock, AT(0));
	}
	for (int which = 0; which < 3; which++) {
		CALL(getitimer, which, AT(0));
		CALL(getrusage, which - 1, AT(0));
	}
	CALL(gettimeofday, AT(0), AT(1));
	CALL(times, AT(0));
	CALL(time, AT(0));
	CALL(sysinfo, AT(0));
	CALL(uname, AT(0));
}

static void scheduling(void)
{
	CALL(sched_getparam, 0, AT(0));
	CALL(sched_getattr, 0, AT(0), 56, 0);
	CALL(sched_rr_get_interval, 0, AT(0));
	CALL(sched_getaffinity, 0, BUFFER, AT(0));
	CALL(getcpu, AT(0), AT(1), AT(2));
	for (int resource = 0; resource < 16; resource++) {
		CALL(getrlimit, resource, AT(0));
		CALL(prlimit64, 0, resource, 0, AT(0));
	}
}

static void identity(void)
{
	uint32_t *header = (uint32_t *)out[1];

	CALL(getresuid, AT(0), AT(1), AT(2));
	CALL(getresgid, AT(0), AT(1), AT(2));
	CALL(getgroups, 64, AT(0));
	CALL(get_robust_list, 0, AT(0), AT(1));
	CALL(prctl, 16 /* PR_GET_NAME */, AT(0));
	CALL(prctl, 2 /* PR_GET_PDEATHSIG */, AT(0));
	pattern();
	header[0] = 0x20080522;
	header[1] = 0;
	if (syscall(SYS_capget, header, out[0]) == 0)
		look_at("capget", out, sizeof(out));
	CALL(syslog, 3, AT(0), BUFFER);
	CALL(syslog, 10, AT(0), BUFFER);
}

static void signals(void)
{
	long none[2] = {0, 0}, user1 = 1 << (SIGUSR1 - 1);
	pid_t child;

	for (int number = 1; number < 65; number++)
		CALL(rt_sigaction, number, 0, AT(0), 8);
	CALL(rt_sigprocmask, SIG_BLOCK, (long)&user1, AT(0), 8);
	kill(getpid(), SIGUSR1);
	CALL(rt_sigpending, AT(0), 8);
	CALL(rt_sigtimedwait, (long)&user1, AT(0), (long)none, 8);
	CALL(sigaltstack, 0, AT(0));
	for (int way = 0; way < 2; way++) {
		child = fork();
		if (child == 0)
			_exit(3);
		if (way)
			CALL(waitid, 1 /* P_PID */, child, AT(0), 4 /* WEXITED */, AT(1));
		else
			CALL(wait4, child, AT(0), 0, AT(1));
	}
}

static void pipes(void)
{
	int ends[2];
	long now[2] = {0, 0};
	struct itimerspec {
		long period[2], first[2];
	} spec = {{0, 1000000}, {0, 1}};

	if (pipe(ends))
		return;
	CALL(pipe2, AT(0), 0);
	write(ends[1], "x", 1);
	CALL(read, ends[0], AT(0), BUFFER);
	pattern();
	memcpy(out[0], (int[]){ends[1], 4}, 8);
	if (syscall(SYS_poll, out[0], 1, 0) >= 0)
		look_at("poll", out, sizeof(out));
	int epoll = (int)syscall(SYS_epoll_create1, 0);
	uint32_t event[3] = {4, 7, 7};
	syscall(SYS_epoll_ctl, epoll, 1, ends[1], event);
	CALL(epoll_wait, epoll, AT(0), 10, 0);
	int timer = (int)syscall(SYS_timerfd_create, 1, 0);
	syscall(SYS_timerfd_settime, timer, 0, &spec, NULL);
	CALL(timerfd_gettime, timer, AT(0));
	CALL(read, timer, AT(0), BUFFER);
	int id = 0;
	if (syscall(SYS_timer_create, 1, NULL, &id) == 0)
		CALL(timer_gettime, id, AT(0));
	CALL(nanosleep, (long)now, AT(0));
	CALL(arch_prctl, 0x1003, AT(0));
	CALL(mincore, (long)out & -4096, 4096, AT(1));
	int tty = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	static const int asks[] = {0x5401, 0x5413, 0x540f, 0x5414, 0x80045430, 0x5429};
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		CALL(ioctl, tty, asks[i], AT(0));
	close(tty);
	close(timer);
	close(epoll);
	close(ends[0]);
	close(ends[1]);
}

void look_at_calls(void)
{
	files();
	times();
	scheduling();
	identity();
	signals();
	pipes();
}

/* Calls that end, stop, replace or wait for somebody, or change files or the machine for the
 * others. */
static bool is_left_out(long number)
{
	static const short list[] = {SYS_chmod,
				     SYS_fchmod,
				     SYS_fchmodat,
				     SYS_chown,
				     SYS_fchown,
				     SYS_lchown,
				     SYS_fchownat,
				     SYS_truncate,
				     SYS_ftruncate,
				     SYS_unlinkat,
				     SYS_renameat,
				     SYS_renameat2,
				     SYS_linkat,
				     SYS_fallocate,
				     SYS_move_mount,
				     SYS_open_tree,
				     SYS_mknodat,
				     SYS_chdir,
				     SYS_fchdir,
				     SYS_setxattr,
				     SYS_fsetxattr,
				     SYS_flock,
				     SYS_exit,
				     SYS_exit_group,
				     SYS_pause,
				     SYS_fork,
				     SYS_vfork,
				     SYS_clone,
				     SYS_clone3,
				     SYS_execve,
				     SYS_execveat,
				     SYS_kill,
				     SYS_tkill,
				     SYS_tgkill,
				     SYS_reboot,
				     SYS_rt_sigreturn,
				     SYS_rt_sigsuspend,
				     SYS_mount,
				     SYS_umount2,
				     SYS_pivot_root,
				     SYS_chroot,
				     SYS_vhangup,
				     SYS_sethostname,
				     SYS_setdomainname,
				     SYS_settimeofday,
				     SYS_clock_settime,
				     SYS_setrlimit,
				     SYS_prlimit64,
				     SYS_munmap,
				     SYS_mprotect,
				     SYS_mremap,
				     SYS_brk,
				     SYS_alarm,
				     SYS_setitimer,
				     SYS_rt_sigaction,
				     SYS_rt_sigprocmask,
				     SYS_unlink,
				     SYS_rmdir,
				     SYS_rename,
				     SYS_setuid,
				     SYS_setgid,
				     SYS_setreuid,
				     SYS_setregid,
				     SYS_setresuid,
				     SYS_setresgid,
				     SYS_close_range,
				     SYS_sched_setscheduler,
				     SYS_sched_setattr,
				     SYS_dup2,
				     SYS_dup3,
				     SYS_close,
				     SYS_write,
				     SYS_writev,
				     SYS_pwrite64,
				     SYS_pwritev,
				     SYS_sendfile,
				     SYS_arch_prctl,
				     SYS_sched_setaffinity,
				     SYS_set_robust_list,
				     SYS_set_tid_address,
				     SYS_mmap,
				     SYS_getrandom};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i] == number)
			return true;
	return false;
}

static void open_descriptors(void)
{
	int ends[2] = {-1, -1};

	pipe2(ends, O_NONBLOCK);
	descriptors[0] = open("/", O_RDONLY);
	descriptors[1] = open("/etc/passwd", O_RDONLY);
	descriptors[2] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	descriptors[3] = ends[0];
	descriptors[4] = (int)syscall(SYS_epoll_create1, 0);
	descriptors[5] = (int)syscall(SYS_timerfd_create, 1, O_NONBLOCK);
	descriptors[6] = (int)syscall(SYS_eventfd2, 1, O_NONBLOCK);
	descriptors[7] = open("/proc/self/stat", O_RDONLY);
}

/* In a process of its own, which an alarm ends if the call waits: SIGALRM is deadly there. */
static void sweep(long number)
{
	const struct itimerval soon = {.it_value.tv_usec = 200000};
	char name[32];

	setitimer(ITIMER_REAL, &soon, NULL);
	snprintf(name, sizeof(name), "call %ld", number);
	for (int first = -2; first < DESCRIPTORS; first++) {
		long a = first == -2 ? AT(0) : first == -1 ? 0 : descriptors[first];

		pattern();
		memcpy(out[5], "/etc/passwd", 12);
		syscall(number, a, AT(1), AT(2), AT(3), AT(4), AT(5));
		look_at(name, out, sizeof(out));
		pattern();
		syscall(number, a, AT(1), 8L, AT(3), AT(4), AT(5));
		look_at(name, out, sizeof(out));
		pattern();
		memcpy(out[1], "/etc/passwd", 12);
		syscall(number, a, AT(1), AT(2), 256L, 256L, 0L);
		look_at(name, out, sizeof(out));
	}
}

void look_at_every_call(void)
{
	unsigned returned = 0;

	open_descriptors();
	for (long number = 0; number < CALLS; number++) {
		int status;
		pid_t child;

		if (is_left_out(number))
			continue;
		fflush(stdout);
		child = fork();
		if (child == 0) {
			sweep(number);
			_exit(0);
		}
		if (waitpid(child, &status, 0) == child && status == 0)
			returned++;
	}
	/* Most calls return at once. */
	if (returned < CALLS / 2)
		printf("only %u calls came back\n", returned);
}
