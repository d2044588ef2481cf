/* SPDX-License-Identifier: BSD-2-Clause */
/* What ring 0 may not do itself: run data, touch user pages, keep AC. */
#include "kernel/core/time.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root.h"
#include "kernel/x86/trap.h"
#include "kernel/x86/usercopy_raw.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "selftest/expect.h"
#include "selftest/kernel/x86/provoke.h"
#include "selftest/ring3.h"
#include "selftest/selftest.h"

#define RET           0xc3
#define PF_FETCH_DATA (PF_PRESENT | PF_FETCH)

static uint8_t data_ret[16] = {RET};
static const uint8_t rodata_ret[16] = {RET};

SELFTEST(M3, 2, kernel_data_not_executable)
{
	uint8_t stack_ret[16] = {RET};
	uint8_t *slab_ret = kmalloc(64);
	struct frame *frame = frame_alloc(FRAME_KERNEL, FRAME_ZERO);
	bool ok = slab_ret && frame;

	if (ok) {
		slab_ret[0] = RET;
		*(uint8_t *)frame_virt(frame) = RET;
		ok = expect_exec_fault((uint64_t)slab_ret, PF_FETCH_DATA) &&
		     expect_exec_fault((uint64_t)frame_virt(frame), PF_FETCH_DATA);
	}
	kfree(slab_ret);
	if (frame)
		frame_free(frame);
	CHECK(ok);
	CHECK(expect_exec_fault((uint64_t)data_ret, PF_FETCH_DATA));
	CHECK(expect_exec_fault((uint64_t)rodata_ret, PF_FETCH_DATA));
	CHECK(expect_exec_fault((uint64_t)stack_ret, PF_FETCH_DATA));
	return true;
}

/* Runs fn with the probe's root loaded, interrupts off. */
static bool in_user_root(bool (*fn)(void))
{
	struct ring3 ring3;
	uint64_t flags;
	struct root *before;
	bool ok;

	CHECK(ring3_open(&ring3));
	ring3_code(&ring3, 0, data_ret, sizeof(data_ret));
	flags = irq_save();
	before = cpu_self()->root;
	root_switch(ring3.root);
	ok = fn();
	root_switch(before ? before : &kernel_root);
	irq_restore(flags);
	ring3_close(&ring3);
	return ok;
}

static bool user_page_not_executable(void)
{
	CHECK(expect_exec_fault(RING3_CODE, PF_PRESENT | PF_FETCH));
	return true;
}

SELFTEST(M3, 2, user_page_not_executable_by_kernel, .skip = "no-smep")
{
	if (!cpu_has(CPU_SMEP))
		SELFTEST_SKIP();
	return in_user_root(user_page_not_executable);
}

static bool user_page_closed(void)
{
	uint8_t byte = 0;

	CHECK(expect_read_fault(RING3_STACK, PF_PRESENT));
	CHECK(expect_write_fault(RING3_STACK, PF_PRESENT | PF_WRITE));
	CHECK(expect_read_fault(RING3_CODE, PF_PRESENT));
	/* The twin: the same pages through the user copy. */
	CHECK(usercopy_raw(&byte, (const void *)RING3_CODE, 1) == 0 && byte == RET);
	CHECK(usercopy_raw((void *)RING3_STACK, &byte, 1) == 0);
	/* And the window is shut again. */
	CHECK(expect_read_fault(RING3_STACK, PF_PRESENT));
	return true;
}

SELFTEST(M3, 3, user_page_closed_to_kernel, .skip = "no-smap")
{
	if (!cpu_has(CPU_SMAP))
		SELFTEST_SKIP();
	return in_user_root(user_page_closed);
}

static void set_ac(void)
{
	__asm__ volatile("pushfq; orq %0, (%%rsp); popfq" : : "i"(RFLAGS_AC) : "memory", "cc");
}

static void clear_ac(void)
{
	__asm__ volatile("pushfq; andq %0, (%%rsp); popfq" : : "i"(~RFLAGS_AC) : "memory", "cc");
}

static uint64_t flags_in_handler;

static bool note_flags(struct trapframe *frame, unsigned vector, uint64_t address)
{
	(void)address;
	if (vector != TRAP_NMI && vector != TRAP_BP)
		return false;
	flags_in_handler = read_rflags();
	return frame->rflags & RFLAGS_AC;
}

static void note_flags_of_interrupt(struct timer *timer)
{
	(void)timer;
	WRITE_ONCE(flags_in_handler, read_rflags());
}

/* The flags of a timer's interrupt that hits an open window. */
static uint64_t flags_in_interrupt(void)
{
	struct timer timer;

	flags_in_handler = 0;
	timer_init(&timer, note_flags_of_interrupt);
	set_ac();
	timer_start(&timer, time_now_ns());
	while (!READ_ONCE(flags_in_handler))
		cpu_relax();
	clear_ac();
	return flags_in_handler;
}

/* An exception, an NMI and an interrupt that hit an open window run with it shut. */
SELFTEST(M3, 4, ac_clear_in_nested_entries)
{
	bool (*before)(struct trapframe *, unsigned, uint64_t) = trap_expect_hook;
	uint64_t flags[2];

	trap_expect_hook = note_flags;
	flags_in_handler = RFLAGS_AC;
	set_ac();
	provoke_bp(NULL);
	flags[0] = flags_in_handler;
	flags_in_handler = RFLAGS_AC;
	provoke_nmi(NULL);
	flags[1] = flags_in_handler;
	bool kept = read_rflags() & RFLAGS_AC;

	clear_ac();
	trap_expect_hook = before;
	CHECK(!(flags[0] & RFLAGS_AC));
	CHECK(!(flags[1] & RFLAGS_AC));
	CHECK(!(flags_in_interrupt() & RFLAGS_AC));
	CHECK(kept);
	return true;
}

static bool ac_after_copies(void)
{
	uint32_t value = 0;
	char text[8];
	const void *hole = (const void *)(RING3_CODE + 4096);

	CHECK(usercopy_get_u32(&value, (const uint32_t *)RING3_CODE) == 0 && value == RET);
	CHECK(!(read_rflags() & RFLAGS_AC));
	CHECK(usercopy_get_u32(&value, hole) == -14 && !(read_rflags() & RFLAGS_AC));
	CHECK(usercopy_raw(text, hole, 8) == 8 && !(read_rflags() & RFLAGS_AC));
	CHECK(usercopy_clear((void *)RING3_CODE, 8) == 8 && !(read_rflags() & RFLAGS_AC));
	CHECK(usercopy_string(text, hole, 8) == -14 && !(read_rflags() & RFLAGS_AC));
	CHECK(usercopy_put_u32((uint32_t *)RING3_CODE, 1) == -14);
	CHECK(!(read_rflags() & RFLAGS_AC));
	CHECK(usercopy_cmpxchg_u32((uint32_t *)RING3_CODE, RET, 1, &value) == -14);
	CHECK(!(read_rflags() & RFLAGS_AC));
	return true;
}

SELFTEST(M3, 4, ac_clear_after_copies)
{
	return in_user_root(ac_after_copies);
}
