/* SPDX-License-Identifier: BSD-2-Clause */
/* Job control without a terminal: stopping and continuing as wait and SIGCHLD tell it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rules.h"

static volatile sig_atomic_t count, code, status_of;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	(void)context;
	(void)signo;
	count++;
	code = info->si_code;
	status_of = info->si_status;
}

static void handle(int signo, int flags)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags};

	sigaction(signo, &action, NULL);
}

/* A job in a group of its own that runs @body. */
static pid_t job(void (*body)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		body();
		_exit(0);
	}
	setpgid(pid, pid);
	return pid;
}

static void idle(void)
{
	for (;;)
		pause();
}

static int wait_for(pid_t pid, int options)
{
	int status = 0;

	return waitpid(pid, &status, options) == pid ? status : -errno;
}

static void waits(void)
{
	pid_t pid = job(idle);
	siginfo_t info;
	int status;

	kill(pid, SIGSTOP);
	show_status("SIGSTOP, WUNTRACED", wait_for(pid, WUNTRACED));
	show("told once", waitpid(pid, &status, WUNTRACED | WNOHANG));
	kill(pid, SIGSTOP);
	show("stopped already: nothing new", waitpid(pid, &status, WUNTRACED | WNOHANG));
	kill(pid, SIGCONT);
	show("nobody asked for WCONTINUED", waitpid(pid, &status, WUNTRACED | WNOHANG));
	show_status("WCONTINUED", wait_for(pid, WCONTINUED));
	show("told once", waitpid(pid, &status, WCONTINUED | WNOHANG));
	kill(pid, SIGCONT);
	show("runs already: nothing new", waitpid(pid, &status, WCONTINUED | WNOHANG));
	kill(pid, SIGTSTP);
	show("WNOWAIT", waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT));
	show("si_code", info.si_code);
	show("si_status", info.si_status);
	show("si_signo", info.si_signo);
	show("si_pid is the child's", info.si_pid == pid);
	show_status("still there", wait_for(pid, WUNTRACED));
	kill(pid, SIGCONT);
	show("waitid WCONTINUED by group", waitid(P_PGID, pid, &info, WCONTINUED));
	show("si_code", info.si_code);
	show("si_status", info.si_status);
	kill(pid, SIGTTIN);
	show("by group", waitpid(-pid, &status, WUNTRACED) == pid);
	show_status("SIGTTIN", status);
	kill(pid, SIGTERM);
	usleep(2000);
	show("SIGTERM waits for SIGCONT", waitpid(pid, &status, WNOHANG));
	kill(pid, SIGCONT);
	show_status("then it acts", wait_for(pid, WUNTRACED));
	pid = job(idle);
	kill(pid, SIGSTOP);
	show_status("SIGSTOP", wait_for(pid, WUNTRACED));
	kill(pid, SIGKILL);
	show_status("SIGKILL ends what is stopped", wait_for(pid, WUNTRACED));
	show("waitid without a state", result(waitid(P_ALL, 0, &info, WNOHANG)));
	show("wait4 with WEXITED", result(waitpid(-1, &status, WEXITED)));
	show("nobody left", result(waitpid(-1, &status, WUNTRACED)));
}

static void until(int want)
{
	while (count < want)
		usleep(500);
}

static void child_signals(void)
{
	pid_t pid;

	handle(SIGCHLD, SA_RESTART);
	pid = job(idle);
	count = 0;
	kill(pid, SIGTTOU);
	until(1);
	show("SIGCHLD of a stop", code);
	show("its status", status_of);
	kill(pid, SIGCONT);
	until(2);
	show("SIGCHLD of going on", code);
	show("its status", status_of);
	handle(SIGCHLD, SA_RESTART | SA_NOCLDSTOP);
	kill(pid, SIGSTOP);
	show_status("SA_NOCLDSTOP: wait still tells", wait_for(pid, WUNTRACED));
	kill(pid, SIGCONT);
	show_status("both", wait_for(pid, WCONTINUED));
	show("but no signal comes", count);
	kill(pid, SIGKILL);
	until(3);
	show("a death is told all the same", code);
	wait_for(pid, 0);
	handle(SIGCHLD, SA_NOCLDWAIT);
	pid = job(idle);
	kill(pid, SIGKILL);
	show("SA_NOCLDWAIT: nothing to wait for", wait_for(pid, 0));
	signal(SIGCHLD, SIG_DFL);
}

