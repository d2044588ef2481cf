/* SPDX-License-Identifier: BSD-2-Clause */
/* Flags that ring 3 can set, taken into the kernel: each must come back, and do nothing there. */
#include <sys/utsname.h>
#include <ucontext.h>

#include "user/attack/attack.h"

#define FLAGS_BASE 0x202UL
#define FLAG_TF    (1UL << 8)
#define FLAG_DF    (1UL << 10)
#define FLAG_NT    (1UL << 14)
#define FLAG_AC    (1UL << 18)

static uint64_t flags_after;

static long call_with(uint64_t flags, long number, uint64_t first)
{
	__asm__ volatile("push %3; popf; syscall; pushf; pop %1; push $0x202; popf"
			 : "+a"(number), "=r"(flags_after)
			 : "D"(first), "r"(flags)
			 : "rcx", "r11", "memory", "cc");
	return number;
}

/* A front and a back around what uname fills, which a kernel with DF set would hit. */
static uint8_t buffer[64 + sizeof(struct utsname) + 64];

static bool filled_well(void)
{
	for (size_t i = 0; i < 64; i++)
		if (buffer[i] != 0x5c || buffer[sizeof(buffer) - 1 - i] != 0x5c)
			return false;
	return !memcmp(buffer + 64, "Linux", 6);
}

static void take_along(uint64_t flag)
{
	uint64_t flags = FLAGS_BASE | flag;
	bool good = true;

	for (int i = 0; i < 100 && good; i++) {
		memset(buffer, 0x5c, sizeof(buffer));
		good = call_with(flags, SYS_uname, (uint64_t)buffer + 64) == 0 && filled_well() &&
		       flags_after == flags;
		good = good && call_with(flags, SYS_uname, KERNEL_TEXT) == -EFAULT &&
		       flags_after == flags;
	}
	saw(good ? "calls as ever, the flag comes back" : "a call went wrong");
}

static void df(void)
{
	take_along(FLAG_DF);
}

static void nt(void)
{
	take_along(FLAG_NT);
}

static void ac(void)
{
	take_along(FLAG_AC);
}

static volatile int traps, traps_in_kernel;

static void on_trap(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	traps++;
	traps_in_kernel +=
		(uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] >= USER_LIMIT;
}

static void tf(void)
{
	struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};

	sigaction(SIGTRAP, &action, NULL);
	memset(buffer, 0x5c, sizeof(buffer));
	if (call_with(FLAGS_BASE | FLAG_TF, SYS_uname, (uint64_t)buffer + 64) || !filled_well())
		saw("the call went wrong");
	saw(traps && !traps_in_kernel ? "steps in ring 3 only" : "steps in ring 0");
}

static void iopl(void)
{
	__asm__ volatile("push $0x3202; popf; cli" ::: "memory", "cc");
}

static void interrupts_off(void)
{
	uint64_t flags;

	__asm__ volatile("push $2; popf; pushf; pop %0" : "=r"(flags)::"memory", "cc");
	saw(flags & 0x200 ? "IF stays set" : "IF is clear");
}

/* VM, VIF, VIP and RF cannot be had by POPF either. */
static void virtual_mode(void)
{
	uint64_t flags;

	__asm__ volatile("pushf; pop %0; or $0x1b0000, %0; push %0; popf; pushf; pop %0"
			 : "=&r"(flags)::"memory", "cc");
	saw(flags & 0x1b0000 ? "one of them is set" : "none of them is set");
}

/* A fault from ring 3 with all of them set at once, and the way back by a handler. */
static void fault_with_all(void)
{
	uint64_t value = 0;

	__asm__ volatile("push %1; popf; mov (%0), %0"
			 : "+r"(value)
			 : "r"(FLAGS_BASE | FLAG_DF | FLAG_NT | FLAG_AC)
			 : "memory", "cc");
}

const struct attack flags_attacks[] = {
	{"flags/df", df, "calls as ever*", "SFMASK, CLD at entries", NULL, false},
	{"flags/nt", nt, "calls as ever*", "SFMASK", NULL, false},
	{"flags/ac", ac, "calls as ever*", "SFMASK, CLAC at entries", NULL, false},
	{"flags/tf", tf, "steps in ring 3 only", "SFMASK, own #DB stack", NULL, false},
	{"flags/iopl", iopl, "SIGSEGV GP", "POPF keeps IOPL at CPL 3", NULL, false},
	{"flags/if", interrupts_off, "IF stays set", "POPF keeps IF at CPL 3", NULL, false},
	{"flags/vm_vif_vip_rf", virtual_mode, "none*", "POPF keeps them", NULL, false},
	{"flags/fault_with_all", fault_with_all, "SIG*", "flags cleaned at entry", NULL, false},
	ATTACKS_END,
};
