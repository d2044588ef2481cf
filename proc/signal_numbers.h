/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Linux's signal numbers, flags and codes for x86-64, and the structures user space shares. */
#include "kernel/lib/types.h"

enum signal_number {
	SIGHUP = 1,
	SIGINT = 2,
	SIGQUIT = 3,
	SIGILL = 4,
	SIGTRAP = 5,
	SIGABRT = 6,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGUSR1 = 10,
	SIGSEGV = 11,
	SIGUSR2 = 12,
	SIGPIPE = 13,
	SIGALRM = 14,
	SIGTERM = 15,
	SIGSTKFLT = 16,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGXCPU = 24,
	SIGXFSZ = 25,
	SIGVTALRM = 26,
	SIGPROF = 27,
	SIGWINCH = 28,
	SIGIO = 29,
	SIGPWR = 30,
	SIGSYS = 31,
	SIGRTMIN = 32,
	SIGNAL_COUNT = 64, /* numbers 1..64 */
};

#define SIG_DFL 0ul
#define SIG_IGN 1ul

#define SA_NOCLDSTOP 0x00000001ul
#define SA_NOCLDWAIT 0x00000002ul
#define SA_SIGINFO   0x00000004ul
#define SA_ONSTACK   0x08000000ul
#define SA_RESTART   0x10000000ul
#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul
#define SA_RESTORER  0x04000000ul

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM 0x80000000u
#define MINSIGSTKSZ   2048

enum signal_how { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };

/* si_code: who or what raised it. */
enum signal_code {
	SI_USER = 0,
	SI_KERNEL = 0x80,
	SI_QUEUE = -1,
	SI_TIMER = -2,
	SI_TKILL = -6,
	SI_DETHREAD = -7,
	SI_ASYNCNL = -60,
	ILL_ILLOPN = 2,
	FPE_INTDIV = 1,
	FPE_FLTDIV = 3,
	FPE_FLTOVF = 4,
	FPE_FLTUND = 5,
	FPE_FLTRES = 6,
	FPE_FLTINV = 7,
	SEGV_MAPERR = 1,
	SEGV_ACCERR = 2,
	BUS_ADRALN = 1,
	BUS_ADRERR = 2,
	TRAP_BRKPT = 1,
	TRAP_TRACE = 2,
	CLD_EXITED = 1,
	CLD_KILLED = 2,
	CLD_DUMPED = 3,
	CLD_STOPPED = 5,
	CLD_CONTINUED = 6,
};

/* What libc passes to rt_sigaction (Linux: struct kernel_sigaction, x86-64). */
struct signal_action {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	uint64_t mask;
};
static_assert(sizeof(struct signal_action) == 32, "rt_sigaction(2), x86-64");

/* Linux's siginfo_t: 128 bytes, of which a union stands from byte 16 on. */
struct signal_info {
	int32_t signo;
	int32_t errno_value;
	int32_t code;
	int32_t pad0;
	union {
		struct {
			uint32_t pid;
			uint32_t uid;
			uint64_t value; /* kill and sigqueue: sigval; SIGCHLD: status in the low
					   half */
			int64_t utime;
			int64_t stime;
		} by;
		struct {
			uint64_t address;
		} fault;
		uint8_t raw[112];
	};
};
static_assert(sizeof(struct signal_info) == 128, "siginfo_t is 128 bytes");

/* sigaltstack(2). */
struct signal_stack {
	uint64_t sp;
	uint32_t flags;
	uint32_t pad;
	uint64_t size;
};
static_assert(sizeof(struct signal_stack) == 24, "stack_t is 24 bytes");

static inline uint64_t signal_bit(unsigned number)
{
	return 1ull << (number - 1); /* NOLINT: 1 to 64 */
}

/* Never blocked, ignored or handled. */
#define SIGNALS_UNBLOCKABLE ((1ull << (SIGKILL - 1)) | (1ull << (SIGSTOP - 1)))
