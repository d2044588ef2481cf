/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program finds in its registers behind calls, faults, interrupts and switches, and in the
 * frames of its handlers. */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

#include "leaks.h"

#define FXSAVE_BYTES   512
#define INTERRUPTED_NS 30000000

/* All general registers but RSP, and the vector registers; without calls in between. */
static struct {
	uint64_t general[15];
	char vector[FXSAVE_BYTES] __attribute__((aligned(16)));
} seen;

#define STORE_REGISTERS                                                                      \
	"mov %%rax, seen(%%rip); mov %%rbx, seen+8(%%rip); mov %%rcx, seen+16(%%rip);"       \
	"mov %%rdx, seen+24(%%rip); mov %%rsi, seen+32(%%rip); mov %%rdi, seen+40(%%rip);"   \
	"mov %%rbp, seen+48(%%rip); mov %%r8, seen+56(%%rip); mov %%r9, seen+64(%%rip);"     \
	"mov %%r10, seen+72(%%rip); mov %%r11, seen+80(%%rip); mov %%r12, seen+88(%%rip);"   \
	"mov %%r13, seen+96(%%rip); mov %%r14, seen+104(%%rip); mov %%r15, seen+112(%%rip);" \
	"fxsave64 seen+128(%%rip);"
#define CLOBBERED                                                                                \
	"rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", \
		"memory", "cc"

_Static_assert(offsetof(__typeof__(seen), vector) == 128, "the assembly's");

static void after_call(long number)
{
	long a = 0, b = 0;

	__asm__ volatile("syscall;" STORE_REGISTERS
			 : "+a"(number), "+D"(a), "+S"(b)
			 : "d"(0L)
			 : "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
			   "memory", "cc");
	look_at("registers behind a call", &seen, sizeof(seen));
}

static void after_interrupts(void)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		__asm__ volatile("mov $20000, %%ecx; 1: dec %%ecx; jnz 1b;" STORE_REGISTERS ::
					 : "rax", CLOBBERED);
		look_at("registers behind an interrupt", &seen, sizeof(seen));
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000000000l + now.tv_nsec - start.tv_nsec <
		 INTERRUPTED_NS);
}

static void after_a_page_fault(void)
{
	for (int i = 0; i < 50; i++) {
		char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);

		__asm__ volatile("movb $1, (%%rax);" STORE_REGISTERS : "+a"(page) : : CLOBBERED);
		look_at("registers behind a page fault", &seen, sizeof(seen));
		munmap((void *)((uintptr_t)page & -4096ul), 4096);
	}
}

static void after_a_fork(void)
{
	long child;
	int status;

	__asm__ volatile("syscall;" STORE_REGISTERS
			 : "=a"(child)
			 : "0"((long)SYS_fork)
			 : CLOBBERED);
	look_at("registers behind a fork", &seen, sizeof(seen));
	if (child == 0)
		_exit(0);
	waitpid((pid_t)child, &status, 0);
}

static bool is_harmless(long number)
{
	static const short list[] = {SYS_exit,
				     SYS_exit_group,
				     SYS_pause,
				     SYS_fork,
				     SYS_vfork,
				     SYS_clone,
				     SYS_rt_sigreturn,
				     SYS_rt_sigsuspend,
				     SYS_kill,
				     SYS_tkill,
				     SYS_tgkill,
				     SYS_read,
				     SYS_select,
				     SYS_poll,
				     SYS_reboot,
				     SYS_vhangup,
				     SYS_brk,
				     SYS_munmap,
				     SYS_close,
				     SYS_dup2,
				     SYS_setuid,
				     SYS_setgid,
				     SYS_setreuid,
				     SYS_setregid,
				     SYS_setresuid,
				     SYS_setresgid,
				     SYS_wait4,
				     SYS_waitid,
				     SYS_setsid,
				     SYS_arch_prctl,
				     SYS_readv,
				     SYS_pread64,
				     SYS_set_tid_address,
				     SYS_set_robust_list,
				     SYS_setpgid,
				     SYS_close_range,
				     SYS_dup3,
				     SYS_sched_setattr,
				     SYS_ppoll,
				     SYS_pselect6,
				     SYS_epoll_wait,
				     SYS_epoll_pwait,
				     SYS_clone3,
				     SYS_alarm,
				     SYS_sendfile,
				     SYS_splice,
				     SYS_munlockall,
				     SYS_umask};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i] == number)
			return false;
	return true;
}

void look_at_registers(void)
{
	for (long number = 0; number < 462; number++)
		if (is_harmless(number))
			after_call(number);
	after_call(-1);
	after_call(SYS_sched_yield);
	after_interrupts();
	after_a_page_fault();
	after_a_fork();
}

/* Frames of handlers: all from the stack pointer up to where the interrupted code had it. */
static volatile uint64_t next_address;

static void handler(int number, siginfo_t *info, void *context)
{
	ucontext_t *user = context;
	const char *frame = (const char *)__builtin_frame_address(0) - 4096;
	size_t len = (size_t)((const char *)user->uc_mcontext.gregs[REG_RSP] - frame);

	look_at("siginfo", info, sizeof(*info));
	look_at_siginfo(info, number == SIGSEGV || number == SIGILL || number == SIGFPE);
	look_at("ucontext", user, sizeof(*user));
	look_at("frame of a handler", frame, len < 65536 ? len : 65536);
	if (user->uc_mcontext.fpregs)
		look_at("vector state", user->uc_mcontext.fpregs, 2048);
	if (next_address)
		user->uc_mcontext.gregs[REG_RIP] = (greg_t)next_address;
}

static void raise_by(void (*instruction)(void))
{
	instruction();
}

#define FAULT(name, text)                                                                     \
	static __attribute__((noinline, noclone)) void name(void)                             \
	{                                                                                     \
		__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, next_address(%%rip);" text \
				 "; 1: movq $0, next_address(%%rip)" ::                       \
					 : "rax", CLOBBERED);                                 \
	}
/* The last page of a window that no region reaches. */
FAULT(bad_read, "mov 8, %%rcx")
FAULT(kernel_read, "mov $0xffffbfffffff0000, %%rcx; mov (%%rcx), %%rcx")
FAULT(no_canon, "mov $0x8000000000000000, %%rcx; mov (%%rcx), %%rcx")
FAULT(bad_code, "ud2")
FAULT(divide, "xor %%ecx, %%ecx; xor %%edx, %%edx; mov $1, %%eax; div %%ecx")
FAULT(break_point, "int3")
FAULT(privilege, "hlt")
FAULT(bad_gate, "int $0x55")

void look_at_frames(void)
{
	const int numbers[] = {SIGSEGV, SIGBUS,  SIGILL,   SIGFPE,
			       SIGTRAP, SIGUSR1, SIGRTMIN, SIGCHLD};
	static void (*const faults[])(void) = {bad_read, kernel_read, no_canon,  bad_code,
					       divide,   break_point, privilege, bad_gate};
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		raise_by(faults[i]);
	kill(getpid(), SIGUSR1);
	sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5});
	if (fork() == 0)
		_exit(1);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	action.sa_handler = SIG_DFL;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}
