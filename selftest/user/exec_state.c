/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M10-05: what a process has set up before execve is gone behind it, but for what stays. */
#include "selftest/user/again.h"
#include "selftest/user/service.h"

#define SYS_fcntl         72
#define SYS_ftruncate     77
#define SYS_rt_sigpending 127

#define EBADF      9
#define F_GETFD    1
#define F_SETFD    2
#define FD_CLOEXEC 1

#define SIGUSR2     12
#define SIG_DFL     0ul
#define SIG_IGN     1ul
#define SIG_BLOCK   0
#define SA_RESTORER 0x04000000ul
#define SA_ONSTACK  0x08000000ul
#define SS_DISABLE  2

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

#define MXCSR_AT_START 0x1f80u
#define FCW_AT_START   0x37fu

/* The pipes of the first life: its numbers are the second's too. */
#define CLOSED_FIRST  60
#define KEPT_FIRST    61
#define CLOSED_BY_SET 62
#define SYS_dup3      292
#define O_CLOEXEC     02000000

struct action {
	uint64_t handler, flags, restorer, mask;
};

struct alt_stack {
	uint64_t base;
	uint32_t flags, unused;
	uint64_t size;
};

static uint64_t bit_of(int signal)
{
	return 1ul << (signal - 1);
}

static uint8_t alternate[4 * PAGE];

static void set_action(int signal, uint64_t handler)
{
	struct action action = {handler, SA_RESTORER | SA_ONSTACK, (uint64_t)(uintptr_t)alternate,
				bit_of(SIGILL)};

	CHECK(sys6(SYS_rt_sigaction, signal, (long)&action, 0, 8, 0, 0) == 0);
}

static struct action action_of(int signal)
{
	struct action action = {~0ul, ~0ul, ~0ul, ~0ul};

	CHECK(sys6(SYS_rt_sigaction, signal, 0, (long)&action, 8, 0, 0) == 0);
	return action;
}

static void set_descriptors(void)
{
	int ends[2];

	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	CHECK(sys3(SYS_dup3, ends[0], CLOSED_FIRST, O_CLOEXEC) == CLOSED_FIRST);
	CHECK(sys3(SYS_dup3, ends[0], KEPT_FIRST, 0) == KEPT_FIRST);
	CHECK(sys3(SYS_dup3, ends[0], CLOSED_BY_SET, 0) == CLOSED_BY_SET);
	CHECK(sys3(SYS_fcntl, CLOSED_BY_SET, F_SETFD, FD_CLOEXEC) == 0);
	for (int fd = CLOSED_FIRST; fd <= CLOSED_BY_SET; fd++)
		CHECK(sys3(SYS_fcntl, fd, F_GETFD, 0) >= 0);
}

static void set_signals(void)
{
	uint64_t mask = bit_of(SIGUSR1), pending = 0;
	struct alt_stack stack = {(uint64_t)(uintptr_t)alternate, 0, 0, sizeof(alternate)};

	set_action(SIGUSR1, (uint64_t)(uintptr_t)alternate);
	set_action(SIGSEGV, (uint64_t)(uintptr_t)alternate);
	set_action(SIGUSR2, SIG_IGN);
	CHECK(sys3(SYS_sigaltstack, (long)&stack, 0, 0) == 0);
	CHECK(sys6(SYS_rt_sigprocmask, SIG_BLOCK, (long)&mask, 0, 8, 0, 0) == 0);
	CHECK(sys3(SYS_kill, sys0(SYS_getpid), SIGUSR1, 0) == 0);
	CHECK(sys3(SYS_rt_sigpending, (long)&pending, 8, 0) == 0 && pending == bit_of(SIGUSR1));
}

static void set_registers(void)
{
	static const uint32_t mxcsr = 0x7f80;
	static const uint16_t fcw = 0x27f;

	CHECK(sys3(SYS_arch_prctl, ARCH_SET_FS, (long)alternate, 0) == 0);
	CHECK(sys3(SYS_arch_prctl, ARCH_SET_GS, (long)alternate, 0) == 0);
	__asm__ volatile("ldmxcsr %0; fldcw %1; fld1; fldpi" ::"m"(mxcsr), "m"(fcw));
	__asm__ volatile(
		"pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm7, %%xmm7; pcmpeqd %%xmm15, %%xmm15" ::
			: "xmm0", "xmm7", "xmm15");
}

/* Before anything else may use them. */
static uint8_t first_fpu[512] __attribute__((aligned(64)));

