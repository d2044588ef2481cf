/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks for handlers, flags of actions, masks, and faults that nobody may handle. */
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "rules.h"

static sigjmp_buf back;
static siginfo_t got;
static volatile int calls;

static void keep(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	got = *info;
	calls++;
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};

	sigaction(number, &action, NULL);
}

static void leave(int number, siginfo_t *info, void *context)
{
	(void)context;
	got = *info;
	siglongjmp(back, number);
}

static char stack_room[65536];

static void on_which_stack(int number, siginfo_t *info, void *context)
{
	char here;
	stack_t stack;

	(void)number;
	(void)info;
	(void)context;
	sigaltstack(NULL, &stack);
	say("inside=%d flags=%d", &here > stack_room && &here < stack_room + sizeof(stack_room),
	    stack.ss_flags);
	ask("change", sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
}

RULE(alternate_stack)
{
	stack_t stack = {.ss_sp = stack_room, .ss_size = sizeof(stack_room)};

	ask("set", sigaltstack(&stack, NULL));
	handle(SIGUSR1, on_which_stack, SA_ONSTACK);
	raise(SIGUSR1);
	sigaltstack(NULL, &stack);
	say("after=%d", stack.ss_flags);
	handle(SIGUSR1, on_which_stack, 0);
	raise(SIGUSR1);
}

RULE(alternate_stack_limits)
{
	stack_t stack = {.ss_sp = stack_room, .ss_size = 2047};

	ask("small", sigaltstack(&stack, NULL));
	stack.ss_size = 2048;
	say("minimum=%d", sigaltstack(&stack, NULL) == 0 || errno == ENOMEM);
	stack.ss_flags = 99;
	ask("flags", sigaltstack(&stack, NULL));
	stack.ss_flags = SS_DISABLE;
	ask("disable", sigaltstack(&stack, NULL));
	ask("bad pointer", syscall(SYS_sigaltstack, 8L, NULL));
}

static void overflow(int level)
{
	volatile char room[4096];

	room[0] = (char)level;
	if (level >= 0)
		overflow(level + 1);
	room[1] = room[0];
}

RULE(stack_overflow_is_caught_on_an_alternate_stack)
{
	stack_t stack = {.ss_sp = stack_room, .ss_size = sizeof(stack_room)};

	sigaltstack(&stack, NULL);
	handle(SIGSEGV, leave, SA_ONSTACK);
	if (sigsetjmp(back, 1) == 0)
		overflow(0);
	say("signal=%d", got.si_signo);
}

RULE(stack_overflow_without_one)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		handle(SIGSEGV, leave, 0);
		overflow(0);
	}
	waitpid(pid, &status, 0);
	say_status("ended", status);
}

RULE(a_handlers_own_signal_is_blocked)
{
	sigset_t set;

	handle(SIGUSR1, keep, 0);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say("after=%d", sigismember(&set, SIGUSR1));
}

static volatile int depth, deepest;

static void again(int number)
{
	depth++;
	deepest = depth > deepest ? depth : deepest;
	if (calls++ < 3)
		raise(number);
	depth--;
}

RULE(nodefer_nests)
{
	struct sigaction action = {.sa_handler = again};

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	say("plain=%d", deepest);
	deepest = calls = 0;
	action.sa_flags = SA_NODEFER;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	say("nodefer=%d", deepest);
}

RULE(resethand_is_once)
{
	struct sigaction action;

	handle(SIGUSR1, keep, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &action);
	say("calls=%d default=%d", calls, action.sa_handler == SIG_DFL);
}

RULE(kill_and_stop_have_no_handlers)
{
	struct sigaction action = {.sa_handler = SIG_IGN};

	ask("kill", sigaction(SIGKILL, &action, NULL));
	ask("stop", sigaction(SIGSTOP, &action, NULL));
	ask("look", sigaction(SIGKILL, NULL, &action));
	ask("0", syscall(SYS_rt_sigaction, 0, NULL, &action, 8));
	ask("65", syscall(SYS_rt_sigaction, 65, NULL, &action, 8));
	ask("64", syscall(SYS_rt_sigaction, 64, NULL, &action, 8));
}

RULE(masks_never_hold_kill_and_stop)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigprocmask(SIG_SETMASK, NULL, &set);
	say("kill=%d stop=%d usr1=%d", sigismember(&set, SIGKILL), sigismember(&set, SIGSTOP),
	    sigismember(&set, SIGUSR1));
	ask("how", syscall(SYS_rt_sigprocmask, 3, &set, NULL, 8));
	ask("how without a set", syscall(SYS_rt_sigprocmask, 3, NULL, &set, 8));
}

RULE(flags_of_an_action_come_back)
{
	struct sigaction action;
	unsigned long raw[4];

	handle(SIGUSR1, keep, SA_ONSTACK | SA_RESTART);
	syscall(SYS_rt_sigaction, SIGUSR1, NULL, raw, 8);
	say("%lx", raw[1]);
	sigaction(SIGUSR1, NULL, &action);
	say("same=%d", action.sa_sigaction == keep);
}

static void die_by_a_blocked_fault(void)
{
	sigset_t set;

	handle(SIGSEGV, keep, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*(volatile int *)16 = 1;
}

static void die_by_an_ignored_fault(void)
{
	signal(SIGSEGV, SIG_IGN);
	*(volatile int *)16 = 1;
}

RULE(faults_blocked_or_ignored_kill)
{
	say_status("blocked", in_child(die_by_a_blocked_fault));
	say_status("ignored", in_child(die_by_an_ignored_fault));
}

static void on_a_bad_stack(void)
{
	handle(SIGUSR1, keep, 0);
	__asm__ volatile("mov $39, %%eax; syscall; mov %%eax, %%edi; mov $10, %%esi;"
			 "mov $8, %%rsp; mov $62, %%eax; syscall; hlt" ::
				 : "memory");
}

RULE(a_frame_that_does_not_fit_kills)
{
	say_status("ended", in_child(on_a_bad_stack));
}
