/* SPDX-License-Identifier: BSD-2-Clause */
/* Signal frames that lie, and ways back to ring 3 that SYSRET must not take. */
#include <ucontext.h>

#include "user/attack/attack.h"

#define NON_CANONICAL 0x8000000000000000UL
#define FLAG_TF       0x100UL
#define FLAGS_NEVER   0x1a3000UL /* IOPL, VM, VIF, VIP */

struct forgery {
	int field;
	uint64_t value;
};

/* cs in the low 16 bits, then gs, fs, ss. */
#define SELECTORS(cs, ss) ((uint64_t)(ss) << 48 | (cs))

static const struct forgery selectors[] = {
	{REG_CSGSFS, SELECTORS(0x10, 0x2b)}, {REG_CSGSFS, SELECTORS(0x13, 0x2b)},
	{REG_CSGSFS, SELECTORS(0x08, 0x2b)}, {REG_CSGSFS, SELECTORS(0x33, 0x18)},
	{REG_CSGSFS, SELECTORS(0x10, 0x18)}, {REG_CSGSFS, SELECTORS(0, 0)},
	{REG_CSGSFS, SELECTORS(0x38, 0x2b)}, {REG_CSGSFS, SELECTORS(0x33, 0x38)},
	{REG_CSGSFS, SELECTORS(0x30, 0x28)}, {REG_CSGSFS, SELECTORS(0x23, 0x2b)},
	{REG_CSGSFS, SELECTORS(0x37, 0x2f)}, {REG_CSGSFS, UINT64_MAX},
};

static const struct forgery flags[] = {
	{REG_EFL, 0x3202},
	{REG_EFL, 0x1202},
	{REG_EFL, 2},
	{REG_EFL, 0},
	{REG_EFL, 0x20202},
	{REG_EFL, 0x4202},
	{REG_EFL, 0x80202},
	{REG_EFL, 0x100202},
	{REG_EFL, 0x10202},
	{REG_EFL, 0x40202},
	{REG_EFL, 0xffffffff00000202},
	{REG_EFL, UINT64_MAX & ~FLAG_TF},
};

static const struct forgery targets[] = {
	{REG_RIP, KERNEL_HALF},   {REG_RIP, KERNEL_TEXT}, {REG_RIP, UINT64_MAX},
	{REG_RIP, NON_CANONICAL}, {REG_RIP, USER_LIMIT},  {REG_RIP, USER_LIMIT + PAGE},
	{REG_RIP, 1UL << 47},     {REG_RIP, 0},
};

static const struct forgery stacks[] = {
	{REG_RSP, KERNEL_HALF + 64},
	{REG_RSP, KERNEL_TEXT},
	{REG_RSP, NON_CANONICAL},
	{REG_RSP, UINT64_MAX - 7},
	{REG_RSP, USER_LIMIT + PAGE},
	{REG_RSP, 1UL << 47},
	{REG_RSP, 8},
};

static const struct forgery *chosen;

struct landing {
	uint64_t cs, ss, flags;
};
struct landing attack_landing;

/* Where forged frames go to: what the registers hold, before any C code. */
void attack_landing_pad(void), attack_landing_push(void);
__asm__(".text\n"
	"attack_landing_pad:\n"
	"	mov %cs, %eax; mov %rax, attack_landing(%rip)\n"
	"	mov %ss, %eax; mov %rax, attack_landing+8(%rip)\n"
	"	pushf; pop attack_landing+16(%rip)\n"
	"	push $2; popf\n"
	"	and $-16, %rsp\n"
	"	call attack_landed\n"
	"attack_landing_push:\n"
	"	push %rax\n"
	"	ud2\n");

void attack_landed(void);
__attribute__((used)) void attack_landed(void)
{
	bool clean = (attack_landing.cs & 0xffff) == 0x33 && (attack_landing.ss & 0xffff) == 0x2b &&
		     !(attack_landing.flags & FLAGS_NEVER) && (attack_landing.flags & 0x200);

	saw(clean ? "ring 3" : "cs %lx ss %lx flags %lx", attack_landing.cs, attack_landing.ss,
	    attack_landing.flags);
}

static void on_forge(int signo, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	bool stack = chosen->field == REG_RSP;

	(void)signo;
	(void)info;
	registers[REG_RIP] = (greg_t)(stack ? attack_landing_push : attack_landing_pad);
	registers[chosen->field] = (greg_t)chosen->value;
}

