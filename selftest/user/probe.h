/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Accesses that may fault: a handler notes the signal and goes on behind the instruction. */
#include "selftest/user/signals.h"

enum probe_kind { PROBE_READ, PROBE_WRITE, PROBE_EXEC };

/* Of the last probe; signo is 0 when nothing happened. */
struct probe_result {
	int signo, code;
	uint64_t address, error;
};
static volatile struct probe_result probed;

/* Where a handler resumes and with which stack; written by the probing code itself. */
uint64_t probe_resume, probe_rsp;

static void on_probe(int signo, struct info *info, struct context *context)
{
	probed.signo = signo;
	probed.code = info->code;
	probed.address = info->address;
	probed.error = context->gregs[G_ERROR];
	context->gregs[G_RIP] = probe_resume;
	context->gregs[G_RSP] = probe_rsp;
	context->gregs[G_FLAGS] &= ~0x44500ul; /* TF, DF, NT, AC */
}

static inline int probe_begin(void)
{
	static const int all[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (handle(all[i], on_probe, SA_ONSTACK) != 0)
			return 0;
	return 1;
}

/* @code may fault anywhere; it must leave the stack pointer as it was when it does not. */
#define PROBE(code, ...)                                                        \
	do {                                                                    \
		probed.signo = 0;                                               \
		__asm__ volatile("lea 99f(%%rip), %%rax\n"                      \
				 "mov %%rax, probe_resume(%%rip)\n"             \
				 "mov %%rsp, probe_rsp(%%rip)\n" code "\n99:"   \
				 :                                              \
				 : __VA_ARGS__                                  \
				 : "rax", "rcx", "rdx", "r11", "memory", "cc"); \
	} while (0)

/* Return: the signal, or 0. A write changes nothing; what is executed should return at once. */
static inline int probe(uint64_t at, enum probe_kind kind)
{
	if (kind == PROBE_READ)
		PROBE("movb (%0), %%cl", "r"(at));
	else if (kind == PROBE_WRITE)
		PROBE("orb $0, (%0)", "r"(at));
	else
		PROBE("call *%0", "r"(at));
	return probed.signo;
}

/* Nothing happens, or SIGSEGV at that very address with this code. */
static inline int gives(const void *at, enum probe_kind kind, int code)
{
	uint64_t address = (uint64_t)(uintptr_t)at;
	int signal = probe(address, kind);

	if (!code)
		return signal == 0;
	return signal == SIGSEGV && probed.code == code && probed.address == address;
}

/* May be read and written, and not executed: its first byte is a return. */
static inline int is_data(void *at)
{
	*(volatile uint8_t *)at = 0xc3;
	return gives(at, PROBE_READ, 0) && gives(at, PROBE_WRITE, 0) &&
	       gives(at, PROBE_EXEC, SEGV_ACCERR);
}
