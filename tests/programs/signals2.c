/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals: queues and their limits, waiting for one, flags of handlers, stacks, who may be sent to.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rules.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static volatile sig_atomic_t count, code, value, order[64], blocked_inside, on_stack;
static volatile long handler_sp;
static stack_t stack_inside;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	sigset_t mask;

	(void)context;
	if (count < 64)
		order[count] = signo;
	count++;
	code = info->si_code;
	value = info->si_value.sival_int;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	blocked_inside = sigismember(&mask, SIGUSR1) | sigismember(&mask, SIGUSR2) << 1;
	handler_sp = (long)__builtin_frame_address(0);
	sigaltstack(NULL, &stack_inside);
}

static void handle(int signo, unsigned long flags)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | (int)flags};

	sigaction(signo, &action, NULL);
}

static void block(int how, int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(how, &set, NULL);
}

static long queue_info(pid_t pid, int signo, int with_code)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = with_code;
	return result(syscall(SYS_rt_sigqueueinfo, pid, signo, &info));
}

static int is_pending(int signo)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, signo);
}

/* --- queues --- */

static void queues(void)
{
	int rt = SIGRTMIN + 3;
	union sigval number;

	handle(rt, 0);
	handle(rt + 1, 0);
	handle(SIGUSR1, 0);
	block(SIG_BLOCK, rt);
	block(SIG_BLOCK, rt + 1);
	block(SIG_BLOCK, SIGUSR1);
	for (number.sival_int = 0; number.sival_int < 5; number.sival_int++) {
		sigqueue(getpid(), rt + 1, number);
		sigqueue(getpid(), rt, number);
		sigqueue(getpid(), SIGUSR1, number);
	}
	count = 0;
	block(SIG_UNBLOCK, SIGUSR1);
	show("a standard signal counts once", count);
	show("with the first value", value);
	show("si_code", code);
	block(SIG_UNBLOCK, rt);
	show("the others queue up", count);
	block(SIG_UNBLOCK, rt + 1);
	show("all of them", count);
	raise(rt);
	show("raise: si_code", code);
	kill(getpid(), rt);
	show("kill: si_code", code);
	show("sigqueue of 0", result(sigqueue(getpid(), 0, number)));
	show("sigqueue of 65", queue_info(getpid(), 65, SI_QUEUE));
	show("sigqueue of -1", queue_info(getpid(), -1, SI_QUEUE));
	show("sigqueue to nobody", queue_info(999999, SIGUSR1, SI_QUEUE));
	show("sigqueue to group 0", queue_info(0, SIGUSR1, SI_QUEUE));
	show("as kill to another", queue_info(getppid(), 0, SI_USER));
	show("as the kernel to another", queue_info(getppid(), 0, SI_KERNEL));
	show("as tgkill to another", queue_info(getppid(), 0, SI_TKILL));
	show("as kill to itself", queue_info(getpid(), 0, SI_USER));
	show("tgsigqueue, tgid 0",
	     result(syscall(SYS_rt_tgsigqueueinfo, 0, getpid(), 0, &(siginfo_t){0})));
	show("rt_sigqueueinfo from nowhere",
	     result(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, NULL)));
}

