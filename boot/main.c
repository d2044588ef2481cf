/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot order = milestone table = what the harness waits for: each milestone comes up, then its
 * selftests run, then the next one may begin.
 */
#include "kernel/lib/debug.h"
#include "kernel/lib/string.h"

#include "boot/debug.h"
#include "boot/doors.h"
#include "boot/mitigations.h"
#include "boot/place.h"
#include "boot/platform.h"
#include "boot/report.h"
#include "drv/keyboard.h"
#include "drv/mem_devices.h"
#include "drv/screen.h"
#include "drv/serial.h"
#include "drv/tty/pty.h"
#include "drv/tty/tty.h"
#include "fs/fs.h"
#include "fs/sysfs.h"
#include "ipc/futex.h"
#include "kernel/core/boot_info.h"
#include "kernel/core/cmdline.h"
#include "kernel/core/console.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"
#include "kernel/core/random.h"
#include "kernel/core/spinlock.h"
#include "kernel/sched/load.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait_graph.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/layout.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/sections.h"
#include "kernel/x86/x86.h"
#include "mm/cpu_start.h"
#include "mm/frame.h"
#include "mm/init.h"
#include "mm/kstack.h"
#include "mm/pti_map.h"
#include "mm/space/space.h"
#include "mm/wx.h"
#include "proc/handover.h"
#include "proc/init.h"
#include "selftest/demo.h"
#include "selftest/selftest.h"

/* The two that boot/entry64.asm calls. What the first one does must keep no address of the image:
 * it lies elsewhere afterwards, and only what the linker knows of is relocated. */
struct place kernel_place(enum boot_door door, uint64_t info_phys, uint64_t image_phys);
_Noreturn void kernel_start(void);

static enum err door_error;

/* The flow of control that boots; it ends before PID 1 begins. */
static struct kthread boot_thread;

/* boot_info is judged; the report begins. */
static void begin(void)
{
	const struct boot_info *info = boot_info();

	report_begin(info->cmdline);
	if (door_error != OK)
		panic("boot: the loader's information is not usable: %s", err_text(door_error));
	enum err err = boot_info_finish();
	if (err != OK)
		panic("boot: no usable memory map: %s", err_text(err));
	if (info->cmdline_cut)
		log_warn("boot", "the command line is too long: words are left out");
	if (info->ram_cut)
		log_warn("boot", "%lu MiB of memory lie above %lu TiB: left out",
			 info->ram_cut >> 20, layout_ram_max() >> 40);
	if ((uint64_t)image_start == LAYOUT_IMAGE_LINKED)
		log_warn("boot", "nokaslr: the kernel is where anybody expects it");
	if (CONFIG_DEBUG)
		debug_begin(info->cmdline);
	mitigations_begin(info->cmdline);
	selftest_begin(info->cmdline);
}

static _Noreturn void stop_before_init(void)
{
	log_err("boot", "a selftest failed: stopped before init (selftest=continue goes on)");
	for (;;)
		cpu_halt();
}

static void bring_up(enum milestone_number number, void (*init)(void))
{
	if (init)
		init();
	if (!selftest_run(number)) {
		selftest_end();
		stop_before_init();
	}
}

static void m1_memory_model(void)
{
	mm_init(boot_info());
	screen_init(&boot_info()->framebuffer);
}

/* The exclusive end of a fresh guarded stack. */
static void *new_stack_top(void)
{
	char *stack = kstack_alloc();

	if (!stack)
		panic("boot: no memory for the kernel's own stacks");
	return stack + KSTACK_SIZE;
}

/* The boot's flow of control becomes a thread, so that everything later may sleep. */
static void start_scheduler(void)
{
	char *idle_stack = kstack_alloc();

	if (!idle_stack)
		panic("boot: no memory for the idle thread's stack");
	thread_init(&boot_thread.thread, "boot", boot_stack_bottom, boot_stack_top);
	boot_thread.thread.is_kernel = 1;
	sched_init(&boot_thread.thread, idle_stack, idle_stack + KSTACK_SIZE);
	load_init();
	if (CONFIG_DEBUG)
		wait_graph_init();
	irq_enable();
}

static void m2_stacks_and_exceptions(void)
{
	struct cpu_stacks stacks = {
		.df = new_stack_top(),
		.nmi = new_stack_top(),
		.mc = new_stack_top(),
		.db = new_stack_top(),
		.irq = new_stack_top(),
		.tss = kstack_alloc(),
	};

	pti_enable();
	x86_init_cpu(&stacks);
	pti_map_cpu(cpu_self());
	platform_init();
	platform_add_cpus();
	start_scheduler();
	screen_start();
	serial_init();
	keyboard_init(platform_has_8042());
}

/* The memory of an archive that has become files is free again. */
static void unpack_module(const struct boot_module *module)
{
	if (!module->size)
		return;
	if (initramfs_unpack(phys_to_virt(phys(module->phys)), module->size) != OK)
		log_err("boot", "the initramfs is damaged: what came before stays");
	frame_release_range(module->phys, module->phys + module->size);
}

/* A process needs memory, files, a terminal and a program: all of it is there from here on. */
static void m7_ring3(void)
{
	if (tty_init() != OK || pty_init() != OK)
		log_err("boot", "no memory for terminals");
	space_init();
	mem_devices_init();
	fs_init();
	proc_init();
	if (futex_init() != OK)
		panic("boot: no memory for the table of futexes");
	for (size_t i = 0; i < BOOT_MODULES_MAX; i++)
		unpack_module(&boot_info()->modules[i]);
}

/* wx=allow; any other value leaves W^X as it is. */
static void choose_wx(const char *cmdline)
{
	char word[8];

	if (!cmdline_value(cmdline, "wx", word, sizeof(word)) || strcmp(word, "allow") != 0)
		return;
	wx_allow();
	log_warn("boot", "wx=allow: programs may have memory that is writable and executable");
}

/* What boot has set up for good becomes read-only; the selftests of this milestone try it. */
static void m13_security(void)
{
	choose_wx(boot_info()->cmdline);
	x86_pin();
	mm_seal_ro_after_init();
}

static _Noreturn void kernel_main(void)
{
	bring_up(M1, m1_memory_model);
	random_init();
	/* This function does not return, so no frame with the old canary is checked any more. */
	cpu_self()->canary = thread_canary_draw();
	bring_up(M2, m2_stacks_and_exceptions);
	bring_up(M3, NULL);
	bring_up(M4, NULL);
	bring_up(M5, NULL);
	bring_up(M6, NULL);
	bring_up(M7, m7_ring3);
	bring_up(M8, NULL);
	bring_up(M9, NULL);
	bring_up(M10, NULL);
	bring_up(M11, NULL);
	bring_up(M12, NULL);
	bring_up(M13, m13_security);
	bring_up(M14, cpu_start_all);
	if (!selftest_end())
		stop_before_init();
	sched_spread(true);
	sys_populate();
	demo_run();
	proc_prepare_init(boot_info()->cmdline);
	x86_seal();
	handover_to_init(&boot_thread);
}

struct place kernel_place(enum boot_door door, uint64_t info_phys, uint64_t image_phys)
{
	x86_init_early();
	boot_info()->image_phys = image_phys;
	door_error = doors_read(door, info_phys);
	return place_choose(boot_info());
}

_Noreturn void kernel_start(void)
{
	x86_init_early();
	place_leave();
	console_init();
	spin_report_init();
	begin();
	kernel_main();
}
