/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors, gates and bases: no way to ring 0, to 32-bit code or to another's GS. */
#include "user/attack/attack.h"

#define USER_CS     0x33
#define LINUX_CALLS 450

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002

static bool load_rights(uint32_t selector, uint32_t *rights)
{
	bool visible;

	__asm__ volatile("lar %2, %0; setz %1"
			 : "=&r"(*rights), "=q"(visible)
			 : "r"(selector)
			 : "cc");
	return visible;
}

/* User's, of privilege level 3, and code only for 64 bits. */
static bool is_harmless(uint32_t rights)
{
	bool code = rights & 0x800;

	return (rights & 0x1000) && (rights >> 13 & 3) == 3 &&
	       (!code || ((rights & 0x200000) && !(rights & 0x400000)));
}

static void visible_descriptors(void)
{
	uint32_t rights, seen = 0, harmless = 0;

	for (uint32_t s = 0; s < 65536; s++)
		if (load_rights(s, &rights)) {
			seen++;
			harmless += is_harmless(rights);
		}
	if (seen != harmless)
		saw("%u of %u descriptors are not ring 3's", seen - harmless, seen);
	saw("all %u visible are ring 3's", seen);
}

static void load_es(uint64_t selector)
{
	__asm__ volatile("mov %0, %%es" ::"r"(selector));
}

static void load_all(void)
{
	uint32_t wrong = 0, rights;

	for (uint32_t s = 3; s < 65536; s += 4)
		wrong += faults(load_es, s) != (s >= 4 && !load_rights(s, &rights));
	saw("%u wrongly loaded of 16384", wrong);
}

/* Behind the jump: whether this is still 64-bit code, and of which selector. */
static void far_jump(uint64_t selector)
{
	struct __attribute__((packed)) {
		uint32_t offset;
		uint16_t selector;
	} target = {0, (uint16_t)selector};

	__asm__ volatile("lea 1f(%%rip), %%rcx; mov %%ecx, (%0); ljmp *(%0); 1: mov %%cs, %%ecx;"
			 ".byte 0x48, 0x90; cmp $0x33, %%ecx; je 2f; ud2; 2:" ::"r"(&target)
			 : "rcx", "memory");
}

static void far_jumps(void)
{
	uint32_t passed = 0, others = 0;

	for (uint32_t s = 0; s < 2048; s++)
		if (!faults(far_jump, s)) {
			passed++;
			others += (s & ~3u) != (USER_CS & ~3u);
		}
	saw("%u pass, %u to other code than its own", passed, others);
}

/* Eight bytes a vector: int n; ret, and five to fill up. */
void attack_vectors(void);
__asm__(".text\n.balign 8\n"
	"attack_vectors:\n"
	".set vector, 0\n"
	".rept 256\n"
	"	.byte 0xcd, vector, 0xc3, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc\n"
	"	.set vector, vector + 1\n"
	".endr\n");

static void raise_vector(uint64_t vector)
{
	__asm__ volatile("call *%0" ::"r"((uint64_t)attack_vectors + vector * 8), "a"(~0u)
			 : "memory");
}

static void gates(void)
{
	size_t refused = 0;

	for (uint64_t v = 0; v < 256; v++)
		refused += faults(raise_vector, v) && fault.signo == SIGSEGV;
	saw_count(refused, 256, "vectors refused");
}

static long call_gate(long number)
{
	__asm__ volatile("int $0x80" : "+a"(number)::"memory");
	return number;
}

static void linux_by_gate(void)
{
	size_t refused = 0;

	for (long number = 0; number < LINUX_CALLS; number++)
		refused += call_gate(number) == -ENOSYS;
	saw_count(refused, LINUX_CALLS, "calls are ENOSYS");
}

static void icebp(void)
{
	__asm__ volatile(".byte 0xf1");
}

static void local_table(void)
{
	uint32_t entry[4] = {0, 0, 0xfffff, 0x51};

	saw_answer(syscall(SYS_modify_ldt, 1, entry, sizeof(entry)));
}

static void set_gs(void)
{
	saw_answer(syscall(SYS_arch_prctl, ARCH_SET_GS, KERNEL_HALF));
}

static void set_fs(void)
{
	saw_answer(syscall(SYS_arch_prctl, ARCH_SET_FS, KERNEL_TEXT));
}

/* As if it were the kernel's own base, when calls, faults and interrupts come. */
static void write_gs(void)
{
	static volatile uint64_t none;
	bool good = true;

	__asm__ volatile("wrgsbase %0" ::"r"(KERNEL_HALF));
	for (int i = 0; i < 1000; i++)
		good &= getppid() > 0;
	none = (uint64_t)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			      0);
	*(volatile char *)none = 1;
	saw(good ? "calls and faults as ever" : "a call went wrong");
}

static void read_by_gs(void)
{
	__asm__ volatile("wrgsbase %0; mov %%gs:0x28, %%rax" ::"r"(KERNEL_HALF) : "rax");
}

const struct attack segments_attacks[] = {
	{"segments/lar_all_65536", visible_descriptors, "all * visible are ring 3's",
	 "no other descriptors", "*", false},
	{"segments/load_16384", load_all, "0 wrongly loaded of 16384", "descriptor table ends",
	 NULL, false},
	{"segments/far_jump_2048", far_jumps, "4 pass, 0 to other code than its own",
	 "one code descriptor", "*", false},
	{"segments/int_256", gates, "254 of 256 vectors refused", "gates' DPL 0", "*", false},
	{"segments/int_0x80", linux_by_gate, "450 of 450 calls are ENOSYS", "native calls only",
	 "*", false},
	{"segments/icebp", icebp, "SIG*", "own #DB stack", NULL, false},
	{"segments/modify_ldt", local_table, "ENOSYS", "no such call", "*", false},
	{"segments/gs_into_kernel", set_gs, "EPERM", "base must be ring 3's", NULL, false},
	{"segments/fs_into_kernel", set_fs, "EPERM", "base must be ring 3's", NULL, false},
	{"segments/wrgsbase", write_gs, "calls and faults as ever", "SWAPGS by CPL, never by value",
	 NULL, false},
	{"segments/read_by_gs", read_by_gs, "SIGSEGV MAPERR", "supervisor pages", NULL, false},
	ATTACKS_END,
};
