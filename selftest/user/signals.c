/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M11-09: masks, order and restarting as on Linux; SIGKILL and SIGSTOP cannot be blocked, handled
 * or ignored; a frame that has no place ends its owner only; the sender's right is looked at.
 */
#include "selftest/user/signals.h"

#define NOBODY   65534
#define BAD_PAGE 0x10000ul

static volatile int count, order[16];
static volatile struct info last;
static volatile uint64_t mask_inside;

static void on_signal(int signo, struct info *info, struct context *context)
{
	uint64_t mask = 0;

	(void)context;
	if (count < 16)
		order[count] = signo;
	count++;
	last.signo = info->signo;
	last.code = info->code;
	last.pid = info->pid;
	last.uid = info->uid;
	last.value = info->value;
	mask_change(SIG_BLOCK, 0, &mask);
	mask_inside = mask;
}

static long tgkill_self(int signo)
{
	return sys3(SYS_tgkill, sys0(SYS_getpid), sys0(SYS_gettid), signo);
}

static void unmaskable(void)
{
	struct action action = {0};
	uint64_t mask = 0;

	CHECK(mask_change(SIG_SETMASK, UINT64_MAX, NULL) == 0);
	CHECK(mask_change(SIG_SETMASK, 0, &mask) == 0);
	CHECK(mask == ~(bit(SIGKILL) | bit(SIGSTOP)));
	CHECK(handle(SIGKILL, on_signal, 0) == -EINVAL);
	CHECK(handle(SIGSTOP, on_signal, 0) == -EINVAL);
	CHECK(action_set(SIGKILL, SIG_IGN, 0, 0) == -EINVAL);
	CHECK(handle(0, on_signal, 0) == -EINVAL && handle(65, on_signal, 0) == -EINVAL);
	CHECK(handle(64, on_signal, 0) == 0);
	/* Nor is it kept in what a handler blocks. */
	CHECK(action_set(64, SIG_IGN, 0, UINT64_MAX) == 0);
	CHECK(sys6(SYS_rt_sigaction, 64, 0, (long)&action, 8, 0, 0) == 0);
	CHECK(action.mask == ~(bit(SIGKILL) | bit(SIGSTOP)));
}

static void delivery(void)
{
	count = 0;
	CHECK(handle(SIGUSR1, on_signal, 0) == 0);
	CHECK(kill_self(SIGUSR1) == 0);
	CHECK(count == 1 && last.signo == SIGUSR1 && last.code == SI_USER);
	CHECK(last.pid == sys0(SYS_getpid) && last.uid == 0);
	CHECK(mask_inside == bit(SIGUSR1));
	CHECK(tgkill_self(SIGUSR1) == 0);
	CHECK(count == 2 && last.code == SI_TKILL);
	CHECK(handle(SIGUSR1, on_signal, SA_NODEFER | SA_RESETHAND) == 0);
	CHECK(kill_self(SIGUSR1) == 0);
	CHECK(count == 3 && mask_inside == 0);
	CHECK(action_set(SIGUSR2, (uint64_t)(uintptr_t)on_signal, 0, UINT64_MAX) == 0);
	CHECK(kill_self(SIGUSR2) == 0);
	CHECK(mask_inside == ~(bit(SIGKILL) | bit(SIGSTOP)));
}

/* Standard signals count once, those from 32 on queue up; the lowest number comes first. */
static void pending_and_order(void)
{
	uint64_t set = bit(SIGUSR1) | bit(SIGRT) | bit(SIGTERM), pending = 0;
	static const int want[] = {SIGRT, SIGRT, SIGRT, SIGTERM, SIGUSR1};

	count = 0;
	CHECK(handle(SIGUSR1, on_signal, 0) == 0 && handle(SIGTERM, on_signal, 0) == 0);
	CHECK(handle(SIGRT, on_signal, 0) == 0);
	CHECK(mask_change(SIG_BLOCK, set, NULL) == 0);
	for (int i = 0; i < 3; i++) {
		CHECK(kill_self(SIGRT) == 0);
		CHECK(kill_self(SIGTERM) == 0);
	}
	CHECK(kill_self(SIGUSR1) == 0);
	CHECK(count == 0);
	CHECK(sys3(SYS_rt_sigpending, (long)&pending, 8, 0) == 0 && pending == set);
	CHECK(mask_change(SIG_UNBLOCK, set, NULL) == 0);
	CHECK(count == 5);
	/* Each frame goes on top of the one before: the last one delivered runs first. */
	for (int i = 0; i < 5; i++)
		CHECK(order[i] == want[i]);
}

static void ignoring(void)
{
	uint64_t pending = 1;

	CHECK(action_set(SIGUSR1, SIG_IGN, 0, 0) == 0);
	CHECK(kill_self(SIGUSR1) == 0);
	CHECK(kill_self(SIGCHLD) == 0 && kill_self(SIGWINCH) == 0 && kill_self(SIGURG) == 0);
	CHECK(kill_self(SIGCONT) == 0);
	/* What is pending and becomes ignored is forgotten. */
	CHECK(handle(SIGUSR1, on_signal, 0) == 0);
	CHECK(mask_change(SIG_BLOCK, bit(SIGUSR1), NULL) == 0);
	CHECK(kill_self(SIGUSR1) == 0);
	CHECK(action_set(SIGUSR1, SIG_IGN, 0, 0) == 0);
	CHECK(sys3(SYS_rt_sigpending, (long)&pending, 8, 0) == 0 && pending == 0);
	CHECK(mask_change(SIG_SETMASK, 0, NULL) == 0);
}

static void kill_child_default(long signo)
{
	action_set((int)signo, SIG_DFL, 0, 0);
	kill_self((int)signo);
	sys_exit(7);
}

