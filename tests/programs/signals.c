/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals: handlers, masks, faults caught and not, an alternate stack, nested delivery. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t seen[65];
static sigjmp_buf back;
static uintptr_t fault_address;
static char *alternate;

static void count(int number)
{
	seen[number]++;
	if (number == SIGUSR1)
		raise(SIGUSR2);
}

static void fault(int number, siginfo_t *info, void *context)
{
	char here;

	(void)context;
	fault_address = (uintptr_t)info->si_addr;
	seen[0] = &here >= alternate && &here < alternate + SIGSTKSZ;
	siglongjmp(back, number);
}

static void masks(void)
{
	sigset_t set, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	sigpending(&pending);
	printf("blocked: seen %d, pending %d\n", (int)seen[SIGUSR1],
	       sigismember(&pending, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	printf("let in: seen %d and %d\n", (int)seen[SIGUSR1], (int)seen[SIGUSR2]);
}

static void faults(void)
{
	struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	stack_t stack = {.ss_sp = alternate, .ss_size = (size_t)SIGSTKSZ};
	int number;

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGFPE, &action, NULL);
	number = sigsetjmp(back, 1);
	if (number == 0)
		*(volatile int *)0x1230 = 1;
	printf("%s at %lx, on its stack %d\n", strsignal(number), fault_address, (int)seen[0]);
	number = sigsetjmp(back, 1);
	if (number == 0) {
		volatile int zero = 0;
		printf("%d\n", 1 / zero);
	}
	printf("%s\n", strsignal(number));
}

static void child_ends(int number)
{
	int status;

	if (fork() == 0) {
		signal(number, SIG_DFL);
		if (number == SIGSEGV)
			*(volatile int *)8 = 1;
		raise(number);
		_exit(0);
	}
	wait(&status);
	printf("child: signaled %d by %d\n", WIFSIGNALED(status), WTERMSIG(status));
}

int main(void)
{
	alternate = malloc((size_t)SIGSTKSZ);
	signal(SIGUSR1, count);
	signal(SIGUSR2, count);
	signal(SIGCHLD, count);
	masks();
	faults();
	child_ends(SIGSEGV);
	child_ends(SIGTERM);
	child_ends(SIGKILL);
	child_ends(SIGABRT);
	printf("children told of: %d\n", (int)seen[SIGCHLD]);
	fflush(stdout);
	raise(SIGTERM);
	return 0;
}
