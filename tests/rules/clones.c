/* SPDX-License-Identifier: BSD-2-Clause */
/* clone, vfork, process groups, sessions and what a child shares. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "rules.h"

static char stack[65536] __attribute__((aligned(16)));
static volatile int shared;

static long raw_clone(unsigned long flags, int *parent_tid, int *child_tid)
{
	return syscall(SYS_clone, flags, NULL, parent_tid, child_tid, 0);
}

RULE(flags_that_need_others)
{
	ask("thread alone", raw_clone(CLONE_THREAD | SIGCHLD, NULL, NULL));
	ask("thread sighand", raw_clone(CLONE_THREAD | CLONE_SIGHAND | SIGCHLD, NULL, NULL));
	ask("sighand alone", raw_clone(CLONE_SIGHAND | SIGCHLD, NULL, NULL));
	ask("fs newns", raw_clone(CLONE_FS | CLONE_NEWNS | SIGCHLD, NULL, NULL));
}

RULE(tids_are_stored)
{
	int parent_tid = 0, child_tid = 0;
	long pid = raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, &parent_tid,
			     &child_tid);

	if (pid == 0) {
		say("child=%d", child_tid == getpid());
		_exit(0);
	}
	wait(NULL);
	say("parent=%d here=%d", parent_tid == pid, child_tid);
}

static int on_its_stack(void *argument)
{
	char here;

	shared = &here > stack && &here < stack + sizeof(stack);
	return *(int *)argument;
}

RULE(child_on_a_stack_of_its_own)
{
	int code = 21, status = 0;
	pid_t pid =
		clone(on_its_stack, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &code);

	waitpid(pid, &status, 0);
	say_status("child", status);
	say("stack=%d", shared);
}

RULE(vfork_waits_for_the_exec_or_exit)
{
	shared = 0;
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD,
				   stack + sizeof(stack), NULL, NULL, 0);
	if (pid == 0) {
		for (volatile int i = 0; i < 1000000; i++)
			;
		shared = 5;
		syscall(SYS_exit_group, 0);
	}
	say("shared=%d", shared);
}

static int close_one(void *argument)
{
	close(*(int *)argument);
	return 0;
}

static int clone_and_wait(int (*body)(void *), int flags, int *argument)
{
	int status = -1;
	pid_t pid = clone(body, stack + sizeof(stack), flags | SIGCHLD, argument);

	waitpid(pid, &status, 0);
	return status;
}

RULE(descriptors_shared_or_copied)
{
	int fd = dup(0);

	clone_and_wait(close_one, 0, &fd);
	ask("copied", fcntl(fd, F_GETFD));
	clone_and_wait(close_one, CLONE_FILES, &fd);
	ask("shared", fcntl(fd, F_GETFD));
}

static int change_directory(void *argument)
{
	umask(*(mode_t *)argument);
	return chdir("sub");
}

RULE(directory_shared_or_copied)
{
	int mask = 077;

	mkdir("sub", 0755);
	clone_and_wait(change_directory, 0, &mask);
	ask("copied", access("sub", F_OK));
	say("umask=%o", umask(022));
	clone_and_wait(change_directory, CLONE_FS, &mask);
	ask("shared", access("sub", F_OK));
	say("umask=%o", umask(022));
}

RULE(offsets_are_shared_with_a_child)
{
	make_file("f", "0123456789");
	int fd = open("f", O_RDONLY);
	if (fork() == 0) {
		lseek(fd, 7, SEEK_SET);
		_exit(0);
	}
	wait(NULL);
	ask("offset", lseek(fd, 0, SEEK_CUR));
}

static long clone3(const void *arguments, size_t size)
{
	return syscall(435, arguments, size);
}

RULE(clone3_arguments)
{
	unsigned long arguments[11] = {0};

	arguments[0] = SIGCHLD;
	ask("signal in flags", clone3(arguments, 88));
	arguments[0] = 0;
	arguments[4] = 65;
	ask("signal", clone3(arguments, 88));
	arguments[4] = SIGCHLD;
	arguments[5] = (unsigned long)stack;
	ask("stack without size", clone3(arguments, 88));
	arguments[5] = 0;
	arguments[6] = 4096;
	ask("size without stack", clone3(arguments, 88));
	ask("pointer", clone3((void *)8, 88));
}

RULE(groups)
{
	pid_t pid = fork();

	if (pid == 0)
		pause();
	ask("own group", setpgid(pid, pid));
	say("leader=%d", getpgid(pid) == pid);
	ask("back", setpgid(pid, getpgrp()));
	ask("no such group", setpgid(pid, 999999));
	ask("negative", setpgid(pid, -1));
	ask("stranger", setpgid(1, 0));
	ask("nobody", setpgid(999999, 0));
	ask("getpgid", getpgid(999999));
	ask("getsid", getsid(999999));
	kill(pid, SIGKILL);
}

static void after_exec(pid_t pid)
{
	char comm[64];

	snprintf(comm, sizeof(comm), "/proc/%d/comm", pid);
	for (;;) {
		char name[16] = "";
		int fd = open(comm, O_RDONLY);

		if (read(fd, name, sizeof(name) - 1) < 0 || !strcmp(name, "busybox\n"))
			break;
		close(fd);
		usleep(1000);
	}
}

RULE(no_group_change_after_exec)
{
	pid_t pid = fork();

	if (pid == 0)
		execl("/bin/busybox", "sleep", "9", NULL);
	after_exec(pid);
	ask("setpgid", setpgid(pid, pid));
	kill(pid, SIGKILL);
}

RULE(sessions)
{
	int status;

	ask("leader of a group", setsid());
	if (fork() == 0) {
		say("setsid=%d", setsid() == getpid());
		say("group=%d session=%d", getpgrp() == getpid(), getsid(0) == getpid());
		ask("again", setsid());
		ask("setpgid", setpgid(0, 0));
		_exit(0);
	}
	wait(&status);
	say_status("child", status);
}

RULE(a_child_inherits)
{
	umask(027);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000000, 2000000});
	if (fork() == 0) {
		struct rlimit limit;

		getrlimit(RLIMIT_FSIZE, &limit);
		say("umask=%o limit=%lu", umask(0), (unsigned long)limit.rlim_max);
		say("group=%d session=%d", getpgrp() == getppid(), getsid(0) == getsid(getppid()));
		_exit(0);
	}
	wait(NULL);
}

static void limited(void)
{
	setrlimit(RLIMIT_NPROC, &(struct rlimit){1, 1});
	ask("setuid", setuid(43210));
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	ask("fork", pid > 0 ? 1 : pid);
}

RULE(number_of_processes)
{
	in_child(limited);
}

static int ignore_signal(void *argument)
{
	return signal(*(int *)argument, SIG_IGN) == SIG_ERR;
}

static volatile int got;

static void on_signal(int number)
{
	got = number;
}

RULE(handlers_shared_or_copied)
{
	int number = SIGUSR1;
	struct sigaction action;

	clone_and_wait(ignore_signal, 0, &number);
	sigaction(number, NULL, &action);
	say("copied=%d", action.sa_handler == SIG_IGN);
	clone_and_wait(ignore_signal, CLONE_VM | CLONE_SIGHAND, &number);
	sigaction(number, NULL, &action);
	say("shared=%d", action.sa_handler == SIG_IGN);
}

RULE(another_signal_at_the_end)
{
	signal(SIGUSR2, on_signal);
	pid_t pid = (pid_t)raw_clone(SIGUSR2, NULL, NULL);
	if (pid == 0)
		_exit(0);
	ask("plain", waitpid(pid, NULL, 0));
	say("all=%d", waitpid(pid, NULL, __WALL) == pid);
	say("signal=%d", got);
}

RULE(child_cleartid_of_a_copy)
{
	int *tid = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*tid = 77;
	pid_t pid = (pid_t)raw_clone(CLONE_CHILD_CLEARTID | SIGCHLD, NULL, tid);
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	say("tid=%d", *tid);
}

RULE(clone3_sizes)
{
	unsigned long arguments[16] = {0};

	arguments[4] = SIGCHLD;
	ask("56", clone3(arguments, 56));
	ask("5000", clone3(arguments, 5000));
	arguments[15] = 1;
	ask("rest", clone3(arguments, 128));
	arguments[15] = 0;
	for (int i = 0; i < 3; i++) {
		static const size_t sizes[] = {64, 88, 128};
		long pid = clone3(arguments, sizes[i]);

		if (pid == 0)
			_exit(0);
		say("%zu=%d", sizes[i], pid > 0 && waitpid((pid_t)pid, NULL, 0) == pid);
	}
}