static void blocks_everything(void)
{
	sigset_t all, got;
	siginfo_t info;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	raise(SIGSTOP);
	sigpending(&got);
	show("SIGCONT is pending where it is blocked", sigismember(&got, SIGCONT));
	raise(SIGTSTP);
	sigpending(&got);
	show("a stop signal takes it back", sigismember(&got, SIGCONT));
	show("and is pending itself", sigismember(&got, SIGTSTP));
	raise(SIGCONT);
	sigpending(&got);
	show("and the other way round", sigismember(&got, SIGTSTP));
	(void)info;
}

static void handles_tstp(void)
{
	signal(SIGTSTP, SIG_IGN);
	raise(SIGTSTP);
	handle(SIGTSTP, 0);
	count = 0;
	raise(SIGTSTP);
	show("a handler for SIGTSTP runs", count);
	handle(SIGCONT, 0);
	raise(SIGSTOP);
	show("SIGCONT's handler runs after the stop", count);
}

static void sleeps(void)
{
	struct timespec time = {0, 30000000};

	_exit(nanosleep(&time, NULL) == 0 ? 0 : errno);
}

static void polls(void)
{
	_exit(poll(NULL, 0, 30) == 0 ? 0 : errno);
}

static void waits_for_signal(void)
{
	struct timespec time = {5, 0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Not the function: that of musl tries again. */
	_exit(syscall(SYS_rt_sigtimedwait, &set, NULL, &time, 8) < 0 ? errno : 0);
}

static void reads(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) || fork() == 0) {
		usleep(30000);
		_exit(write(ends[1], "x", 1) != 1);
	}
	_exit(read(ends[0], &byte, 1) == 1 ? 0 : errno);
}

static int stopped_meanwhile(void (*body)(void))
{
	pid_t pid = job(body);

	usleep(10000);
	kill(pid, SIGSTOP);
	if (!WIFSTOPPED(wait_for(pid, WUNTRACED)))
		return -1;
	kill(pid, SIGCONT);
	return wait_for(pid, 0);
}

static void stopped_calls(void)
{
	pid_t pid = job(blocks_everything);

	show_status("SIGSTOP cannot be blocked", wait_for(pid, WUNTRACED));
	kill(pid, SIGCONT);
	show_status("SIGCONT acts though it is blocked", wait_for(pid, 0));
	pid = job(handles_tstp);
	show_status("nor ignored", wait_for(pid, WUNTRACED));
	kill(pid, SIGCONT);
	show_status("end", wait_for(pid, 0));
	show_status("nanosleep goes on", stopped_meanwhile(sleeps));
	show_status("poll goes on", stopped_meanwhile(polls));
	show_status("sigtimedwait does not", stopped_meanwhile(waits_for_signal));
	show_status("read goes on", stopped_meanwhile(reads));
}

/* --- groups without a parent outside --- */

static void in_orphaned_group(void)
{
	setsid();
	raise(SIGTSTP);
	raise(SIGTTIN);
	raise(SIGTTOU);
	_exit(7);
}

static void orphans(void)
{
	int ends[2], status = -1;
	pid_t pid = fork(), stopped;
	char byte;

	if (pid == 0)
		in_orphaned_group();
	show_status("stop signals in an orphaned group", wait_for(pid, WUNTRACED));
	if (pipe(ends) || (pid = fork()) == 0) {
		setsid();
		stopped = fork();
		if (stopped == 0) {
			setpgid(0, 0);
			signal(SIGHUP, SIG_DFL);
			raise(SIGSTOP);
			_exit(1);
		}
		waitpid(stopped, &status, WUNTRACED);
		_exit(WIFSTOPPED(status));
	}
	close(ends[1]);
	show_status("its parent leaves", wait_for(pid, 0));
	show("SIGHUP and SIGCONT ended the stopped one", read(ends[0], &byte, 1));
	close(ends[0]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(30);
	waits();
	child_signals();
	stopped_calls();
	orphans();
	return 0;
}
