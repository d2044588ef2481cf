/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Signals for ring-3 selftest programs: Linux's structures of x86-64, handlers, frames. */
#include "selftest/user/user.h"

#define SYS_ppoll           271
#define SYS_setresuid       117
#define SYS_rt_sigpending   127
#define SYS_rt_sigtimedwait 128
#define SYS_rt_sigsuspend   130
#define SYS_gettid          186
#define SYS_tkill           200
#define SYS_tgkill          234

#define SIGUSR2  12
#define SIGPIPE  13
#define SIGALRM  14
#define SIGTERM  15
#define SIGCHLD  17
#define SIGCONT  18
#define SIGSTOP  19
#define SIGURG   23
#define SIGWINCH 28
#define SIGRT    40

#define SIG_DFL 0ul
#define SIG_IGN 1ul

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_SIGINFO   0x00000004ul
#define SA_RESTORER  0x04000000ul
#define SA_ONSTACK   0x08000000ul
#define SA_RESTART   0x10000000ul
#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul

#define SS_ONSTACK 1
#define SS_DISABLE 2

#define ESRCH 3
#define EINTR 4

#define SI_USER     0
#define SI_KERNEL   0x80
#define SI_TKILL    -6
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2

struct action {
	uint64_t handler, flags, restorer, mask;
};

struct info {
	int32_t signo, error, code, pad;
	union {
		struct {
			int32_t pid;
			uint32_t uid;
			uint64_t value;
		};
		uint64_t address;
		uint8_t raw[112];
	};
};

struct stack {
	uint64_t sp;
	uint32_t flags, pad;
	uint64_t size;
};

/* The order of ucontext's gregs. */
enum greg {
	G_R8,
	G_R9,
	G_R10,
	G_R11,
	G_R12,
	G_R13,
	G_R14,
	G_R15,
	G_RDI,
	G_RSI,
	G_RBP,
	G_RBX,
	G_RDX,
	G_RAX,
	G_RCX,
	G_RSP,
	G_RIP,
	G_FLAGS,
	G_SELECTORS,
	G_ERROR,
	G_VECTOR,
	G_OLDMASK,
	G_CR2,
	G_COUNT
};

struct context {
	uint64_t flags, link;
	struct stack stack;
	uint64_t gregs[G_COUNT];
	uint8_t *fpstate;
	uint64_t reserved[8];
	uint64_t mask;
};

_Static_assert(sizeof(struct info) == 128, "siginfo_t");
_Static_assert(offsetof(struct context, mask) == 296, "ucontext_t");

typedef void handler_fn(int signo, struct info *info, struct context *context);

void signal_restorer(void);
__asm__(".text\n"
	"signal_restorer:\n"
	"	mov $15, %eax\n"
	"	syscall\n"
	"	ud2\n");

static inline long action_set(int signo, uint64_t handler, uint64_t flags, uint64_t mask)
{
	struct action action = {handler, flags | SA_RESTORER | SA_SIGINFO,
				(uint64_t)(uintptr_t)signal_restorer, mask};

	return sys6(SYS_rt_sigaction, signo, (long)&action, 0, 8, 0, 0);
}

static inline long handle(int signo, handler_fn *handler, uint64_t flags)
{
	return action_set(signo, (uint64_t)(uintptr_t)handler, flags, 0);
}

static inline uint64_t bit(int signo)
{
	return 1ul << (signo - 1);
}

static inline long mask_change(int how, uint64_t set, uint64_t *old)
{
	return sys6(SYS_rt_sigprocmask, how, (long)&set, (long)old, 8, 0, 0);
}

static inline long kill_self(int signo)
{
	return sys3(SYS_kill, sys0(SYS_getpid), signo, 0);
}

static inline void child_check(int condition, int code)
{
	if (!condition)
		sys_exit(code);
}
