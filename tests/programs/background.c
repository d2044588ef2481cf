/* SPDX-License-Identifier: BSD-2-Clause */
/* Job control by a terminal: what the background may do, what typing sends, whose it is. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "rules.h"

static volatile sig_atomic_t count, code;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	(void)context;
	(void)signo;
	count++;
	code = info->si_code;
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

/* The terminal is our own; its shell is a child that leads a session. */

static int master, slave;

static void open_terminal(void)
{
	struct termios modes;

	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) || unlockpt(master)) {
		show("no terminal", -errno);
		exit(1);
	}
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	tcgetattr(slave, &modes);
	modes.c_lflag &= ~(tcflag_t)ECHO;
	modes.c_oflag = 0;
	tcsetattr(slave, TCSANOW, &modes);
}

static void set_tostop(int on)
{
	struct termios modes;

	tcgetattr(slave, &modes);
	modes.c_lflag = on ? modes.c_lflag | TOSTOP : modes.c_lflag & ~(tcflag_t)TOSTOP;
	tcsetattr(slave, TCSANOW, &modes);
}

static void reads_terminal(void)
{
	char byte;
	long got = read(slave, &byte, 1);

	_exit(got < 0 ? errno : (int)got);
}

static void reads_ignoring(void)
{
	signal(SIGTTIN, SIG_IGN);
	reads_terminal();
}

static void reads_blocking(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTTIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	reads_terminal();
}

static void reads_handling(void)
{
	handle(SIGTTIN, 0);
	reads_terminal();
}

static void writes_terminal(void)
{
	_exit(write(slave, "w", 1) == 1 ? 0 : errno);
}

static void writes_ignoring(void)
{
	signal(SIGTTOU, SIG_IGN);
	writes_terminal();
}

static void sets_modes(void)
{
	struct termios modes;

	tcgetattr(slave, &modes);
	_exit(tcsetattr(slave, TCSANOW, &modes) ? errno : 0);
}

static void sets_ignoring(void)
{
	signal(SIGTTOU, SIG_IGN);
	sets_modes();
}

static void takes_foreground(void)
{
	_exit(tcsetpgrp(slave, getpgrp()) ? errno : 0);
}

static void flushes(void)
{
	_exit(tcflush(slave, TCIFLUSH) ? errno : 0);
}

static void asks(void)
{
	struct winsize size;

	_exit(ioctl(slave, TIOCGWINSZ, &size) ? errno : tcgetpgrp(slave) > 0 ? 0 : 1);
}

/* In the background: what the terminal answers, and what SIGCONT makes of it in the foreground. */
static void background(const char *rule, void (*body)(void), int answer)
{
	pid_t pid = job(body);
	int status = wait_for(pid, WUNTRACED);

	show_status(rule, status);
	if (!WIFSTOPPED(status))
		return;
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(slave, pid);
	if (answer && write(master, "a\n", 2) != 2)
		_exit(1);
	kill(-pid, SIGCONT);
	show_status("  and in the foreground", wait_for(pid, WUNTRACED));
	tcsetpgrp(slave, getpgrp());
	tcflush(slave, TCIFLUSH);
	signal(SIGTTOU, SIG_DFL);
}

static void backgrounds(void)
{
	background("background read", reads_terminal, 1);
	background("background read, SIGTTIN ignored", reads_ignoring, 1);
	background("background read, SIGTTIN blocked", reads_blocking, 1);
	background("background read, SIGTTIN handled", reads_handling, 1);
	background("background write", writes_terminal, 0);
	set_tostop(1);
	background("background write, TOSTOP", writes_terminal, 0);
	background("background write, TOSTOP, SIGTTOU ignored", writes_ignoring, 0);
	set_tostop(0);
	background("background tcsetattr", sets_modes, 0);
	background("background tcsetattr, SIGTTOU ignored", sets_ignoring, 0);
	background("background tcsetpgrp", takes_foreground, 0);
	background("background tcflush", flushes, 0);
	background("background questions", asks, 0);
}

static void type(const char *rule, char byte, void (*body)(void))
{
	pid_t pid = job(body);

	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(slave, pid);
	usleep(5000);
	if (write(master, &byte, 1) != 1)
		_exit(1);
	show_status(rule, wait_for(pid, WUNTRACED));
	tcsetpgrp(slave, getpgrp());
	kill(pid, SIGKILL);
	wait_for(pid, 0);
}

static void tells_the_code(void)
{
	handle(SIGINT, 0);
	count = 0;
	while (!count)
		usleep(500);
	_exit(code == SI_KERNEL);
}

static void typing(void)
{
	type("^C to the foreground", 3, idle);
	type("^Z", 26, idle);
	type("^\\", 28, idle);
	type("^C's si_code is SI_KERNEL", 3, tells_the_code);
}

static void group_rules(void)
{
	pid_t pid;

	signal(SIGTTOU, SIG_IGN);
	show("tcsetpgrp to nobody", result(tcsetpgrp(slave, 999999)));
	show("tcsetpgrp to a negative group", result(tcsetpgrp(slave, -5)));
	show("tcsetpgrp to another session", result(tcsetpgrp(slave, getppid())));
	show("tcgetpgrp is ours", tcgetpgrp(slave) == getpgrp());
	show("tcgetsid is ours", tcgetsid(slave) == getpid());
	pid = job(idle);
	show("setpgid into another session's group", result(setpgid(pid, getppid())));
	show("setpgid of a leader", result(setpgid(0, 0)));
	show("setpgid of a stranger", result(setpgid(getppid(), 0)));
	show("setpgid negative", result(setpgid(0, -1)));
	show("setsid of a leader", result(setsid()));
	kill(pid, SIGKILL);
	wait_for(pid, 0);
}

/* Runs on when the leader is gone: SIGHUP came, and the terminal is nobody's. */
static void outlives(int out)
{
	char byte;
	int answer[4];

	handle(SIGHUP, 0);
	handle(SIGCONT, 0);
	count = 0;
	if (write(out, "r", 1) != 1)
		_exit(1);
	while (count < 1)
		usleep(500);
	usleep(5000);
	answer[0] = count;
	answer[1] = open("/dev/tty", O_RDWR) < 0 ? errno : 0;
	fcntl(slave, F_SETFL, O_NONBLOCK);
	answer[2] = read(slave, &byte, 1) < 0 ? errno : 0;
	answer[3] = tcgetpgrp(slave) < 0 ? errno : 0;
	if (write(out, answer, sizeof(answer)) != sizeof(answer))
		_exit(1);
	_exit(0);
}

static void lead(int out)
{
	pid_t pid;

	setsid();
	show("TIOCSCTTY", result(ioctl(slave, TIOCSCTTY, 0)));
	backgrounds();
	typing();
	group_rules();
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(slave, getpid());
		outlives(out);
	}
	pause();
}

static void terminals(void)
{
	int ends[2], answer[4] = {0}, status;
	char byte;
	pid_t pid;

	open_terminal();
	if (pipe(ends))
		return;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		lead(ends[1]);
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	show_status("the leader is killed", status);
	if (read(ends[0], answer, sizeof(answer)) != sizeof(answer))
		return;
	show("signals that the foreground got", answer[0]);
	show("/dev/tty is gone", answer[1]);
	show("read", answer[2]);
	show("tcgetpgrp", answer[3]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(30);
	terminals();
	return 0;
}
