/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M13-03: calls that reach for another user's process, or past one's own rights, are refused. */
#include "selftest/user/proc.h"
#include "selftest/user/terminal.h"

#define SYS_setresuid       117
#define SYS_setpriority     141
#define SYS_prctl           157
#define SYS_setaffinity     203
#define SYS_timer_create    222
#define SYS_prlimit64       302
#define SYS_copy_file_range 326

#define EBADF  9
#define EACCES 13

#define SOMEBODY 1000

#define RLIMIT_NOFILE   7
#define CLOCK_MONOTONIC 1
#define SIGALRM         14
#define SIGEV_THREAD_ID 4
#define TIOCVHANGUP     0x5437
#define PR_SET_DUMPABLE 4

struct limit {
	uint64_t current, maximum;
};

struct event {
	uint64_t value;
	int32_t signo, notify, thread, pad[11];
};

static long limit_of(long pid, const struct limit *fresh)
{
	struct limit old;

	return sys6(SYS_prlimit64, pid, RLIMIT_NOFILE, (long)fresh, (long)&old, 0, 0);
}

static void become_somebody(void)
{
	child_check(sys3(SYS_setresuid, SOMEBODY, SOMEBODY, SOMEBODY) == 0, 99);
}

static void reaches_for_root(long pid)
{
	const uint64_t first_cpu = 1;
	const struct event event = {
		.signo = SIGALRM, .notify = SIGEV_THREAD_ID, .thread = (int32_t)pid};
	int timer;

	become_somebody();
	child_check(sys3(SYS_setaffinity, pid, sizeof(first_cpu), (long)&first_cpu) == -EPERM, 1);
	child_check(sys3(SYS_setpriority, 0, pid, 5) == -EPERM, 2);
	child_check(limit_of(pid, NULL) == -EPERM, 3);
	child_check(sys3(SYS_timer_create, CLOCK_MONOTONIC, (long)&event, (long)&timer) == -EINVAL,
		    4);
}

static void raises_its_limit(long arg)
{
	(void)arg;
	become_somebody();
	child_check(limit_of(0, &(struct limit){32, 64}) == 0, 1);
	child_check(limit_of(0, &(struct limit){64, 64}) == 0, 2);
	child_check(limit_of(0, &(struct limit){64, 65}) == -EPERM, 3);
}

static void hangs_up(long arg)
{
	long master = open_master(), slave;

	(void)arg;
	child_check(master >= 0 && unlock(master) == 0, 1);
	slave = open_slave(number_of(master), O_NOCTTY);
	become_somebody();
	child_check(slave >= 0 && control(slave, TIOCVHANGUP, NULL) == -EPERM, 2);
}

static void reads_what_it_may_write(long arg)
{
	long in = sys3(SYS_open, (long)"/.copied", O_WRONLY | O_CREAT, 0600);
	long out = sys3(SYS_open, (long)"/.copy", O_WRONLY | O_CREAT, 0600);

	(void)arg;
	child_check(in >= 0 && out >= 0 && sys3(SYS_write, in, (long)"x", 1) == 1, 1);
	child_check(sys6(SYS_copy_file_range, in, (long)&(int64_t){0}, out, 0, 1, 0) == -EBADF, 2);
	child_check(sys3(SYS_unlink, (long)"/.copied", 0, 0) == 0, 3);
	child_check(sys3(SYS_unlink, (long)"/.copy", 0, 0) == 0, 4);
}

static void limits_who_may_be_root(long pid)
{
	become_somebody();
	child_check(limit_of(pid, NULL) == -EPERM, 1);
}

static void looks_at_who_hides(long pid)
{
	become_somebody();
	child_check(sys3(SYS_open, (long)proc_path(pid, "/maps"), 0, 0) == -EACCES, 1);
}

/* One of the same user with something to lose: another waits for it while @tries does its worst. */
static void beside(long saved, int hides, void (*tries)(long pid))
{
	int ready[2], stay[2];
	char byte;
	long pid;

	CHECK(sys3(SYS_pipe2, (long)ready, 0, 0) == 0 && sys3(SYS_pipe2, (long)stay, 0, 0) == 0);
	pid = sys_fork();
	if (pid == 0) {
		child_check(sys3(SYS_setresuid, SOMEBODY, SOMEBODY, saved) == 0, 99);
		child_check(sys3(SYS_prctl, PR_SET_DUMPABLE, !hides, 0) == 0, 98);
		child_check(sys3(SYS_write, ready[1], (long)"r", 1) == 1, 97);
		sys3(SYS_read, stay[0], (long)&byte, 1);
		sys_exit(0);
	}
	CHECK(pid > 0 && sys3(SYS_read, ready[0], (long)&byte, 1) == 1);
	CHECK(exit_code(run_child(tries, pid)) == 0);
	CHECK(sys3(SYS_write, stay[1], (long)"s", 1) == 1);
	CHECK(sys_wait(pid, NULL) == pid);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(exit_code(run_child(reaches_for_root, sys0(SYS_getpid))) == 0);
	CHECK(exit_code(run_child(raises_its_limit, 0)) == 0);
	CHECK(exit_code(run_child(hangs_up, 0)) == 0);
	CHECK(exit_code(run_child(reads_what_it_may_write, 0)) == 0);
	beside(0, 0, limits_who_may_be_root);
	beside(SOMEBODY, 1, looks_at_who_hides);
}
