/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks whose floor is not part of this build yet: whoever adds that floor's file takes its line
 * out of here (the linker says so). None can be reached before that floor exists.
 */
#include "kernel/core/panic.h"
#include "kernel/x86/trap_hooks.h"

/* proc */
void trap_user_exception(struct trapframe *frame, unsigned vector, uint64_t address)
{
	panic_trap(frame, "exception %u of ring 3 at %llx without processes", vector,
		   (unsigned long long)address);
}

/* proc */
void return_to_user_work(struct trapframe *frame)
{
	panic_trap(frame, "work without processes");
}

/* syscall */
void syscall_linux(struct trapframe *frame)
{
	panic_trap(frame, "system call without processes");
}

/* syscall */
void syscall_native_gate(struct trapframe *frame)
{
	panic_trap(frame, "native call without processes");
}
