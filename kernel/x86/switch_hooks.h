/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include "kernel/lib/compiler.h"

/* kernel/sched. First thing on a new thread's stack: finishes the switch that led there. IRQs off.
 */
void thread_started(void);
/* kernel/sched. A kernel thread's function came back. Interrupts on. */
__noreturn void thread_returned(void);
