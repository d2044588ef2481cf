/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame that a handler gets, what it may change, stacks, masks and the codes of its siginfo. */
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "rules.h"

static siginfo_t got;
static volatile int calls;
static unsigned char frame[1024];
static volatile uintptr_t entry_rsp, entry_rax, entry_flags, entry_rsi, entry_rdx, entry_rdi;

/* The registers as the kernel gives them, before any compiled code. */
void entry(void);
__asm__(".globl entry\nentry:\n"
	"mov %rsp, entry_rsp(%rip)\n"
	"mov %rax, entry_rax(%rip)\n"
	"mov %rdi, entry_rdi(%rip)\n"
	"mov %rsi, entry_rsi(%rip)\n"
	"mov %rdx, entry_rdx(%rip)\n"
	"pushf\npop entry_flags(%rip)\n"
	"ret\n");

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

RULE(registers_at_entry)
{
	handle(SIGUSR1, (void (*)(int, siginfo_t *, void *))entry, 0);
	__asm__ volatile("std");
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	__asm__ volatile("cld");
	say("rsp%%16=%lu rax=%lu rdi=%lu", entry_rsp % 16, entry_rax, entry_rdi);
	say("direction=%lu siginfo=%ld ucontext=%ld", entry_flags >> 10 & 1,
	    (long)(entry_rsi - entry_rsp), (long)(entry_rdx - entry_rsp));
}

static void copy_frame(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	memcpy(frame, context, sizeof(frame));
}

RULE(fields_of_ucontext)
{
	const ucontext_t *context = (const ucontext_t *)frame;
	const unsigned long *raw = (const unsigned long *)frame;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	handle(SIGUSR1, copy_frame, 0);
	raise(SIGUSR1);
	say("flags=%lx link=%lx", context->uc_flags & 6, (unsigned long)context->uc_link);
	say("cs=%lx ss=%lx mask=%lx", raw[23] & 0xffff, raw[23] >> 48, raw[37]);
	say("flags bit 1=%lu", raw[22] >> 1 & 1);
}

static void look_at_floats(int number, siginfo_t *info, void *context)
{
	unsigned char *area = (unsigned char *)((ucontext_t *)context)->uc_mcontext.fpregs;
	unsigned magic[3], end;

	(void)number;
	(void)info;
	memcpy(magic, area + 464, sizeof(magic));
	memcpy(&end, area + magic[1] - 4, sizeof(end));
	say("aligned=%d magic1=%x magic2=%x x87sse=%x", (uintptr_t)area % 64 == 0, magic[0], end,
	    magic[2] & 3);
}

RULE(float_area_of_a_frame)
{
	handle(SIGUSR1, look_at_floats, 0);
	raise(SIGUSR1);
}

RULE(red_zone_is_left_alone)
{
	unsigned long value;

	handle(SIGUSR1, keep, 0);
	__asm__ volatile("movq $0x1234, -128(%%rsp); mov $39, %%eax; syscall; mov %%eax, %%edi;"
			 "mov %%eax, %%esi; mov $10, %%edx; mov $234, %%eax; syscall;"
			 "mov -128(%%rsp), %0"
			 : "=r"(value)
			 :
			 : "rax", "rcx", "rdi", "rsi", "rdx", "r11", "memory");
	say("calls=%d value=%lx", calls, value);
}

static void skip_and_answer(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)number;
	(void)info;
	registers[REG_RAX] = 77;
	registers[REG_RIP] += 2;
}

RULE(handlers_edit_registers)
{
	long result;

	handle(SIGILL, skip_and_answer, 0);
	__asm__ volatile("ud2" : "=a"(result));
	say("rax=%ld", result);
}

static void edit_mask(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
	sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGKILL);
}

RULE(handlers_edit_the_mask)
{
	sigset_t set;

	handle(SIGUSR1, edit_mask, 0);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say("usr2=%d kill=%d", sigismember(&set, SIGUSR2), sigismember(&set, SIGKILL));
}

static void bad_rip(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = (greg_t)0x8000000000000000;
}

static void return_to_nowhere(void)
{
	handle(SIGUSR1, bad_rip, 0);
	raise(SIGUSR1);
}

RULE(a_frame_with_a_bad_rip)
{
	say_status("ended", in_child(return_to_nowhere));
}

static void kernel_segments(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)number;
	(void)info;
	registers[REG_EFL] |= 0x3000;
	registers[REG_CSGSFS] = (registers[REG_CSGSFS] & ~0xffffLL) | 0x30;
}

RULE(segments_and_flags_are_forced)
{
	unsigned short cs;
	unsigned long flags;

	handle(SIGUSR1, kernel_segments, 0);
	raise(SIGUSR1);
	__asm__ volatile("mov %%cs, %0; pushf; pop %1" : "=r"(cs), "=r"(flags));
	say("cs=%x iopl=%lu", cs, flags >> 12 & 3);
}

static void without_restorer(void)
{
	unsigned long action[4] = {(unsigned long)keep, SA_SIGINFO, 0, 0};

	syscall(SYS_rt_sigaction, SIGUSR1, action, NULL, 8);
	raise(SIGUSR1);
}

RULE(delivery_without_a_restorer)
{
	say_status("ended", in_child(without_restorer));
}

static void spoil(int number, siginfo_t *info, void *context)
{
	double zero = 0;

	(void)number;
	(void)info;
	(void)context;
	calls++;
	__asm__ volatile("movsd %0, %%xmm9" : : "m"(zero) : "xmm9");
}

RULE(float_registers_come_back)
{
	double value = 1.25, other;
	long pid = getpid(), result = SYS_kill;

	handle(SIGUSR1, spoil, 0);
	__asm__ volatile("movsd %2, %%xmm9; syscall; movsd %%xmm9, %1"
			 : "+a"(result), "=m"(other)
			 : "m"(value), "D"(pid), "S"((long)SIGUSR1)
			 : "rcx", "r11", "xmm9", "memory");
	say("calls=%d value=%g", calls, other);
}
