/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the scheduler asks of the floors above; defined once each, in proc/ unless said. */

struct thread;

/**
 * @thread has done its last switch: nobody runs on its stack any more.
 * Context: another thread, just switched to, interrupts off: no sleep; spinlocks of kind IRQ only.
 * Typically links it into a list and wakes whoever frees it.
 */
void thread_reap(struct thread *thread);

/** The last words of a CPU that leaves; in mm/. Context: its idle thread, interrupts off. */
_Noreturn void cpu_leave(void);
