/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions, ports and registers that are ring 0's. */
#include "user/attack/attack.h"

#define GP "SIGSEGV GP"
#define UD "SIGILL"

/* name, instruction, what must happen, protection, what Linux lets happen (NULL: the same) */
#define INSTRUCTIONS(X)                                                                            \
	X(cli, "cli", GP, "IOPL 0", NULL)                                                          \
	X(sti, "sti", GP, "IOPL 0", NULL)                                                          \
	X(hlt, "hlt", GP, "CPL 3", NULL)                                                           \
	X(lgdt, "lgdt -256(%%rsp)", GP, "CPL 3", NULL)                                             \
	X(lidt, "lidt -256(%%rsp)", GP, "CPL 3", NULL)                                             \
	X(lldt, "xor %%eax, %%eax; lldt %%ax", GP, "CPL 3", NULL)                                  \
	X(ltr, "mov $0x40, %%eax; ltr %%ax", GP, "CPL 3", NULL)                                    \
	X(lmsw, "xor %%eax, %%eax; lmsw %%ax", GP, "CPL 3", NULL)                                  \
	X(sgdt, "sgdt -256(%%rsp)", GP, "CR4.UMIP", "*")                                           \
	X(sidt, "sidt -256(%%rsp)", GP, "CR4.UMIP", "*")                                           \
	X(sldt, "sldt %%ax", GP, "CR4.UMIP", "*")                                                  \
	X(str, "str %%ax", GP, "CR4.UMIP", "*")                                                    \
	X(smsw, "smsw %%ax", GP, "CR4.UMIP", "*")                                                  \
	X(read_cr0, "mov %%cr0, %%rax", GP, "CPL 3", NULL)                                         \
	X(write_cr0, "xor %%eax, %%eax; mov %%rax, %%cr0", GP, "CPL 3", NULL)                      \
	X(read_cr2, "mov %%cr2, %%rax", GP, "CPL 3", NULL)                                         \
	X(read_cr3, "mov %%cr3, %%rax", GP, "CPL 3", NULL)                                         \
	X(write_cr3, "xor %%eax, %%eax; mov %%rax, %%cr3", GP, "CPL 3", NULL)                      \
	X(write_cr4, "xor %%eax, %%eax; mov %%rax, %%cr4", GP, "CPL 3", NULL)                      \
	X(write_cr8, "xor %%eax, %%eax; mov %%rax, %%cr8", GP, "CPL 3", NULL)                      \
	X(read_dr0, "mov %%dr0, %%rax", GP, "CPL 3", NULL)                                         \
	X(write_dr0, "mov %%rax, %%dr0", GP, "CPL 3", NULL)                                        \
	X(write_dr7, "mov $0x403, %%eax; mov %%rax, %%dr7", GP, "CPL 3", NULL)                     \
	X(rdmsr_efer, "mov $0xc0000080, %%ecx; rdmsr", GP, "CPL 3", NULL)                          \
	X(rdmsr_lstar, "mov $0xc0000082, %%ecx; rdmsr", GP, "CPL 3", NULL)                         \
	X(wrmsr_lstar, "mov $0xc0000082, %%ecx; wrmsr", GP, "CPL 3", NULL)                         \
	X(wrmsr_kernel_gs, "mov $0xc0000102, %%ecx; wrmsr", GP, "CPL 3", NULL)                     \
	X(rdpmc, "xor %%ecx, %%ecx; rdpmc", GP, "CR4.PCE clear", "*")                              \
	X(xsetbv, "xor %%ecx, %%ecx; mov $1, %%eax; xor %%edx, %%edx; xsetbv", GP, "CPL 3", NULL)  \
	X(invlpg, "invlpg (%%rsp)", GP, "CPL 3", NULL)                                             \
	X(invd, "invd", GP, "CPL 3", NULL)                                                         \
	X(wbinvd, "wbinvd", GP, "CPL 3", NULL)                                                     \
	X(clts, "clts", GP, "CPL 3", NULL)                                                         \
	X(swapgs, "swapgs", GP, "CPL 3", NULL)                                                     \
	X(sysret, "xor %%ecx, %%ecx; sysretq", GP, "CPL 3", NULL)                                  \
	X(sysexit, "sysexitq", "SIG*", "CPL 3", NULL)                                              \
	X(sysenter, "sysenter", "SIG*", "SYSENTER_CS 0", "*")                                      \
	X(rsm, "rsm", UD, "not in SMM", NULL)                                                      \
	X(vmcall, "vmcall", UD, "no VMX operation", "*")                                           \
	X(vmrun, "xor %%eax, %%eax; vmrun", "SIG*", "EFER.SVME clear", "*")                        \
	X(monitor, "mov %%rsp, %%rax; xor %%ecx, %%ecx; xor %%edx, %%edx; monitor", UD, "CPL 3",   \
	  NULL)                                                                                    \
	X(in_keyboard, "mov $0x60, %%edx; in %%dx, %%al", GP, "no I/O bitmap", NULL)               \
	X(in_pci, "mov $0xcf8, %%edx; in %%dx, %%eax", GP, "no I/O bitmap", NULL)                  \
	X(out_exit, "mov $0xf4, %%edx; mov $0x10, %%eax; out %%eax, %%dx", GP, "no I/O bitmap",    \
	  NULL)                                                                                    \
	X(out_reset, "mov $0xcf9, %%edx; mov $6, %%al; out %%al, %%dx", GP, "no I/O bitmap", NULL) \
	X(out_power, "mov $0x604, %%edx; mov $0x2000, %%ax; out %%ax, %%dx", GP, "no I/O bitmap",  \
	  NULL)                                                                                    \
	X(out_last_port, "mov $0xffff, %%edx; out %%al, %%dx", GP, "no I/O bitmap", NULL)          \
	X(ins, "mov $0x60, %%edx; lea -64(%%rsp), %%rdi; insb", GP, "no I/O bitmap", NULL)         \
	X(outs, "mov $0xf4, %%edx; mov %%rsp, %%rsi; outsb", GP, "no I/O bitmap", NULL)            \
	X(iret_ring0, "push $0x18; push %%rsp; pushf; push $0x10; push $0; iretq", "SIG*",         \
	  "CPL 3", NULL)

#define FUNCTION(name, text, expect, by, linux_too)                                     \
	static void do_##name(void)                                                     \
	{                                                                               \
		__asm__ volatile(text ::: "rax", "rcx", "rdx", "rsi", "rdi", "memory"); \
	}
INSTRUCTIONS(FUNCTION)

static void raise_iopl(void)
{
	saw_answer(syscall(SYS_iopl, 3));
}

static void open_ports(void)
{
	saw_answer(syscall(SYS_ioperm, 0xf4, 4, 1));
}

#define ROW(name, text, expect, by, linux_too) \
	{"privileged/" #name, do_##name, expect, by, linux_too, false},

const struct attack privileged_attacks[] = {
	INSTRUCTIONS(ROW){"privileged/iopl", raise_iopl, "ENOSYS", "no such call", "E*", false},
	{"privileged/ioperm", open_ports, "ENOSYS", "no such call", "E*", false},
	ATTACKS_END,
};
