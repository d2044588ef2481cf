/* SPDX-License-Identifier: BSD-2-Clause */
/* si_code, si_addr and the sender of signals. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "rules.h"

#define PAGE 4096

static sigjmp_buf back;
static volatile siginfo_t got;
static volatile int calls;

static void leave(int number, siginfo_t *info, void *context)
{
	(void)context;
	got = *info;
	siglongjmp(back, number);
}

static void keep(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	got = *info;
	calls++;
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

	sigaction(number, &action, NULL);
}

static void handle_faults(void)
{
	handle(SIGSEGV, leave);
	handle(SIGBUS, leave);
	handle(SIGFPE, leave);
	handle(SIGILL, leave);
	handle(SIGTRAP, leave);
}

static void say_fault(const volatile void *address)
{
	say("signal=%d code=%d address=%d", got.si_signo, got.si_code, got.si_addr == address);
}

#define FAULT_RULE(rule_name, address, action)                     \
	RULE(rule_name)                                            \
	{                                                          \
		volatile char *where = (volatile char *)(address); \
                                                                   \
		handle_faults();                                   \
		if (sigsetjmp(back, 1) == 0)                       \
			action;                                    \
		say_fault(where);                                  \
	}

static volatile void *page(int protection)
{
	return mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static volatile void *behind_a_file(void)
{
	int fd = open("short", O_RDWR | O_CREAT, 0600);

	if (write(fd, "x", 1) != 1)
		return NULL;
	return (volatile char *)mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) +
	       PAGE;
}

FAULT_RULE(read_of_nothing, 0x123450, (void)*where)
FAULT_RULE(write_to_nothing, 0x123450, *where = 1)
FAULT_RULE(read_of_the_null_page, 8, (void)*where)
FAULT_RULE(read_of_the_kernel, 0xffffffff81000000, (void)*where)
FAULT_RULE(read_of_the_highest_page, -8L, (void)*where)
FAULT_RULE(write_to_a_read_only_page, page(PROT_READ), *where = 1)
FAULT_RULE(read_of_a_protected_page, page(PROT_NONE), (void)*where)
FAULT_RULE(read_behind_a_file, behind_a_file(), (void)*where)
FAULT_RULE(write_behind_a_file, behind_a_file(), *where = 1)
FAULT_RULE(run_of_nothing, 0x123450, ((void (*)(void))(uintptr_t)where)())
FAULT_RULE(run_of_data, page(PROT_READ | PROT_WRITE), ((void (*)(void))(uintptr_t)where)())
FAULT_RULE(read_of_a_non_canonical_address, NULL, (void)*(volatile char *)0x8000000000000000)
FAULT_RULE(hlt, NULL, __asm__ volatile("hlt"))
FAULT_RULE(cli, NULL, __asm__ volatile("cli"))
FAULT_RULE(in_and_out, NULL, __asm__ volatile("outb %%al, $0x80" ::: "memory"))
FAULT_RULE(write_to_cr3, NULL, __asm__ volatile("mov %%rax, %%cr3" ::: "memory"))
FAULT_RULE(rdmsr, NULL, __asm__ volatile("rdmsr" ::: "rax", "rdx"))
FAULT_RULE(int3, NULL, __asm__ volatile("int3"))
FAULT_RULE(software_interrupt, NULL, __asm__ volatile("int $0x21"))
FAULT_RULE(bad_segment, NULL, __asm__ volatile("mov %0, %%ds" ::"r"(0x1238)))

RULE(division_by_zero)
{
	volatile int zero = 0, seven = 7;

	handle_faults();
	if (sigsetjmp(back, 1) == 0)
		calls = seven / zero;
	say("signal=%d code=%d address=%d", got.si_signo, got.si_code, got.si_addr != NULL);
}

RULE(overflow_of_a_division)
{
	handle_faults();
	if (sigsetjmp(back, 1) == 0)
		__asm__ volatile("mov $0x80000000, %%eax; cdq; mov $-1, %%ecx; idiv %%ecx" ::
					 : "rax", "rdx", "rcx", "cc");
	say("signal=%d code=%d", got.si_signo, got.si_code);
}

RULE(undefined_instruction)
{
	handle_faults();
	if (sigsetjmp(back, 1) == 0)
		__asm__ volatile("ud2");
	say("signal=%d code=%d address=%d", got.si_signo, got.si_code, got.si_addr != NULL);
}

RULE(single_step)
{
	handle_faults();
	if (sigsetjmp(back, 1) == 0)
		__asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop; nop" ::: "cc", "memory");
	say("signal=%d code=%d", got.si_signo, got.si_code);
}

RULE(x87_exception)
{
	unsigned short control = 0x037b;

	handle_faults();
	if (sigsetjmp(back, 1) == 0)
		__asm__ volatile("fldcw %0; fld1; fldz; fdivrp; fwait" : : "m"(control));
	say("signal=%d code=%d", got.si_signo, got.si_code);
}

static void say_sender(const char *what)
{
	say("%s: signal=%d code=%d pid=%d uid=%u", what, got.si_signo, got.si_code,
	    got.si_pid == getpid(), got.si_uid);
}

RULE(code_of_kill)
{
	handle(SIGUSR1, keep);
	kill(getpid(), SIGUSR1);
	say_sender("kill");
	kill(-getpgrp(), SIGUSR1);
	say_sender("group");
	say("calls=%d", calls);
}

RULE(code_of_tgkill)
{
	handle(SIGUSR1, keep);
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	say_sender("tgkill");
	syscall(SYS_tkill, getpid(), SIGUSR1);
	say_sender("tkill");
	ask("other group", syscall(SYS_tgkill, 1, getpid(), SIGUSR1));
	ask("zero", syscall(SYS_tkill, 0, SIGUSR1));
	ask("number", syscall(SYS_tkill, getpid(), 65));
}

RULE(code_of_a_childs_end)
{
	handle(SIGCHLD, keep);
	pid_t pid = fork();
	if (pid == 0)
		_exit(7);
	waitpid(pid, NULL, 0);
	say("code=%d status=%d pid=%d", got.si_code, got.si_status, got.si_pid == pid);
	pid = fork();
	if (pid == 0)
		raise(SIGKILL);
	waitpid(pid, NULL, 0);
	say("code=%d status=%d calls=%d", got.si_code, got.si_status, calls);
}

RULE(code_of_a_timer)
{
	struct itimerval soon = {.it_value.tv_usec = 1000};

	handle(SIGALRM, keep);
	setitimer(ITIMER_REAL, &soon, NULL);
	while (!calls)
		pause();
	say("code=%d", got.si_code);
}

RULE(code_of_a_broken_pipe)
{
	int ends[2];

	handle(SIGPIPE, keep);
	ask("pipe", pipe(ends));
	close(ends[0]);
	ask("write", write(ends[1], "x", 1));
	say("code=%d calls=%d", got.si_code, calls);
}

RULE(kill_takes_numbers_and_groups)
{
	ask("0", kill(getpid(), 0));
	ask("65", kill(getpid(), 65));
	ask("-1", kill(getpid(), -1));
	ask("nobody", kill(999999, SIGTERM));
	ask("no group", kill(-999999, 0));
	ask("least", syscall(SYS_kill, (int)0x80000000, 0));
	ask("group 0", kill(0, 0));
}

static sigset_t set_of(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	return set;
}

RULE(standard_signals_coalesce)
{
	sigset_t set = set_of(SIGUSR1, SIGUSR2);

	handle(SIGUSR1, keep);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 3; i++)
		raise(SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	say("calls=%d", calls);
}

RULE(real_time_signals_queue)
{
	int number = SIGRTMIN + 2;
	sigset_t set = set_of(number, number);

	handle(number, keep);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 3; i++)
		kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	say("calls=%d", calls);
}

RULE(lower_numbers_come_first)
{
	sigset_t set = set_of(SIGUSR1, SIGUSR2);
	struct timespec none = {0, 0};
	int first;

	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGRTMIN + 3);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	while ((first = sigtimedwait(&set, NULL, &none)) > 0)
		say("%d", first < 32 ? first : first - SIGRTMIN + 100);
	ask("then", first);
}

RULE(ignored_signals_do_not_stay_pending)
{
	sigset_t set = set_of(SIGUSR1, SIGUSR1), pending;

	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	sigpending(&pending);
	say("pending=%d", sigismember(&pending, SIGUSR1));
}

RULE(a_signal_ignored_by_default_while_blocked)
{
	sigset_t set = set_of(SIGWINCH, SIGCHLD), pending;

	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGWINCH);
	sigpending(&pending);
	say("pending=%d", sigismember(&pending, SIGWINCH));
}

static void user(void)
{
	ask("setuid", setuid(1234));
	ask("root's", kill(getppid(), 0));
	ask("init", kill(1, SIGTERM));
	ask("own", kill(getpid(), 0));
	ask("everyone", kill(-1, 0));
}

RULE(users_signal_their_own)
{
	in_child(user);
}
