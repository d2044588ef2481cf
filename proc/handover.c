/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last step of boot, by a kernel thread of permanent code: when the boot thread has ended, all
 * that only boot needed is unmapped and given back, then PID 1 starts.
 */
#include "proc/handover.h"

#include "kernel/core/log.h"
#include "kernel/core/marker.h"
#include "kernel/core/panic.h"
#include "kernel/core/power.h"
#include "kernel/sched/thread.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/sections.h"
#include "mm/frame.h"
#include "mm/init.h"
#include "mm/kstack.h"
#include "proc/init.h"

static struct kthread handover_thread;

static void release_boot_memory(void)
{
	mm_release_image(image_start, boot_text_end);
	mm_release_image(init_text_start, init_text_end);
	mm_release_image(init_rodata_start, init_rodata_end);
	mm_release_image(init_data_start, init_data_end);
}

static void run(void *boot_thread)
{
	kthread_join(boot_thread);
	release_boot_memory();
	log_info("boot", "%lu KiB of %lu KiB free, starting PID 1", frame_free_count() * 4,
		 frame_total_count() * 4);
	marker_line("# up %lu", rdtsc());
	if (proc_start_init() != OK) {
		log_err("boot", "nothing to run: power off");
		power_off();
	}
}

void handover_to_init(struct kthread *boot_thread)
{
	char *stack = kstack_alloc();

	if (!stack)
		panic("boot: no memory for the thread that starts PID 1");
	kthread_create(&handover_thread, run, boot_thread, "handover", stack, stack + KSTACK_SIZE);
	thread_exit_switch();
}
