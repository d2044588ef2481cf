/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M5-05 and P-M6-05: a handler edits its frame in every way that could reach the kernel. Each
 * variant runs in a child, which ends by a signal or goes on as ring 3 with clean registers.
 */
#include "selftest/user/signals.h"

#define KERNEL_HALF   0xffff800000000000ul
#define KERNEL_IMAGE  0xffffffff80000000ul
#define NON_CANONICAL 0x8000000000000000ul
#define USER_LIMIT    0x7ffffffff000ul

#define FLAG_TF     0x100ul
#define FLAG_IF     0x200ul
#define FLAGS_CLEAR 0x1a3000ul /* IOPL, VM, VIF, VIP: never ring 3's */

#define FAULTED -1 /* by SIGSEGV or SIGBUS */

struct variant {
	enum greg field;
	uint64_t value;
	int want; /* 0: goes on; a signal; FAULTED */
};

/* Selectors: cs in the low 16 bits, then gs, fs, ss. */
#define SELECTORS(cs, ss) ((uint64_t)(ss) << 48 | (cs))

static const struct variant variants[] = {
	{G_SELECTORS, SELECTORS(0x10, 0x2b), 0},
	{G_SELECTORS, SELECTORS(0x13, 0x2b), 0},
	{G_SELECTORS, SELECTORS(0x08, 0x2b), 0},
	{G_SELECTORS, SELECTORS(0x33, 0x18), 0},
	{G_SELECTORS, SELECTORS(0x33, 0x10), 0},
	{G_SELECTORS, SELECTORS(0x10, 0x18), 0},
	{G_SELECTORS, SELECTORS(0, 0), 0},
	{G_SELECTORS, SELECTORS(0x38, 0x2b), 0},
	{G_SELECTORS, SELECTORS(0x33, 0x38), 0},
	{G_SELECTORS, SELECTORS(0x30, 0x28), 0},
	{G_SELECTORS, SELECTORS(0xfffc, 0xfffc), 0},
	{G_SELECTORS, SELECTORS(0x37, 0x2f), 0}, /* the same numbers in an LDT */
	{G_SELECTORS, UINT64_MAX, 0},
	{G_FLAGS, 0x3202, 0},   /* IOPL 3 */
	{G_FLAGS, 0x1202, 0},   /* IOPL 1 */
	{G_FLAGS, 0x0002, 0},   /* IF clear */
	{G_FLAGS, 0, 0},        /* the fixed bit clear, too */
	{G_FLAGS, 0x20202, 0},  /* VM */
	{G_FLAGS, 0x4202, 0},   /* NT */
	{G_FLAGS, 0x80202, 0},  /* VIF */
	{G_FLAGS, 0x100202, 0}, /* VIP */
	{G_FLAGS, 0x10202, 0},  /* RF */
	{G_FLAGS, 0x40202, 0},  /* AC */
	{G_FLAGS, 0xffffffff00000202, 0},
	{G_FLAGS, UINT64_MAX & ~FLAG_TF, 0},
	{G_FLAGS, UINT64_MAX, SIGTRAP},
	{G_RIP, KERNEL_HALF, FAULTED},
	{G_RIP, KERNEL_IMAGE, FAULTED},
	{G_RIP, UINT64_MAX, FAULTED},
	{G_RIP, NON_CANONICAL, FAULTED},
	{G_RIP, USER_LIMIT, FAULTED},
	{G_RIP, USER_LIMIT + PAGE, FAULTED},
	{G_RIP, 0, FAULTED},
	{G_RSP, KERNEL_HALF + 64, FAULTED},
	{G_RSP, KERNEL_IMAGE, FAULTED},
	{G_RSP, NON_CANONICAL, FAULTED},
	{G_RSP, UINT64_MAX - 7, FAULTED},
	{G_RSP, USER_LIMIT + PAGE, FAULTED},
	{G_RSP, 0, FAULTED},
	{G_RSP, 8, FAULTED},
};
_Static_assert(sizeof(variants) / sizeof(variants[0]) == 40, "the row says 40");

static const struct variant *chosen;
static int is_linux;

struct landing {
	uint64_t cs, ss, flags;
} landing;

/* Where most forged frames go to: what the registers hold, before any C code. */
void landing_pad(void);
__asm__(".text\n"
	"landing_pad:\n"
	"	mov %cs, %eax; mov %rax, landing(%rip)\n"
	"	mov %ss, %eax; mov %rax, landing+8(%rip)\n"
	"	pushf; pop landing+16(%rip)\n"
	"	push $2; popf\n"
	"	and $-16, %rsp\n"
	"	call landed\n");

/* Nothing but the stack pointer is wrong: the push shows it. */
void landing_push(void);
__asm__(".text\n"
	"landing_push:\n"
	"	push %rax\n"
	"	ud2\n");

__attribute__((used)) static void landed(void)
{
	child_check((landing.cs & 0xffff) == 0x33, 2);
	child_check((landing.ss & 0xffff) == 0x2b, 3);
	child_check(!(landing.flags & FLAGS_CLEAR), 4);
	child_check(landing.flags & FLAG_IF, 5);
	sys_exit(0);
}

static void on_forge(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)info;
	context->gregs[G_RIP] =
		(uint64_t)(uintptr_t)(chosen->field == G_RSP ? landing_push : landing_pad);
	context->gregs[chosen->field] = chosen->value;
}

static void forge(long index)
{
	chosen = &variants[index];
	handle(SIGUSR1, on_forge, 0);
	kill_self(SIGUSR1);
	sys_exit(6);
}

static int died_as_wanted(int status, int want)
{
	int signal = killed_by(status);

	/* Linux loads some selectors as they are and lets the CPU refuse them. */
	if (is_linux && signal)
		return signal == SIGSEGV || signal == SIGBUS || signal == SIGTRAP ||
		       signal == SIGILL;
	if (want == FAULTED)
		return signal == SIGSEGV || signal == SIGBUS;
	return want ? signal == want : status == 0;
}

/* rt_sigreturn on a stack that holds no frame. */
static void return_from(long stack)
{
	__asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall; ud2" ::"r"(stack) : "memory");
}

static void misplaced_frames(void)
{
	static const uint64_t places[] = {0,
					  8,
					  PAGE,
					  USER_LIMIT,
					  USER_LIMIT - 8,
					  KERNEL_HALF,
					  KERNEL_IMAGE,
					  NON_CANONICAL,
					  UINT64_MAX - 7};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		CHECK(killed_by(run_child(return_from, (long)places[i])) == SIGSEGV);
}

/* The blocked mask of a frame never holds SIGKILL and SIGSTOP. */
static void on_mask(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)info;
	context->mask = UINT64_MAX;
}

static void mask_everything(void)
{
	uint64_t mask = 0;

	CHECK(handle(SIGUSR1, on_mask, 0) == 0);
	CHECK(kill_self(SIGUSR1) == 0);
	CHECK(mask_change(SIG_SETMASK, 0, &mask) == 0);
	CHECK(mask == ~(bit(SIGKILL) | bit(SIGSTOP)));
}

/* A handler that edits nothing: the way back must work at all. */
static void on_nothing(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)info;
	(void)context;
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	is_linux = sys0(SYS_native_yield) == -ENOSYS;
	CHECK(handle(SIGUSR1, on_nothing, 0) == 0);
	CHECK(kill_self(SIGUSR1) == 0);
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		CHECK(died_as_wanted(run_child(forge, (long)i), variants[i].want));
	misplaced_frames();
	mask_everything();
}
