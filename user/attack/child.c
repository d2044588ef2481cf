/* SPDX-License-Identifier: BSD-2-Clause */
/* An attack's child: how it begins, how its faults are seen, and how it says what happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
#include <ucontext.h>

#include "user/attack/attack.h"

#define TEXT_BYTES 160
#define DEADLINE_S 60

/* Nested children say what they saw in a text of their own. */
#define DEPTHS 2

static char (*texts)[TEXT_BYTES];
static int depth = -1;

struct fault fault;
static sigjmp_buf *catcher;

void saw(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(texts[depth], TEXT_BYTES, format, args);
	va_end(args);
	_exit(0);
}

void saw_answer(long result)
{
	if (result == -1)
		saw("%s", errno_name(errno));
	saw("granted (%ld)", result);
}

void saw_count(size_t n, size_t m, const char *what)
{
	saw("%zu of %zu %s", n, m, what);
}

static const char *code_name(int signo, int code)
{
	if (code == SI_KERNEL)
		return " GP";
	if (signo != SIGSEGV)
		return "";
	return code == SEGV_MAPERR ? " MAPERR" : code == SEGV_ACCERR ? " ACCERR" : " ?";
}

static const char *signal_name(int signo)
{
	static const char *const names[] = {
		[SIGSEGV] = "SIGSEGV", [SIGILL] = "SIGILL",   [SIGBUS] = "SIGBUS",
		[SIGTRAP] = "SIGTRAP", [SIGFPE] = "SIGFPE",   [SIGKILL] = "SIGKILL",
		[SIGSYS] = "SIGSYS",   [SIGABRT] = "SIGABRT", [SIGXFSZ] = "SIGXFSZ",
	};

	return (size_t)signo < COUNT_OF(names) && names[signo] ? names[signo] : "another signal";
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
	const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	fault = (struct fault){signo, info->si_code, (uint64_t)info->si_addr,
			       (uint64_t)registers[REG_ERR]};
	if (catcher)
		siglongjmp(*catcher, 1);
	saw("%s%s", signal_name(signo), code_name(signo, info->si_code));
}

static void catch_faults(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
	static char stack[32768];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < COUNT_OF(signals); i++)
		sigaction(signals[i], &action, NULL);
}

bool faults(void (*run)(uint64_t), uint64_t arg)
{
	sigjmp_buf here;
	bool faulted = sigsetjmp(here, 1);

	if (!faulted) {
		catcher = &here;
		run(arg);
	}
	catcher = NULL;
	return faulted;
}

int status_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return status;
}

/* The end of a child that may never come by itself. */
static void wait_in_time(pid_t pid)
{
	const struct timespec patience = {.tv_sec = DEADLINE_S};
	siginfo_t info = {0};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && !info.si_pid) {
		if (sigtimedwait(&child, NULL, &patience) < 0 && errno == EAGAIN) {
			snprintf(texts[0], TEXT_BYTES, "no end within %d s", DEADLINE_S);
			break;
		}
	}
	kill(-pid, SIGKILL);
}

static const char *describe(int level, pid_t pid)
{
	int status;

	if (pid < 0)
		return "no child could be made";
	if (depth < 0)
		wait_in_time(pid);
	status = status_of(pid);
	if (WIFSIGNALED(status) && !texts[level][0])
		return signal_name(WTERMSIG(status));
	return texts[level][0] ? texts[level] : "ended without a word";
}

static void be_child(void)
{
	depth++;
	catch_faults();
}

const char *outcome_of(void (*run)(long), long arg)
{
	pid_t pid;

	texts[depth + 1][0] = 0;
	pid = fork();
	if (pid == 0) {
		be_child();
		run(arg);
		saw("nothing stopped it");
	}
	return describe(depth + 1, pid);
}

static pid_t start(const struct attack *attack)
{
	pid_t pid = fork();
	sigset_t none;

	if (pid == 0) {
		setpgid(0, 0);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		be_child();
		attack->run();
		saw("nothing stopped it");
	}
	setpgid(pid, pid);
	return pid;
}

const char *attack_outcome(const struct attack *attack)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	if (!texts)
		texts = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	texts[0][0] = 0;
	return describe(0, start(attack));
}
