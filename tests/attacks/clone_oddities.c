/* SPDX-License-Identifier: BSD-2-Clause */
/* What clone(2) may ask for must not reach further than the caller itself. */
#include "attack.h"

/* A sibling's end does not send the parent what the caller chose. */
static void sibling_signal(void)
{
	pid_t victim = fork();

	if (victim == 0) {
		if (fork() == 0)
			_exit(clone_like_fork(CLONE_PARENT | SIGKILL, 0) < 0);
		usleep(200000);
		int status, children = 0;
		while (wait(&status) > 0)
			children++;
		_exit(children == 2 ? 7 : 8);
	}
	CHECK(wait_status(victim) == 7 << 8);
}

/* Nor does a child's, once its parent is another program. */
static void signal_across_exec(void)
{
	pid_t victim = fork();

	if (victim == 0) {
		if (clone_like_fork(SIGKILL, 0) == 0) {
			usleep(200000);
			_exit(0);
		}
		execl("/proc/self/exe", "clone_oddities", "sleep", NULL);
		_exit(9);
	}
	CHECK(wait_status(victim) == 0);
}

static void bad_requests(void)
{
	CHECK(FAILS(clone_like_fork(CLONE_SETTLS | SIGCHLD, 1ul << 63), EPERM));
	CHECK(FAILS(clone_like_fork(CLONE_SETTLS | SIGCHLD, 0xffff800000001000ul), EPERM));
	CHECK(FAILS(clone_like_fork(CLONE_SIGHAND | SIGCHLD, 0), EINVAL));
	long child = syscall(SYS_clone, SIGCHLD, 0x8000000000000000ul, 0, 0, 0);
	if (child == 0)
		_exit(0);
	CHECK(child > 0 && WIFSIGNALED(wait_status((pid_t)child)));
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return usleep(500000);
	sibling_signal();
	signal_across_exec();
	bad_requests();
	puts("ok");
	return 0;
}
