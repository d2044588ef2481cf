/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include "kernel/lib/compiler.h"

struct kthread;

/**
 * End the boot thread, which stands in @boot_thread; then its memory and all init sections are
 * freed and PID 1 is started. Context: the boot thread, no locks.
 */
__noreturn void handover_to_init(struct kthread *boot_thread);
