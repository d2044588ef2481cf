/* SPDX-License-Identifier: BSD-2-Clause */
/* Wait statuses, and who is waited for. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "rules.h"

static pid_t leaving(int code)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(code);
	return pid;
}

RULE(exit_status_has_eight_bits)
{
	int status = 0;

	waitpid(leaving(0x1234), &status, 0);
	say("%x", status);
	waitpid(leaving(-1), &status, 0);
	say("%x", status);
}

RULE(status_of_a_killed_child)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		pause();
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	say("%x", status);
}

static void segfault(void)
{
	*(volatile int *)16 = 1;
}

RULE(status_without_a_core)
{
	say("%x", in_child(segfault));
}

RULE(wnohang_of_a_living_child)
{
	int status = 77;
	pid_t pid = fork();

	if (pid == 0)
		pause();
	ask("wait", waitpid(pid, &status, WNOHANG));
	say("status=%d", status);
	kill(pid, SIGKILL);
	say("reaped=%d", waitpid(pid, NULL, 0) == pid);
}

RULE(nobody_to_wait_for)
{
	ask("any", wait(NULL));
	ask("self", waitpid(getpid(), NULL, 0));
	ask("parent", waitpid(getppid(), NULL, 0));
	ask("group", waitpid(0, NULL, 0));
}

RULE(unknown_options)
{
	leaving(0);
	ask("wait4", syscall(SYS_wait4, -1, NULL, 0x100, NULL));
	ask("waitid none", syscall(SYS_waitid, P_ALL, 0, NULL, 0, NULL));
	ask("waitid type", syscall(SYS_waitid, 99, 0, NULL, WEXITED, NULL));
}

RULE(a_bad_status_pointer_reaps)
{
	leaving(1);
	ask("wait", syscall(SYS_wait4, -1, 8L, 0, NULL));
	ask("again", wait(NULL));
}

RULE(wnowait_keeps)
{
	siginfo_t info = {0};
	pid_t pid = leaving(9);

	ask("first", waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
	say("pid=%d status=%d code=%d uid=%u signo=%d", info.si_pid == pid, info.si_status,
	    info.si_code, info.si_uid, info.si_signo);
	ask("second", waitid(P_PID, (id_t)pid, &info, WEXITED));
	ask("third", waitid(P_PID, (id_t)pid, &info, WEXITED));
}

RULE(waitid_of_a_killed_child)
{
	siginfo_t info = {0};
	pid_t pid = fork();

	if (pid == 0)
		pause();
	kill(pid, SIGTERM);
	ask("wait", waitid(P_PID, (id_t)pid, &info, WEXITED));
	say("code=%d status=%d", info.si_code, info.si_status);
}

RULE(waitid_without_hang_clears)
{
	siginfo_t info = {.si_pid = 5, .si_signo = 6};
	pid_t pid = fork();

	if (pid == 0)
		pause();
	ask("wait", waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG));
	say("pid=%d signo=%d", info.si_pid, info.si_signo);
	kill(pid, SIGKILL);
}

RULE(ignored_children_vanish)
{
	signal(SIGCHLD, SIG_IGN);
	leaving(1);
	leaving(2);
	ask("wait", wait(NULL));
}

RULE(no_cld_wait_children_vanish)
{
	struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};

	sigaction(SIGCHLD, &action, NULL);
	leaving(1);
	ask("wait", wait(NULL));
}

RULE(wait_by_group)
{
	pid_t first = fork();

	if (first == 0)
		_exit(1);
	pid_t second = fork();
	if (second == 0)
		pause();
	setpgid(second, second);
	kill(second, SIGKILL);
	say("second=%d", waitpid(-second, NULL, 0) == second);
	say("own group=%d", waitpid(0, NULL, 0) == first);
}

RULE(rusage_of_children)
{
	struct rusage usage;
	int status;
	pid_t pid = leaving(0);

	memset(&usage, 0xff, sizeof(usage));
	say("waited=%d", wait4(pid, &status, 0, &usage) == pid);
	say("filled=%d", usage.ru_utime.tv_sec == 0 && usage.ru_nsignals == 0);
	ask("who", getrusage(5, &usage));
	ask("children", getrusage(RUSAGE_CHILDREN, &usage));
}

RULE(orphans_get_another_parent)
{
	int ends[2];
	char byte;

	if (pipe(ends))
		return;
	if (fork() == 0) {
		pid_t old = getpid();
		if (fork() == 0) {
			while (getppid() == old)
				usleep(1000);
			say("changed");
			_exit(write(ends[1], "", 1) != 1);
		}
		_exit(0);
	}
	wait(NULL);
	ask("read", read(ends[0], &byte, 1));
	ask("not ours", wait(NULL));
}

RULE(subreaper_takes_orphans)
{
	int status;

	ask("set", syscall(SYS_prctl, 36, 1, 0, 0, 0));
	if (fork() == 0) {
		if (fork() == 0) {
			usleep(20000);
			_exit(6);
		}
		_exit(1);
	}
	for (int i = 0; i < 2; i++) {
		wait(&status);
		say_status("child", status);
	}
	ask("then", wait(NULL));
}

RULE(zombies_can_be_signalled)
{
	siginfo_t info;
	pid_t pid = leaving(0);

	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	ask("zombie", kill(pid, 0));
	waitpid(pid, NULL, 0);
	ask("gone", kill(pid, 0));
}

RULE(exit_group_and_exit)
{
	int status;

	if (fork() == 0)
		syscall(SYS_exit, 11);
	wait(&status);
	say_status("exit", status);
	if (fork() == 0)
		syscall(SYS_exit_group, 12);
	wait(&status);
	say_status("exit_group", status);
}

RULE(clone_children_are_waited_for_apart)
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, 0);

	if (pid == 0)
		_exit(4);
	ask("plain", waitpid(pid, NULL, 0));
	say("clone=%d", waitpid(pid, NULL, __WCLONE) == pid);
	pid = leaving(0);
	ask("wrong", waitpid(pid, NULL, __WCLONE));
	say("all=%d", waitpid(pid, NULL, __WALL) == pid);
}