static void check_registers(void)
{
	uint64_t fs = ~0ul, gs = ~0ul;

	CHECK(*(uint16_t *)first_fpu == FCW_AT_START);
	CHECK(first_fpu[4] == 0); /* no register of the x87 holds a value */
	CHECK(*(uint32_t *)(first_fpu + 24) == MXCSR_AT_START);
	for (int i = 32; i < 416; i++)
		CHECK(first_fpu[i] == 0);
	CHECK(sys3(SYS_arch_prctl, ARCH_GET_FS, (long)&fs, 0) == 0 && fs == 0);
	CHECK(sys3(SYS_arch_prctl, ARCH_GET_GS, (long)&gs, 0) == 0 && gs == 0);
}

/* A mutex that is held goes to whoever waits for it: nobody is there who could give it back. */
static struct {
	uint64_t next, offset, pending;
	uint32_t word[2];
} * robust;

#define SYS_gettid          186
#define SYS_set_robust_list 273
#define SYS_get_robust_list 274
#define MAP_SHARED          1
#define OWNER_DIED          0x40000000u
#define ROBUST_AT           ((void *)0x10000000ul)
#define ROBUST_FD           63

static void set_robust(void)
{
	long fd = sys3(SYS_open, (long)"/.robust", O_RDWR | O_CREAT, 0600);

	CHECK(sys3(SYS_unlink, (long)"/.robust", 0, 0) == 0);
	CHECK(sys3(SYS_dup3, fd, ROBUST_FD, 0) == ROBUST_FD && sys3(SYS_close, fd, 0, 0) == 0);
	CHECK(sys3(SYS_ftruncate, ROBUST_FD, PAGE, 0) == 0);
	robust = (void *)sys6(SYS_mmap, (long)ROBUST_AT, PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, ROBUST_FD, 0);
	CHECK(robust == ROBUST_AT);
	robust->next = (uint64_t)(uintptr_t)robust;
	robust->offset = offsetof(typeof(*robust), word) - 8;
	robust->pending = (uint64_t)(uintptr_t)robust + 8;
	robust->word[0] = (uint32_t)sys0(SYS_gettid);
	CHECK(sys3(SYS_set_robust_list, (long)robust, 24, 0) == 0);
}

static void check_robust(void)
{
	uint64_t list = ~0ul, len = 0;

	CHECK(sys3(SYS_get_robust_list, 0, (long)&list, (long)&len) == 0 && list == 0);
	robust = (void *)sys6(SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, ROBUST_FD, 0);
	CHECK(robust->word[0] == OWNER_DIED);
}

static void check_descriptors(void)
{
	CHECK(sys3(SYS_fcntl, CLOSED_FIRST, F_GETFD, 0) == -EBADF);
	CHECK(sys3(SYS_fcntl, CLOSED_BY_SET, F_GETFD, 0) == -EBADF);
	CHECK(sys3(SYS_fcntl, KEPT_FIRST, F_GETFD, 0) == 0);
}

static void check_actions(uint64_t ignored)
{
	for (int signal = 1; signal <= 64; signal++) {
		int is_ignored = (ignored & bit_of(signal)) != 0;
		struct action action;

		if (signal == SIGKILL || signal == 19)
			continue;
		action = action_of(signal);
		CHECK(action.handler == (is_ignored ? SIG_IGN : SIG_DFL));
		CHECK(is_ignored || (action.flags & SA_ONSTACK) == 0);
	}
}

static void check_signals(void)
{
	uint64_t mask = 0, pending = 0;
	struct alt_stack stack = {~0ul, ~0u, 0, ~0ul};

	check_actions(bit_of(SIGUSR2));
	CHECK(sys3(SYS_sigaltstack, 0, (long)&stack, 0) == 0);
	CHECK(stack.flags == SS_DISABLE && stack.base == 0 && stack.size == 0);
	/* A mask and what waits behind it go with the process into its next life. */
	CHECK(sys6(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&mask, 8, 0, 0) == 0);
	CHECK(mask == bit_of(SIGUSR1));
	CHECK(sys3(SYS_rt_sigpending, (long)&pending, 8, 0) == 0 && pending == bit_of(SIGUSR1));
}

void test_main(const uint64_t *stack)
{
	__asm__ volatile("fxsave64 %0" : "=m"(first_fpu));
	if (again_word(stack) == 0) {
		set_descriptors();
		set_signals();
		set_robust();
		set_registers();
		again(stack, 'b');
	}
	if (again_word(stack) == 'b') {
		check_registers();
		check_descriptors();
		check_signals();
		check_robust();
		/* Once more with nothing that would be kept. */
		set_action(SIGUSR2, (uint64_t)(uintptr_t)alternate);
		again(stack, 'c');
	}
	check_actions(0);
}