static void with_everything_blocked(long signo)
{
	mask_change(SIG_SETMASK, UINT64_MAX, NULL);
	kill_child_default(signo);
}

static void defaults(void)
{
	static const int deadly[] = {1,       2,  3,       SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
				     SIGKILL, 10, SIGSEGV, 12,     13,      14,      15,     16,
				     24,      26, 29,      31,     32,      34,      64};

	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		CHECK((run_child(kill_child_default, deadly[i]) & ~0x80) == deadly[i]);
	CHECK(run_child(with_everything_blocked, SIGKILL) == SIGKILL);
	CHECK(run_child(with_everything_blocked, SIGTERM) == 7 << 8);
}

static char alternate[8192] __attribute__((aligned(16)));
static volatile uint64_t handler_sp, stack_flags;

static void on_alternate(int signo, struct info *info, struct context *context)
{
	struct stack now = {0};

	(void)signo;
	(void)info;
	handler_sp = (uint64_t)(uintptr_t)__builtin_frame_address(0);
	sys3(SYS_sigaltstack, 0, (long)&now, 0);
	stack_flags = now.flags;
	count = (int)sys3(SYS_sigaltstack, (long)&context->stack, 0, 0);
}

static void alternate_stack(void)
{
	struct stack stack = {(uint64_t)(uintptr_t)alternate, 0, 0, sizeof(alternate)}, old;

	CHECK(sys3(SYS_sigaltstack, 0, (long)&old, 0) == 0 && old.flags == SS_DISABLE);
	CHECK(sys3(SYS_sigaltstack, (long)&stack, 0, 0) == 0);
	CHECK(handle(SIGUSR1, on_alternate, SA_ONSTACK) == 0 && kill_self(SIGUSR1) == 0);
	CHECK(handler_sp - stack.sp < stack.size && stack_flags == SS_ONSTACK);
	CHECK(count == -EPERM);
	CHECK(handle(SIGUSR1, on_alternate, 0) == 0 && kill_self(SIGUSR1) == 0);
	CHECK(handler_sp - stack.sp >= stack.size && stack_flags == 0);
	stack.size = 1024;
	CHECK(sys3(SYS_sigaltstack, (long)&stack, 0, 0) == -ENOMEM);
	stack.flags = 8;
	CHECK(sys3(SYS_sigaltstack, (long)&stack, 0, 0) == -EINVAL);
	stack.flags = SS_DISABLE;
	CHECK(sys3(SYS_sigaltstack, (long)&stack, 0, 0) == 0);
}

/* The frame has no place: SIGSEGV, which the handler for SIGUSR1 cannot see. */
static void bad_stack(long sp)
{
	long pid = sys0(SYS_getpid);

	handle(SIGUSR1, on_signal, 0);
	__asm__ volatile(
		"mov %0, %%rsp; mov $62, %%eax; syscall; mov $60, %%eax; mov $9, %%edi; syscall" ::
			"r"(sp),
		"D"(pid), "S"((long)SIGUSR1));
}

static void bad_alternate(long sp)
{
	struct stack stack = {(uint64_t)sp, 0, 0, 8192};

	sys3(SYS_sigaltstack, (long)&stack, 0, 0);
	handle(SIGUSR1, on_signal, SA_ONSTACK);
	kill_self(SIGUSR1);
}

static void small_alternate(long size)
{
	struct stack stack = {(uint64_t)(uintptr_t)alternate + 4096, 0, 0, (uint64_t)size};

	sys3(SYS_sigaltstack, (long)&stack, 0, 0);
	handle(SIGUSR1, on_signal, SA_ONSTACK);
	__asm__ volatile("mov %0, %%rsp; mov $39, %%eax; syscall; mov %%eax, %%edi; mov $10, %%esi;"
			 "mov $62, %%eax; syscall; mov $60, %%eax; mov $9, %%edi; syscall" ::"r"(
				 stack.sp + 256)
			 : "memory");
}

static void without_restorer(long arg)
{
	struct action action = {(uint64_t)(uintptr_t)on_signal, SA_SIGINFO, 0, 0};

	(void)arg;
	sys6(SYS_rt_sigaction, SIGUSR1, (long)&action, 0, 8, 0, 0);
	kill_self(SIGUSR1);
}

static void bad_handler(long at)
{
	action_set(SIGUSR1, (uint64_t)at, 0, 0);
	kill_self(SIGUSR1);
}

/* SIGSEGV itself has a handler, and its own frame finds no place either. */
static void twice_without_place(long sp)
{
	handle(SIGSEGV, on_signal, 0);
	bad_stack(sp);
}

static void frames_without_place(void)
{
	static const uint64_t places[] = {0,
					  64,
					  BAD_PAGE,
					  0x7ffffffff000ul,
					  0xffff800000000000ul,
					  0x8000000000000000ul,
					  UINT64_MAX - 7};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		CHECK(killed_by(run_child(bad_stack, (long)places[i])) == SIGSEGV);
		CHECK(killed_by(run_child(bad_alternate, (long)places[i])) == SIGSEGV);
		CHECK(killed_by(run_child(twice_without_place, (long)places[i])) == SIGSEGV);
		CHECK(killed_by(run_child(bad_handler, (long)places[i] | 2)) == SIGSEGV);
	}
	CHECK(killed_by(run_child(small_alternate, 2048)) == SIGSEGV);
	CHECK(killed_by(run_child(without_restorer, 0)) == SIGSEGV);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	unmaskable();
	delivery();
	pending_and_order();
	ignoring();
	defaults();
	alternate_stack();
	frames_without_place();
}
