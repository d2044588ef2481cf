/* SPDX-License-Identifier: BSD-2-Clause */
/* From the number to the function. */
#include "kernel/core/log.h"
#include "kernel/lib/compiler.h"
#include "kernel/x86/trap_hooks.h"
#include "proc/process.h"
#include "syscall/syscalls.h"

#define LINUX_END  512u
#define NATIVE_END 4u

typedef int64_t syscall_fn(struct trapframe *frame);

static syscall_fn *const linux_calls[LINUX_END] = {
#define SYSCALL(nr, name, ...) [nr] = sys_##name,
#include "syscall/syscalls.def"
#undef SYSCALL
};

static syscall_fn *const native_calls[NATIVE_END] = {
#define SYSCALL(nr, name, ...) [(nr)-SYSCALL_NATIVE_FIRST] = sys_##name,
#include "syscall/native.def"
#undef SYSCALL
};

/* What a program asked for in vain is what users ask about first: said once a number. */
static int64_t missing(uint32_t number)
{
	static uint64_t said[LINUX_END / 64];
	struct thread *self = thread_self();

	/* A test tries them all; nobody asks about those. */
	if (process_current()->flags & PROCESS_TEST)
		return ERR_NOSYS;
	if (number < LINUX_END && !(said[number / 64] >> number % 64 & 1)) {
		said[number / 64] |= 1ull << number % 64;
		log_warn("syscall", "%s asked for system call %u, which is not there", self->name,
			 number);
	}
	return ERR_NOSYS;
}

static int64_t call_slow(struct trapframe *frame, uint32_t number)
{
	uint32_t native = number - SYSCALL_NATIVE_FIRST;

	if (native < NATIVE_END && native_calls[native])
		return native_calls[native](frame);
	return missing(number);
}

/* An interrupted call goes on, or not, at the return to ring 3: make it look there. */
static void look_at_signals(void)
{
	thread_interrupt(thread_self(), THREAD_SIGNAL);
}

void syscall_linux(struct trapframe *frame)
{
	uint32_t number = (uint32_t)frame->error;
	int64_t result;

	if (likely(number < LINUX_END && linux_calls[number]))
		result = linux_calls[number](frame);
	else
		result = call_slow(frame, number);
	frame->rax = (uint64_t)result;
	if (unlikely(result == ERR_RESTARTSYS || result == ERR_RESTARTNOHAND))
		look_at_signals();
}

void syscall_native_gate(struct trapframe *frame)
{
	uint32_t native = (uint32_t)frame->error - SYSCALL_NATIVE_FIRST;
	int64_t result = ERR_NOSYS;

	if (native < NATIVE_END && native_calls[native])
		result = native_calls[native](frame);
	frame->rax = (uint64_t)result;
}
