/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M11-09: sleeping calls and signals, what children inherit, and who may signal whom. */
#include "selftest/user/signals.h"

#define NOBODY      65534
#define SOMEBODY    1000
#define SYS_setsid  112
#define SYS_setpgid 109
#define CLD_EXITED  1
#define CLD_KILLED  2

struct timespec {
	int64_t seconds, nanoseconds;
};

static volatile int count;
static volatile struct info last;

static void on_signal(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)context;
	count++;
	last.signo = info->signo;
	last.code = info->code;
	last.pid = info->pid;
	last.uid = info->uid;
	last.value = info->value;
}

static long fork_or_fail(void)
{
	long pid = sys_fork();

	CHECK(pid >= 0);
	return pid;
}

static void sleep_ms(int64_t ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};

	sys3(SYS_nanosleep, (long)&time, 0, 0);
}

/* "/proc/<pid>/stat" */
static void stat_path(char *path, long pid)
{
	char digits[20];
	int digit_count = 0;

	for (const char *p = "/proc/"; *p;)
		*path++ = *p++;
	for (; pid; pid /= 10)
		digits[digit_count++] = (char)('0' + pid % 10);
	while (digit_count)
		*path++ = digits[--digit_count];
	for (const char *p = "/stat"; *p;)
		*path++ = *p++;
	*path = 0;
}

/* The letter behind the name's last parenthesis. */
static char state_of(long pid)
{
	char path[64], text[256], state = '?';

	stat_path(path, pid);
	long fd = sys3(SYS_open, (long)path, 0, 0);
	long len = fd < 0 ? 0 : sys3(SYS_read, fd, (long)text, sizeof(text));
	for (long i = 0; i + 2 < len; i++)
		if (text[i] == ')')
			state = text[i + 2];
	sys3(SYS_close, fd, 0, 0);
	return state;
}

/* However slow the machine is: the process has reached its wait. */
static void wait_asleep(long pid)
{
	while (state_of(pid) != 'S')
		sleep_ms(1);
}

/* A child that signals the parent in its wait, and writes to the pipe when it waits again. */
static long disturber(int pipe_write, int signo)
{
	long parent = sys0(SYS_getpid), pid = fork_or_fail();

	if (pid)
		return pid;
	wait_asleep(parent);
	sys3(SYS_kill, parent, signo, 0);
	wait_asleep(parent);
	sys3(SYS_write, pipe_write, (long)"x", 1);
	sys_exit(0);
}

static void restarting(void)
{
	struct timespec time = {1000, 0}, left = {0, 0};
	int ends[2], status;
	char byte;
	long pid;

	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	count = 0;
	CHECK(handle(SIGUSR1, on_signal, SA_RESTART) == 0);
	pid = disturber(ends[1], SIGUSR1);
	CHECK(sys3(SYS_read, ends[0], (long)&byte, 1) == 1 && count == 1);
	CHECK(sys_wait(pid, &status) == pid);
	CHECK(handle(SIGUSR1, on_signal, 0) == 0);
	pid = disturber(ends[1], SIGUSR1);
	CHECK(sys3(SYS_read, ends[0], (long)&byte, 1) == -EINTR && count == 2);
	CHECK(sys3(SYS_read, ends[0], (long)&byte, 1) == 1);
	CHECK(sys_wait(pid, &status) == pid);
	/* Never restarted, and the rest is told. */
	CHECK(handle(SIGUSR1, on_signal, SA_RESTART) == 0);
	pid = disturber(ends[1], SIGUSR1);
	CHECK(sys3(SYS_nanosleep, (long)&time, (long)&left, 0) == -EINTR && count == 3);
	CHECK(left.seconds >= 900 && left.seconds < 1000 && left.nanoseconds > 0);
	CHECK(sys_wait(pid, &status) == pid);
	CHECK(sys3(SYS_read, ends[0], (long)&byte, 1) == 1);
	/* Ignored by default: nobody notices. */
	pid = disturber(ends[1], SIGWINCH);
	CHECK(sys3(SYS_read, ends[0], (long)&byte, 1) == 1 && count == 3);
	CHECK(sys_wait(pid, &status) == pid);
	sys3(SYS_close, ends[0], 0, 0);
	sys3(SYS_close, ends[1], 0, 0);
}

