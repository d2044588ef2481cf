/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M8-05: SIGKILL ends a process in whatever state it is, each kind of wait included. */
#include "selftest/user/service.h"
#include "selftest/user/signals.h"

#define SYS_poll  7
#define SYS_pause 34
#define SYS_clone 56
#define SYS_futex 202
#define SYS_waitid 247
#define WUNTRACED 2
#define P_PID     1
#define WEXITED   4
#define WNOWAIT   0x1000000
#define TURNS     3
#define LONG_S    1000

static int ends[2];

static void sleeps(void)
{
	int64_t time[2] = {LONG_S, 0};

	sys3(SYS_nanosleep, (long)time, 0, 0);
}

static void runs(void)
{
	for (;;)
		__asm__ volatile("");
}

static void makes_calls(void)
{
	for (;;)
		sys0(SYS_getppid);
}

static void pauses(void)
{
	sys0(SYS_pause);
}

static void reads_empty_pipe(void)
{
	char byte;

	sys3(SYS_read, ends[0], (long)&byte, 1);
}

static void writes_full_pipe(void)
{
	static char page[4096];

	for (;;)
		sys3(SYS_write, ends[1], (long)page, sizeof(page));
}

static void polls(void)
{
	struct {
		int fd;
		short events, revents;
	} entry = {ends[0], 1, 0};

	sys3(SYS_poll, (long)&entry, 1, -1);
}

static void waits_for_signal(void)
{
	uint64_t set = 1ull << (SIGUSR1 - 1);

	sys6(SYS_rt_sigtimedwait, (long)&set, 0, 0, 8, 0, 0);
}

static void suspends(void)
{
	uint64_t set = ~0ull;

	sys3(SYS_rt_sigsuspend, (long)&set, 8, 0);
}

static void waits_on_futex(void)
{
	static uint32_t word;

	sys6(SYS_futex, (long)&word, 0 /* FUTEX_WAIT */, 0, 0, 0, 0);
}

/* The child, on a stack of its own in the same memory, goes by its parent's death. */
static void vfork_child(void)
{
	while (sys0(SYS_getppid) != 1 && sys0(SYS_getppid) != 0)
		sys0(SYS_sched_yield);
	sys_exit(0);
}

static void waits_in_vfork(void)
{
	static uint8_t stack[4096] __attribute__((aligned(16)));
	long flags = 0x4100 | SIGCHLD; /* CLONE_VFORK, CLONE_VM */
	long number = SYS_clone;

	__asm__ volatile("xor %%edx, %%edx; xor %%r10d, %%r10d; syscall; test %%rax, %%rax\n"
			 "jnz 1f; call *%%rbx; 1:"
			 : "+a"(number)
			 : "D"(flags), "S"(stack + sizeof(stack)), "b"(vfork_child)
			 : "rcx", "rdx", "r10", "r11", "memory");
}

/* The grandchild goes when its end of the pipe sees nobody there: by the parent's death. */
static void waits_for_child(void)
{
	long pid = sys_fork();

	if (pid == 0) {
		while (sys0(SYS_getppid) != 1 && sys0(SYS_getppid) != 0)
			sys0(SYS_sched_yield);
		sys_exit(0);
	}
	sys_wait(pid, NULL);
}

static void execs_for_ever(void)
{
	exec_path(OWN_PATH, "again");
}

static void forks_for_ever(void)
{
	for (;;) {
		long pid = sys_fork();

		if (pid == 0)
			sys_exit(0);
		sys_wait(pid, NULL);
	}
}

static void (*const states[])(void) = {
	runs,
	makes_calls,
	sleeps,
	pauses,
	reads_empty_pipe,
	writes_full_pipe,
	polls,
	suspends,
	waits_for_signal,
	waits_for_child,
	forks_for_ever,
	execs_for_ever,
	waits_on_futex,
};

static void take_turns(void)
{
	for (int i = 0; i < TURNS; i++)
		sys0(SYS_sched_yield);
}

static void stop(long pid)
{
	int status = -1;

	CHECK(sys3(SYS_kill, pid, SIGSTOP, 0) == 0);
	CHECK(sys6(SYS_wait4, pid, (long)&status, WUNTRACED, 0, 0, 0) == pid);
	CHECK(status == (SIGSTOP << 8 | 0x7f));
}

/* In the middle of it, or stopped there. */
static void killed_in(void (*state)(void), int stopped)
{
	int status = -1;
	long pid;

	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	pid = sys_fork();
	if (pid == 0) {
		state();
		sys_exit(1);
	}
	CHECK(pid > 0);
	take_turns();
	if (stopped)
		stop(pid);
	CHECK(sys3(SYS_kill, pid, SIGKILL, 0) == 0);
	CHECK(sys_wait(pid, &status) == pid);
	CHECK(status == SIGKILL);
	CHECK(sys3(SYS_kill, pid, 0, 0) == -ESRCH);
	CHECK(sys3(SYS_close, ends[0], 0, 0) == 0 && sys3(SYS_close, ends[1], 0, 0) == 0);
}

/* A zombie is there until it is collected; to kill it succeeds and changes nothing. */
static void killed_zombie(void)
{
	int status = -1;
	long pid = sys_fork();

	if (pid == 0)
		sys_exit(6);
	CHECK(pid > 0);
	CHECK(sys6(SYS_waitid, P_PID, pid, 0, WEXITED | WNOWAIT, 0, 0) == 0);
	CHECK(sys3(SYS_kill, pid, SIGKILL, 0) == 0);
	CHECK(sys_wait(pid, &status) == pid && status == 6 << 8);
	CHECK(sys3(SYS_kill, pid, SIGKILL, 0) == -ESRCH);
}

static void once_through(void)
{
	for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		killed_in(states[i], 0);
		killed_in(states[i], 1);
	}
	/* Nothing but death ends this one: a stop waits for the child. */
	killed_in(waits_in_vfork, 0);
	killed_zombie();
}

void test_main(const uint64_t *stack)
{
	if (stack[0] == 2)
		execs_for_ever();
	once_through();
}
