/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks whose floor is not part of this build yet: whoever adds that floor's file takes its line
 * out of here (the linker says so). None can be reached before that floor exists.
 */
#include "kernel/core/panic.h"
#include "kernel/x86/trap_hooks.h"

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
