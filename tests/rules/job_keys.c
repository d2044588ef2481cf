/* SPDX-License-Identifier: BSD-2-Clause */
/* What a terminal's keys do to the foreground, and who stands in the background. */
#include "session.h"

static void type_key(const char *key)
{
	if (write(master, key, 1) != 1)
		say("typing E%d", errno);
}

static void keys(void)
{
	static const int numbers[] = {SIGINT, SIGQUIT, SIGTSTP, SIGWINCH};
	struct winsize size = {10, 20, 0, 0};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int i = 0; i < 4; i++)
		signal(numbers[i], note);
	lead();
	type_key("\x03");
	wait_for(SIGINT);
	type_key("\x1c");
	wait_for(SIGQUIT);
	type_key("\x1a");
	wait_for(SIGTSTP);
	ioctl(master, TIOCSWINSZ, &size);
	wait_for(SIGWINCH);
	ioctl(master, TIOCSWINSZ, &size);
	ioctl(master, TIOCSIG, SIGINT);
	seen[SIGINT] = 0;
	wait_for(SIGINT);
	say("%d %d %d %d", seen[SIGINT], seen[SIGQUIT], seen[SIGTSTP], seen[SIGWINCH]);
}

RULE(keys_send_signals)
{
	open_pair();
	say_status("leader", in_child(keys));
}

static void who_sent(int number, siginfo_t *info, void *context)
{
	(void)context;
	seen[number] = 1;
	say("code %d pid %d uid %d", info->si_code, info->si_pid, info->si_uid);
}

static void key_info(void)
{
	struct sigaction action = {.sa_sigaction = who_sent, .sa_flags = SA_SIGINFO};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	sigaction(SIGINT, &action, NULL);
	lead();
	type_key("\x03");
	wait_for(SIGINT);
}

RULE(who_sends_the_signals_of_keys)
{
	open_pair();
	say_status("leader", in_child(key_info));
}

static void flushed(void)
{
	struct termios modes;
	char bytes[100];
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGINT, note);
	lead();
	write(master, "gone\x03", 5);
	wait_for(SIGINT);
	write(master, "left\n", 5);
	say("%.*s", (int)read(slave, bytes, sizeof(bytes)) - 1, bytes);
	tcgetattr(slave, &modes);
	modes.c_lflag |= NOFLSH;
	tcsetattr(slave, TCSANOW, &modes);
	seen[SIGINT] = 0;
	write(master, "kept\x03", 5);
	wait_for(SIGINT);
	write(master, "+\n", 2);
	say("%.*s", (int)read(slave, bytes, sizeof(bytes)) - 1, bytes);
}

RULE(signals_flush_unless_told)
{
	open_pair();
	say_status("leader", in_child(flushed));
}

static void background_reader(void)
{
	char byte;

	setpgid(0, 0);
	signal(SIGTTIN, SIG_IGN);
	ask("ignored", read(slave, &byte, 1));
	signal(SIGTTOU, SIG_IGN);
	ask("set", tcsetattr(slave, TCSANOW, &(struct termios){0}));
}

static void with_background(void)
{
	lead();
	say_status("background", in_child(background_reader));
}

RULE(reading_in_the_background)
{
	open_pair();
	say_status("leader", in_child(with_background));
}

static void stopped_writer(void)
{
	setpgid(0, 0);
	ask("write", write(slave, "x", 1));
	_exit(0);
}

static void with_tostop(void)
{
	struct termios modes;
	int status;
	pid_t child;

	lead();
	tcgetattr(slave, &modes);
	modes.c_lflag |= TOSTOP;
	tcsetattr(slave, TCSANOW, &modes);
	child = fork();
	if (child == 0)
		stopped_writer();
	waitpid(child, &status, WUNTRACED);
	say("stopped %d by %d", WIFSTOPPED(status), WSTOPSIG(status));
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(slave, child);
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	say("exit %d", WEXITSTATUS(status));
}

RULE(writing_in_the_background)
{
	open_pair();
	say_status("leader", in_child(with_tostop));
}
