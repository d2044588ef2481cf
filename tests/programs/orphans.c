/* SPDX-License-Identifier: BSD-2-Clause */
/* PR_SET_PDEATHSIG: who hears of the parent's death, and who has given that up. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum step { KEEP, CLEAR, BECOME_USER, STEPS };

static volatile sig_atomic_t heard;
static volatile pid_t sender;
static int ready[2], verdict[2];

static void listen_to(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	heard = info->si_code == SI_USER ? 1 : 2;
	sender = info->si_pid;
}

static int asked_for(void)
{
	int number = -1;

	return prctl(PR_GET_PDEATHSIG, &number) ? -1 : number;
}

static void give_up(enum step step)
{
	if (step == CLEAR)
		prctl(PR_SET_PDEATHSIG, 0);
	if (step == BECOME_USER && setuid(1000))
		_exit(1);
}

/* The parent is gone when init or whoever takes orphans is the parent. */
static void orphan(enum step step, pid_t parent)
{
	char line[80];
	pid_t mine;

	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	give_up(step);
	mine = getppid();
	int asked = asked_for();
	write(ready[1], "", 1);
	for (int i = 0; i < 3000 && getppid() == mine; i++)
		usleep(1000);
	snprintf(line, sizeof(line), "asked %d, heard %d from its parent %d\n", asked, heard,
		 heard && sender == parent);
	write(verdict[1], line, strlen(line));
	_exit(0);
}

static void round_of(enum step step)
{
	char line[80] = "", byte;
	pid_t parent = fork();

	if (parent == 0) {
		pid_t me = getpid();
		if (fork() == 0)
			orphan(step, me);
		read(ready[0], &byte, 1);
		_exit(0);
	}
	waitpid(parent, NULL, 0);
	read(verdict[0], line, sizeof(line) - 1);
	printf("%d: %s", step, line);
}

static void killed_without_handler(void)
{
	char byte;
	int alive[2];

	pipe(alive);
	if (fork() == 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			write(ready[1], "", 1);
			pause();
			_exit(0);
		}
		read(ready[0], &byte, 1);
		_exit(0);
	}
	wait(NULL);
	close(alive[1]);
	printf("the other end is closed: %zd\n", read(alive[0], &byte, 1));
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = listen_to, .sa_flags = SA_SIGINFO};

	if (argc == 2 && !strcmp(argv[1], "--asked"))
		return asked_for();
	setvbuf(stdout, NULL, _IONBF, 0);
	sigaction(SIGUSR1, &action, NULL);
	pipe(ready);
	pipe(verdict);
	printf("%d %d\n", asked_for(), prctl(PR_SET_PDEATHSIG, 65));
	for (enum step step = KEEP; step < STEPS; step++)
		round_of(step);
	prctl(PR_SET_PDEATHSIG, SIGUSR2);
	if (fork() == 0)
		_exit(asked_for());
	int status;
	wait(&status);
	printf("a child begins with %d\n", WEXITSTATUS(status));
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGUSR2);
		execl("/proc/self/exe", "orphans", "--asked", NULL);
		_exit(99);
	}
	wait(&status);
	printf("exec keeps %d\n", WEXITSTATUS(status));
	killed_without_handler();
	return 0;
}
