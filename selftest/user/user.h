/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What a ring-3 selftest program needs: system calls and checks, no libc. A program has one C file,
 * defines test_main() and reports numbers only: row, verdict, detail.
 */
#include <stddef.h>
#include <stdint.h>

#define SYS_read           0
#define SYS_write          1
#define SYS_open           2
#define SYS_close          3
#define SYS_mmap           9
#define SYS_mprotect       10
#define SYS_munmap         11
#define SYS_brk            12
#define SYS_rt_sigaction   13
#define SYS_rt_sigprocmask 14
#define SYS_rt_sigreturn   15
#define SYS_sched_yield    24
#define SYS_mremap         25
#define SYS_pipe2          293
#define SYS_nanosleep      35
#define SYS_getpid         39
#define SYS_fork           57
#define SYS_vfork          58
#define SYS_execve         59
#define SYS_exit           60
#define SYS_wait4          61
#define SYS_kill           62
#define SYS_getppid        110
#define SYS_sigaltstack    131
#define SYS_arch_prctl     158
#define SYS_clock_gettime  228
#define SYS_exit_group     231
#define SYS_native_yield   4096
#define SYS_test_report    4097
#define SYS_probe_state    4098
#define SYS_test_service   4099

#define PROT_READ     1
#define PROT_WRITE    2
#define PROT_EXEC     4
#define MAP_PRIVATE   2
#define MAP_FIXED     0x10
#define MAP_ANONYMOUS 0x20

#define EPERM  1
#define ECHILD 10
#define EAGAIN 11
#define EFAULT 14
#define EINVAL 22
#define ENOSYS 38
#define ENOMEM 12

#define SIGILL  4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS  7
#define SIGFPE  8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11

#define PAGE 4096ul

/* What compilers call on their own. By string instructions, which become no call again. */
void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

__attribute__((used)) void *memcpy(void *to, const void *from, size_t len)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(len) : : "memory");
	return to;
}

__attribute__((used)) void *memset(void *to, int byte, size_t len)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(len) : "a"(byte) : "memory");
	return to;
}

__attribute__((used)) int memcmp(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < len; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long sys3(long nr, long a, long b, long c)
{
	return sys6(nr, a, b, c, 0, 0, 0);
}

static inline long sys0(long nr)
{
	return sys6(nr, 0, 0, 0, 0, 0, 0);
}

static inline _Noreturn void sys_exit(int status)
{
	for (;;)
		sys3(SYS_exit_group, status, 0, 0);
}

static inline long sys_fork(void)
{
	return sys0(SYS_fork);
}

static inline long sys_wait(long pid, int *status)
{
	return sys6(SYS_wait4, pid, (long)status, 0, 0, 0, 0);
}

static inline void *sys_mmap(void *at, size_t len, int prot, int flags)
{
	return (void *)sys6(SYS_mmap, (long)at, (long)len, prot, flags, -1, 0);
}

static inline int mmap_failed(const void *at)
{
	return (uintptr_t)at >= (uintptr_t)-4095l;
}

/* The verdict of the kernel's test: every CHECK counts, the first that fails ends the program. */
static unsigned test_checks;

#define CHECK(condition)                                                       \
	do {                                                                   \
		test_checks++;                                                 \
		if (!(condition)) {                                            \
			sys3(SYS_test_report, __LINE__, 0, (long)test_checks); \
			sys_exit(1);                                           \
		}                                                              \
	} while (0)

/* Runs in a child; its wait status, or -1. */
static inline int run_child(void (*body)(long), long arg)
{
	int status = -1;
	long pid = sys_fork();

	if (pid == 0) {
		body(arg);
		sys_exit(0);
	}
	return pid > 0 && sys_wait(pid, &status) == pid ? status : -1;
}

static inline int killed_by(int status)
{
	return status & 0x7f;
}

/* How many rounds of every hundred are wanted, from SELFTEST=n in the environment. */
static unsigned test_percent = 100;

static inline unsigned test_rounds(unsigned rounds)
{
	uint64_t scaled = (uint64_t)rounds * test_percent / 100;

	return scaled ? (unsigned)scaled : 1;
}

/* The stack as exec left it: argc, argv, NULL, envp, NULL, auxv. */
void test_main(const uint64_t *stack);

/* Called by _start with what the registers held; a program may look at them. */
struct first_state {
	uint64_t regs[15]; /* rax rbx rcx rdx rsi rdi rbp r8-r15 */
	uint64_t flags;
	uint64_t rsp;
};
struct first_state first_state;

static inline void read_percent(const uint64_t *stack)
{
	for (const uint64_t *env = stack + stack[0] + 2; *env; env++) {
		const char *text = (const char *)*env, *name = "SELFTEST=";

		while (*name && *text == *name) {
			text++;
			name++;
		}
		if (*name)
			continue;
		test_percent = 0;
		while (*text >= '0' && *text <= '9')
			test_percent = test_percent * 10 + (unsigned)(*text++ - '0');
	}
}

__attribute__((used)) static _Noreturn void start_c(const uint64_t *stack)
{
	read_percent(stack);
	test_main(stack);
	sys3(SYS_test_report, 0, 1, (long)test_checks);
	sys_exit(0);
}

__asm__(".section .text.start,\"ax\"\n"
	".globl _start\n"
	"_start:\n"
	"	mov %rax, first_state(%rip)\n"
	"	mov %rbx, first_state+8(%rip)\n"
	"	mov %rcx, first_state+16(%rip)\n"
	"	mov %rdx, first_state+24(%rip)\n"
	"	mov %rsi, first_state+32(%rip)\n"
	"	mov %rdi, first_state+40(%rip)\n"
	"	mov %rbp, first_state+48(%rip)\n"
	"	mov %r8, first_state+56(%rip)\n"
	"	mov %r9, first_state+64(%rip)\n"
	"	mov %r10, first_state+72(%rip)\n"
	"	mov %r11, first_state+80(%rip)\n"
	"	mov %r12, first_state+88(%rip)\n"
	"	mov %r13, first_state+96(%rip)\n"
	"	mov %r14, first_state+104(%rip)\n"
	"	mov %r15, first_state+112(%rip)\n"
	"	pushf\n"
	"	pop %rax\n"
	"	mov %rax, first_state+120(%rip)\n"
	"	mov %rsp, first_state+128(%rip)\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start_c\n"
	".text\n");