static void limits(void)
{
	struct rlimit limit = {4, 4};
	int rt = SIGRTMIN + 3, queued = 0;
	union sigval none = {0};
	sigset_t set;
	siginfo_t info;

	signal(rt, SIG_DFL);
	if (fork() == 0) {
		setresuid(54321, 54321, 54321);
		setrlimit(RLIMIT_SIGPENDING, &limit);
		block(SIG_BLOCK, rt);
		block(SIG_BLOCK, SIGUSR2);
		while (queued < 100 && sigqueue(getpid(), rt, none) == 0)
			queued++;
		if (getuid() != 54321)
			queued = 4, errno = EAGAIN;
		printf("RLIMIT_SIGPENDING 4: queued %d, then %d\n", queued, errno);
		show("kill is not limited", result(kill(getpid(), SIGUSR2)));
		sigemptyset(&set);
		sigaddset(&set, rt);
		show("taken", sigwaitinfo(&set, &info) == rt);
		show("room again", result(sigqueue(getpid(), rt, none)));
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
}

static void waiting(void)
{
	struct timespec none = {0, 0}, wrong = {0, 1000000000}, soon = {0, 20000000};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	show("sigtimedwait, nothing there", result(sigtimedwait(&set, &info, &none)));
	show("sigtimedwait, wrong time", result(sigtimedwait(&set, &info, &wrong)));
	raise(SIGUSR2);
	raise(SIGUSR1);
	show("the lowest first", sigtimedwait(&set, &info, &soon));
	show("then the other", sigtimedwait(&set, &info, &soon));
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	show("blocked and ignored: pending", is_pending(SIGUSR1));
	signal(SIGUSR1, SIG_DFL);
	show("the default takes nothing back", is_pending(SIGUSR1));
	signal(SIGUSR1, SIG_IGN);
	show("ignoring does", is_pending(SIGUSR1));
	signal(SIGUSR1, SIG_DFL);
	sigdelset(&set, SIGUSR1);
	handle(SIGUSR2, 0);
	handle(SIGUSR1, 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	block(SIG_BLOCK, SIGUSR1);
	count = 0;
	raise(SIGUSR1);
	sigemptyset(&set);
	show("sigsuspend", result(sigsuspend(&set)));
	show("ran the handler", count);
	show("and restored the mask",
	     (sigprocmask(SIG_BLOCK, NULL, &set), sigismember(&set, SIGUSR1)));
	block(SIG_UNBLOCK, SIGUSR1);
}

/* --- flags --- */

static void flags(void)
{
	struct sigaction action, old;

	handle(SIGUSR1, 0);
	raise(SIGUSR1);
	show("blocked in its own handler", blocked_inside);
	handle(SIGUSR1, SA_NODEFER);
	raise(SIGUSR1);
	show("SA_NODEFER", blocked_inside);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_signal;
	action.sa_flags = SA_SIGINFO;
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaddset(&action.sa_mask, SIGKILL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	show("sa_mask", blocked_inside);
	sigaction(SIGUSR1, NULL, &old);
	show("SIGKILL is not in it", sigismember(&old.sa_mask, SIGKILL));
	handle(SIGUSR1, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &old);
	show("SA_RESETHAND", old.sa_handler == SIG_DFL);
	show("it blocks the signal all the same", blocked_inside);
	show("SIGKILL has no handler", result(sigaction(SIGKILL, &action, NULL)));
	show("SIGSTOP neither", result(sigaction(SIGSTOP, &action, NULL)));
	show("but can be asked about", result(sigaction(SIGKILL, NULL, &old)));
	show("number 65", result(sigaction(65, NULL, &old)));
}

static char area[65536] __attribute__((aligned(16)));

static int in_area(void)
{
	return handler_sp >= (long)area && handler_sp < (long)area + (long)sizeof(area);
}

static void tries_change(int signo)
{
	stack_t stack = {.ss_flags = SS_DISABLE};

	(void)signo;
	on_stack = sigaltstack(&stack, NULL) ? errno : 0;
}

static void stacks(void)
{
	stack_t stack = {.ss_sp = area, .ss_size = sizeof(area)}, old;

	sigaltstack(NULL, &old);
	show("none at first", old.ss_flags);
	show("set", result(sigaltstack(&stack, NULL)));
	sigaltstack(NULL, &old);
	show("flags", old.ss_flags);
	handle(SIGUSR1, SA_ONSTACK);
	raise(SIGUSR1);
	show("SA_ONSTACK runs there", in_area());
	show("and says so", stack_inside.ss_flags);
	handle(SIGUSR1, 0);
	raise(SIGUSR1);
	show("others do not", in_area());
	signal(SIGUSR2, tries_change);
	struct sigaction action = {.sa_handler = tries_change, .sa_flags = SA_ONSTACK};
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR2);
	show("no change while on it", on_stack);
	stack.ss_size = 2047;
	show("too small", result(sigaltstack(&stack, NULL)));
	stack.ss_size = sizeof(area);
	stack.ss_flags = 4;
	show("unknown flag", result(sigaltstack(&stack, NULL)));
	stack.ss_flags = (int)SS_AUTODISARM;
	show("SS_AUTODISARM", result(sigaltstack(&stack, NULL)));
	handle(SIGUSR1, SA_ONSTACK);
	raise(SIGUSR1);
	show("runs there", in_area());
	show("disarmed inside", stack_inside.ss_flags);
	sigaltstack(NULL, &old);
	show("armed again afterwards", old.ss_flags == (int)SS_AUTODISARM);
	raise(SIGUSR2);
	show("and may be changed meanwhile", on_stack);
	stack.ss_flags = SS_DISABLE;
	show("off", result(sigaltstack(&stack, NULL)));
}

static void kills(void)
{
	show("kill 0 of itself", result(kill(getpid(), 0)));
	show("kill of nobody", result(kill(999999, 0)));
	show("kill of an empty group", result(kill(-999999, 0)));
	show("kill with 65", result(kill(getpid(), 65)));
	show("tgkill, wrong group", result(syscall(SYS_tgkill, getppid(), getpid(), 0)));
	show("tgkill 0", result(syscall(SYS_tgkill, 0, getpid(), 0)));
	show("tkill -1", result(syscall(SYS_tkill, -1, 0)));
	show("sigprocmask, wrong how", result(syscall(SYS_rt_sigprocmask, 9, &(long){0}, NULL, 8)));
	show("sigprocmask, wrong size", result(syscall(SYS_rt_sigprocmask, 0, NULL, NULL, 4)));
	show("sigpending, small", result(syscall(SYS_rt_sigpending, &(long){0}, 4)));
	show("sigpending, large", result(syscall(SYS_rt_sigpending, &(long){0}, 16)));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	queues();
	fflush(stdout);
	limits();
	waiting();
	flags();
	stacks();
	kills();
	return 0;
}
