/* SPDX-License-Identifier: BSD-2-Clause */
/* Controlling terminals: who has which, and what their end means. */
#include "session.h"

static void taking(void)
{
	int other;

	ask("without", open("/dev/tty", O_RDWR));
	ask("no leader", ioctl(slave, TIOCSCTTY, 0));
	ask("setsid", setsid() == getpid() ? 0 : -1);
	ask("still without", open("/dev/tty", O_RDWR));
	ask("take", ioctl(slave, TIOCSCTTY, 0));
	ask("twice", ioctl(slave, TIOCSCTTY, 0));
	other = open("/dev/tty", O_RDWR);
	ask("with", other < 0 ? -1 : 0);
	say_groups("group", other);
	ask("session", tcgetsid(slave) == getpid() ? 0 : 1);
	say("name %s", ttyname(other));
}

RULE(a_leader_takes_a_terminal)
{
	open_pair();
	say_status("child", in_child(taking));
}

static void opening(void)
{
	int fd;

	setsid();
	fd = open(ptsname(master), O_RDWR | O_NOCTTY);
	say_groups("noctty", fd);
	fd = open(ptsname(master), O_WRONLY);
	say_groups("to write", fd);
	fd = open(ptsname(master), O_RDWR);
	say_groups("to read", fd);
}

RULE(a_leader_opens_a_terminal)
{
	open_pair();
	say_status("child", in_child(opening));
}

static void second_leader(void)
{
	setsid();
	seteuid(65534);
	ask("other's", ioctl(slave, TIOCSCTTY, 0));
	ask("force", ioctl(slave, TIOCSCTTY, 1));
}

static void first_leader(void)
{
	lead();
	say_status("second", in_child(second_leader));
	say_groups("kept", slave);
}

RULE(a_terminal_has_one_session)
{
	open_pair();
	say_status("first", in_child(first_leader));
}

static void set_groups(void)
{
	pid_t child;
	int gate[2];

	signal(SIGTTOU, SIG_IGN);
	lead();
	pipe(gate);
	child = fork();
	if (child == 0) {
		close(gate[1]);
		read(gate[0], gate, 1);
		_exit(0);
	}
	setpgid(child, child);
	ask("set", tcsetpgrp(slave, child));
	say_groups("child's", slave);
	ask("negative", tcsetpgrp(slave, -5));
	ask("nobody", tcsetpgrp(slave, 4194303));
	ask("foreign", tcsetpgrp(slave, getppid()));
	ask("back", tcsetpgrp(slave, getpgrp()));
	say("by the master %d", tcgetpgrp(master) == getpgrp());
	ask("master sets", ioctl(master, TIOCSPGRP, &child));
	close(gate[1]);
	waitpid(child, NULL, 0);
}

RULE(foreground_groups)
{
	open_pair();
	say_status("leader", in_child(set_groups));
}

static void leaving(void)
{
	signal(SIGHUP, note);
	signal(SIGCONT, note);
	lead();
	ask("leave", ioctl(slave, TIOCNOTTY));
	say("hup %d cont %d", seen[SIGHUP], seen[SIGCONT]);
	ask("own", open("/dev/tty", O_RDWR));
	ask("leave again", ioctl(slave, TIOCNOTTY));
	say_groups("group", slave);
	ask("write", write(slave, "x", 1));
	ask("take again", ioctl(slave, TIOCSCTTY, 0));
}

RULE(a_leader_leaves)
{
	open_pair();
	say_status("leader", in_child(leaving));
}

static void member(void)
{
	ask("leave", ioctl(slave, TIOCNOTTY));
	ask("own", open("/dev/tty", O_RDWR));
	say_groups("group", slave);
}

static void leader_of_member(void)
{
	int fd;

	lead();
	say_status("member", in_child(member));
	fd = open("/dev/tty", O_RDWR);
	ask("mine", fd < 0 ? -1 : 0);
}

RULE(a_member_leaves)
{
	open_pair();
	say_status("leader", in_child(leader_of_member));
}

/* A leader that ends while a child of its foreground group lives on. */
static void leader_ends(void)
{
	int ready[2];
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_BLOCK, &all, NULL);
	lead();
	pipe(ready);
	if (fork() == 0) {
		char byte;

		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(slave, getpgrp());
		signal(SIGHUP, note);
		signal(SIGCONT, note);
		write(ready[1], "", 1);
		wait_for(SIGHUP);
		say("hup %d cont %d", seen[SIGHUP], seen[SIGCONT]);
		write(master, "x\n", 2);
		ask("read", read(slave, &byte, 1));
		ask("write", write(slave, "x", 1));
		ask("own", open("/dev/tty", O_RDWR));
		say_groups("group", slave);
		ask("set", tcsetpgrp(slave, getpgrp()));
		_exit(0);
	}
	read(ready[0], &all, 1);
	_exit(3);
}

RULE(a_leader_ends)
{
	char bytes[20];
	int report[2];

	open_pair();
	pipe(report);
	in_child(leader_ends);
	close(report[1]);
	close(slave);
	/* The last of them closes the pipe. */
	read(report[0], bytes, 1);
}

static void hung_leader(void)
{
	sigset_t all;
	char byte;

	open_pair();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGHUP, note);
	signal(SIGCONT, note);
	lead();
	close(master);
	wait_for(SIGHUP);
	wait_for(SIGCONT);
	say("hup %d cont %d", seen[SIGHUP], seen[SIGCONT]);
	ask("read", read(slave, &byte, 1));
	ask("own", open("/dev/tty", O_RDWR));
	open_pair();
	ask("take another", ioctl(slave, TIOCSCTTY, 0));
}

RULE(a_terminal_hangs_up)
{
	say_status("leader", in_child(hung_leader));
}

static void hangs_itself_up(void)
{
	sigset_t all;
	char byte;

	open_pair();
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGHUP, note);
	signal(SIGCONT, note);
	lead();
	ask("vhangup", vhangup());
	wait_for(SIGHUP);
	wait_for(SIGCONT);
	ask("read", read(slave, &byte, 1));
	ask("write", write(slave, "x", 1));
	ask("own", open("/dev/tty", O_RDWR));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	ask("fresh", write(slave, "x", 1));
	ask("nothing left", vhangup());
	seteuid(65534);
	ask("nobody", vhangup());
}

RULE(vhangup_of_the_own_terminal)
{
	say_status("leader", in_child(hangs_itself_up));
}

static void closes_all(void)
{
	open_pair();
	lead();
	close(slave);
	ask("own", open("/dev/tty", O_RDWR));
	slave = open(ptsname(master), O_RDWR);
	say_groups("again", slave);
}

RULE(the_last_file_of_a_terminal)
{
	say_status("leader", in_child(closes_all));
}