static void forge(long forgery)
{
	struct sigaction action = {.sa_sigaction = on_forge, .sa_flags = SA_SIGINFO};

	chosen = (const struct forgery *)forgery;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

/* How many end as they must: in ring 3 and clean, or by a fault. */
static void try_all(const struct forgery *table, size_t n, bool run_on, const char *what)
{
	size_t good = 0;

	for (size_t i = 0; i < n; i++) {
		const char *came = outcome_of(forge, (long)&table[i]);
		bool faulted = !strncmp(came, "SIGSEGV", 7) || !strncmp(came, "SIGBUS", 6);

		good += run_on ? !strcmp(came, "ring 3") : faulted;
	}
	saw_count(good, n, what);
}

static void forged_selectors(void)
{
	try_all(selectors, COUNT_OF(selectors), true, "go on in ring 3");
}

static void forged_flags(void)
{
	try_all(flags, COUNT_OF(flags), true, "go on, flags clean");
}

static void forged_targets(void)
{
	try_all(targets, COUNT_OF(targets), false, "fault");
}

static void forged_stacks(void)
{
	try_all(stacks, COUNT_OF(stacks), false, "fault");
}

/* rt_sigreturn on a stack that holds no frame. */
static void return_from(long stack)
{
	__asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall; ud2" ::"r"(stack) : "memory");
}

static void no_frame(void)
{
	static const uint64_t places[] = {0,           8,           USER_LIMIT,    USER_LIMIT - 8,
					  KERNEL_HALF, KERNEL_TEXT, NON_CANONICAL, UINT64_MAX - 7};
	size_t good = 0;

	for (size_t i = 0; i < COUNT_OF(places); i++)
		good += !strncmp(outcome_of(return_from, (long)places[i]), "SIGSEGV", 7);
	saw_count(good, COUNT_OF(places), "SIGSEGV");
}

static void on_mask(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	memset(&((ucontext_t *)context)->uc_sigmask, 0xff, 8);
}

static void unkillable(void)
{
	struct sigaction action = {.sa_sigaction = on_mask, .sa_flags = SA_SIGINFO};
	pid_t pid = fork();

	if (pid == 0) {
		sigaction(SIGUSR1, &action, NULL);
		raise(SIGUSR1);
		for (;;)
			pause();
	}
	kill(pid, SIGKILL);
	saw(status_of(pid) == SIGKILL ? "killed all the same" : "not killed");
}

/* The bits of the saved vector state that no XRSTOR takes. */
static void on_state(int signo, siginfo_t *info, void *context)
{
	uint8_t *state = (uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs;

	(void)signo;
	(void)info;
	if (!state)
		return;
	memset(state + 24, 0xff, 4);   /* MXCSR */
	memset(state + 512, 0xff, 64); /* the XSAVE header */
}

static void forged_state(void)
{
	struct sigaction action = {.sa_sigaction = on_state, .sa_flags = SA_SIGINFO};

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	saw("goes on");
}

/* SYSCALL as the last bytes that can be mapped: the return address is the first that is not. */
static void last_bytes(void)
{
	uint8_t *page = mmap((void *)(USER_LIMIT - PAGE), PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (page == MAP_FAILED)
		saw_answer(-1);
	memcpy(page + PAGE - 2, "\x0f\x05", 2);
	if (mprotect(page, PAGE, PROT_READ | PROT_EXEC))
		saw_answer(-1);
	__asm__ volatile("jmp *%0" ::"r"(page + PAGE - 2), "a"(SYS_getpid) : "rcx", "r11");
}

static void page_at_the_gap(void)
{
	saw_answer((long)mmap((void *)USER_LIMIT, PAGE, PROT_READ | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

/* A handler's own address that is not canonical: delivered by the same way back. */
static void wild_handler(void)
{
	struct sigaction action = {.sa_handler = (void (*)(int))NON_CANONICAL};

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

/* A handler on a stack that is not memory. */
static void odd_stack(long place)
{
	stack_t stack = {.ss_sp = (void *)place, .ss_size = 8192};
	struct sigaction action = {.sa_sigaction = on_mask, .sa_flags = SA_ONSTACK | SA_SIGINFO};

	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void odd_stacks(void)
{
	static const uint64_t places[] = {8192, USER_LIMIT, KERNEL_HALF, -8192UL, NON_CANONICAL};
	size_t good = 0;

	for (size_t i = 0; i < COUNT_OF(places); i++)
		good += !strcmp(outcome_of(odd_stack, (long)places[i]), "SIGSEGV");
	saw_count(good, COUNT_OF(places), "SIGSEGV");
}

#define FRAME_BY "sigreturn forces CS, SS, flags"

const struct attack frames_attacks[] = {
	{"frames/cs_ss", forged_selectors, "12 of 12 go on in ring 3", FRAME_BY, "*", false},
	{"frames/flags", forged_flags, "12 of 12 go on, flags clean", FRAME_BY, "*", false},
	{"frames/rip", forged_targets, "8 of 8 fault", "IRETQ unless RIP is safe", "*", false},
	{"frames/rsp", forged_stacks, "7 of 7 fault", "ring 0 never uses user RSP", NULL, false},
	{"frames/no_frame", no_frame, "8 of 8 SIGSEGV", "range check", NULL, false},
	{"frames/block_sigkill", unkillable, "killed all the same", "mask without SIGKILL", NULL,
	 false},
	{"frames/vector_state", forged_state, "SIGSEGV*", "state checked before XRSTOR", NULL,
	 false},
	{"frames/odd_stacks", odd_stacks, "5 of 5 SIGSEGV", "range check", NULL, false},
	{"frames/syscall_at_the_end", last_bytes, "SIGSEGV MAPERR", "SYSRET only below the limit",
	 NULL, false},
	{"frames/map_the_last_page", page_at_the_gap, "ENOMEM", "user limit", NULL, false},
	{"frames/wild_handler", wild_handler, "SIGSEGV*", "SYSRET only if canonical", NULL, false},
	ATTACKS_END,
};
