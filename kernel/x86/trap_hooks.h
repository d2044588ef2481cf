/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the entry code calls in higher floors; each is defined by exactly one file up there. */
#include "kernel/lib/compiler.h"

#include "kernel/x86/trapframe.h"

/*
 * mm/space/fault.c. A page fault of ring 3, or of a user copy that may fault in; `address` is below
 * the end of the user half. Context: interrupts as in the interrupted code; may sleep for ring 3.
 * Return: true = resolved, go on; false = ring 3 gets trap_user_exception(), a copy its fixup.
 */
bool trap_page_fault(struct trapframe *frame, uint64_t address);

/* proc. Ring 3 raised an exception (page faults: address = CR2, else 0). Interrupts are on. */
void trap_user_exception(struct trapframe *frame, unsigned vector, uint64_t address);

/* core/panic. An exception in ring 0 that nobody expected. Interrupts are off, any stack. */
__noreturn void trap_kernel_fatal(struct trapframe *frame, unsigned vector, uint64_t address);

/* core/irq. A device, timer or inter-processor interrupt. Interrupts off, on the IRQ stack. */
void trap_irq(unsigned vector);

/* syscall/. frame->error = number; the result goes to frame->rax. Interrupts on. */
void syscall_linux(struct trapframe *frame);
/* syscall/. `int 0x80`: native calls only. Interrupts on. */
void syscall_native_gate(struct trapframe *frame);

/*
 * proc. The current thread's work word is not zero at a return to ring 3. Called again until it
 * is zero. Interrupts are off on entry and on return; may enable them and sleep in between.
 */
void return_to_user_work(struct trapframe *frame);
