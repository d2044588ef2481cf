/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions with a pseudo terminal for rules. */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "rules.h"

static int master, slave;
static volatile sig_atomic_t seen[NSIG];

static inline void note(int number)
{
	seen[number]++;
}

static inline void open_pair(void)
{
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (master < 0 || unlockpt(master))
		say("no pty: %s", strerror(errno));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0)
		say("no slave: %s", strerror(errno));
}

/* In a child: a leader whose terminal is the slave. */
static inline void lead(void)
{
	setsid();
	ask("take", ioctl(slave, TIOCSCTTY, 0));
}

static inline void say_groups(const char *what, int fd)
{
	pid_t group = tcgetpgrp(fd);

	if (group < 0)
		ask(what, group);
	else
		say("%s=%s", what, group == getpgrp() ? "mine" : group ? "other" : "none");
}

static inline void wait_for(int number)
{
	sigset_t none;

	sigemptyset(&none);
	while (!seen[number])
		sigsuspend(&none);
}