static void suspending(void)
{
	uint64_t none = 0, mask = 0, set = bit(SIGUSR1);
	struct timespec soon = {0, 1000000}, never = {60, 0};
	struct info info;

	count = 0;
	CHECK(handle(SIGUSR1, on_signal, SA_RESTART) == 0);
	CHECK(mask_change(SIG_SETMASK, set, NULL) == 0);
	CHECK(kill_self(SIGUSR1) == 0 && count == 0);
	CHECK(sys3(SYS_rt_sigsuspend, (long)&none, 8, 0) == -EINTR && count == 1);
	CHECK(mask_change(SIG_BLOCK, 0, &mask) == 0 && mask == set);
	CHECK(sys6(SYS_rt_sigtimedwait, (long)&set, (long)&info, (long)&soon, 8, 0, 0) == -EAGAIN);
	CHECK(kill_self(SIGUSR1) == 0);
	CHECK(sys6(SYS_rt_sigtimedwait, (long)&set, (long)&info, (long)&never, 8, 0, 0) == SIGUSR1);
	CHECK(info.signo == SIGUSR1 && info.code == SI_USER && info.pid == sys0(SYS_getpid));
	CHECK(count == 1);
	CHECK(mask_change(SIG_SETMASK, 0, NULL) == 0 && count == 1);
}

/* A signal of the set that arrives during the wait. */
static void waiting_for_later(void)
{
	uint64_t set = bit(SIGUSR2);
	struct timespec never = {60, 0};
	long parent = sys0(SYS_getpid), pid;
	struct info info;
	int status;

	CHECK(mask_change(SIG_SETMASK, set, NULL) == 0);
	pid = fork_or_fail();
	if (!pid) {
		sleep_ms(5);
		sys3(SYS_kill, parent, SIGUSR2, 0);
		sys_exit(0);
	}
	CHECK(sys6(SYS_rt_sigtimedwait, (long)&set, (long)&info, (long)&never, 8, 0, 0) == SIGUSR2);
	CHECK(info.pid == pid);
	CHECK(sys_wait(pid, &status) == pid);
	CHECK(mask_change(SIG_SETMASK, 0, NULL) == 0);
}

static void child_exits(long code)
{
	sys_exit((int)code);
}

static void child_dies(long arg)
{
	(void)arg;
	kill_self(SIGTERM);
}

/* A child has its parent's mask and handlers, but nothing pending. */
static void child_inherits(long arg)
{
	uint64_t mask = 0, pending = 1;

	(void)arg;
	mask_change(SIG_BLOCK, 0, &mask);
	child_check(mask == bit(SIGUSR1), 2);
	sys3(SYS_rt_sigpending, (long)&pending, 8, 0);
	child_check(pending == 0, 3);
	count = 0;
	mask_change(SIG_SETMASK, 0, NULL);
	kill_self(SIGUSR1);
	child_check(count == 1, 4);
	/* What it changes is its own. */
	action_set(SIGUSR1, SIG_IGN, 0, 0);
}

static void children(void)
{
	int status;

	CHECK(handle(SIGCHLD, on_signal, SA_RESTART) == 0);
	count = 0;
	CHECK(run_child(child_exits, 5) == 5 << 8);
	CHECK(count == 1 && last.signo == SIGCHLD && last.code == CLD_EXITED);
	CHECK((last.value & 0xffffffff) == 5 && last.pid > 1);
	CHECK(run_child(child_dies, 0) == SIGTERM);
	CHECK(count == 2 && last.code == CLD_KILLED && (last.value & 0xffffffff) == SIGTERM);
	CHECK(action_set(SIGCHLD, SIG_DFL, 0, 0) == 0);
	CHECK(handle(SIGUSR1, on_signal, 0) == 0);
	CHECK(mask_change(SIG_SETMASK, bit(SIGUSR1), NULL) == 0);
	CHECK(kill_self(SIGUSR1) == 0);
	CHECK(run_child(child_inherits, 0) == 0);
	count = 0;
	CHECK(mask_change(SIG_SETMASK, 0, NULL) == 0 && count == 1);
	/* Ignored: no zombie, and wait finds nobody at the end. */
	CHECK(action_set(SIGCHLD, SIG_IGN, 0, 0) == 0);
	if (!fork_or_fail())
		sys_exit(0);
	CHECK(sys_wait(-1, &status) == -ECHILD);
	CHECK(action_set(SIGCHLD, SIG_DFL, 0, 0) == 0);
}

/* uid of the sender against uid of the target; 0 may signal everybody. */
struct right {
	int from, to, allowed;
};

static long target_as(int uid)
{
	uint64_t set = bit(SIGUSR1);
	struct timespec never = {60, 0};
	int ready[2];
	char byte;
	long pid;

	CHECK(sys3(SYS_pipe2, (long)ready, 0, 0) == 0);
	pid = fork_or_fail();
	if (!pid) {
		mask_change(SIG_SETMASK, set, NULL);
		child_check(sys3(SYS_setresuid, uid, uid, uid) == 0, 2);
		sys3(SYS_setsid, 0, 0, 0);
		sys3(SYS_write, ready[1], (long)"x", 1);
		child_check(sys6(SYS_rt_sigtimedwait, (long)&set, 0, (long)&never, 8, 0, 0) ==
				    SIGUSR1,
			    3);
		sys_exit(0);
	}
	CHECK(sys3(SYS_read, ready[0], (long)&byte, 1) == 1);
	sys3(SYS_close, ready[0], 0, 0);
	sys3(SYS_close, ready[1], 0, 0);
	return pid;
}

static long target;

static void send_as(long right)
{
	const struct right *r = (const struct right *)right;
	long want = r->allowed ? 0 : -EPERM;

	child_check(sys3(SYS_setresuid, r->from, r->from, r->from) == 0, 2);
	child_check(sys3(SYS_kill, target, 0, 0) == want, 3);
	child_check(sys3(SYS_tgkill, target, target, 0) == want, 4);
	child_check(sys3(SYS_kill, target, SIGUSR1, 0) == want, 5);
	if (!r->allowed) {
		child_check(sys3(SYS_kill, target, SIGKILL, 0) == -EPERM, 6);
		child_check(sys3(SYS_kill, -target, SIGKILL, 0) == -EPERM, 7);
		child_check(sys3(SYS_kill, target, SIGCONT, 0) == -EPERM, 8);
	}
}

static void rights(void)
{
	static const struct right table[] = {
		{0, 0, 1},      {0, NOBODY, 1},        {NOBODY, NOBODY, 1},
		{NOBODY, 0, 0}, {NOBODY, SOMEBODY, 0}, {SOMEBODY, NOBODY, 0},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int status;

		target = target_as(table[i].to);
		CHECK(run_child(send_as, (long)&table[i]) == 0);
		if (!table[i].allowed)
			CHECK(sys3(SYS_kill, target, SIGUSR1, 0) == 0);
		CHECK(sys_wait(target, &status) == target && status == 0);
	}
}

static void targets_that_are_not(void)
{
	static const int numbers[] = {32000, -32000, INT32_MIN};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		CHECK(sys3(SYS_kill, numbers[i], SIGKILL, 0) == -ESRCH);
	CHECK(kill_self(65) == -EINVAL && kill_self(-1) == -EINVAL);
	CHECK(sys3(SYS_tgkill, 0, 1, 0) == -EINVAL && sys3(SYS_tgkill, 1, -1, 0) == -EINVAL);
	CHECK(sys3(SYS_tkill, 0, 0, 0) == -EINVAL);
	CHECK(sys3(SYS_tgkill, 32000, sys0(SYS_getpid), 0) == -ESRCH);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	restarting();
	suspending();
	waiting_for_later();
	children();
	rights();
	targets_that_are_not();
}
