/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/switch.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/root.h"

/* While ring 0 runs, ring 3's GS base waits in KERNEL_GS_BASE. Without the new instructions ring 3
 * can change a base only by a system call or by loading a selector. */
static uint64_t user_gs_read(void)
{
	uint64_t base;

	if (!cpu_fsgsbase_on)
		return rdmsr(MSR_KERNEL_GS_BASE);
	__asm__ volatile("swapgs; rdgsbase %0; swapgs" : "=r"(base));
	return base;
}

static void user_gs_write(uint64_t base)
{
	if (cpu_fsgsbase_on)
		__asm__ volatile("swapgs; wrgsbase %0; swapgs" : : "r"(base));
	else
		wrmsr(MSR_KERNEL_GS_BASE, base);
}

uint64_t user_fs_base(void)
{
	uint64_t base;

	if (!cpu_fsgsbase_on)
		return rdmsr(MSR_FS_BASE);
	__asm__ volatile("rdfsbase %0" : "=r"(base));
	return base;
}

void user_fs_base_set(uint64_t base)
{
	if (cpu_fsgsbase_on)
		__asm__ volatile("wrfsbase %0" : : "r"(base));
	else
		wrmsr(MSR_FS_BASE, base);
}

uint64_t user_gs_base(void)
{
	uint64_t flags = irq_save();
	uint64_t base = user_gs_read();

	irq_restore(flags);
	return base;
}

void user_gs_base_set(uint64_t base)
{
	uint64_t flags = irq_save();

	user_gs_write(base);
	irq_restore(flags);
}

static __always_inline uint64_t selectors_loaded(void)
{
	uint32_t ds, es, fs, gs;

	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	return ds | es | fs | gs;
}

static __noinline void selectors_read(struct context *context)
{
	__asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
			 : "=m"(context->ds), "=m"(context->es), "=m"(context->fs),
			   "=m"(context->gs));
}

/* Only values that ring 3 loaded itself come here: each is valid. GS's base changes: swapped. */
static __noinline void selectors_load(const struct context *context)
{
	__asm__ volatile("mov %0, %%ds; mov %1, %%es; mov %2, %%fs; swapgs; mov %3, %%gs; swapgs"
			 :
			 : "r"(context->ds), "r"(context->es), "r"(context->fs), "r"(context->gs)
			 : "memory");
}

static __always_inline void bases_save(struct context *from)
{
	if (likely(cpu_fsgsbase_on)) {
		__asm__ volatile("rdfsbase %0; swapgs; rdgsbase %1; swapgs"
				 : "=r"(from->fs_base), "=r"(from->gs_base));
		return;
	}
	from->fs_base = rdmsr(MSR_FS_BASE);
	from->gs_base = rdmsr(MSR_KERNEL_GS_BASE);
}

static __always_inline void bases_load(const struct context *to)
{
	if (likely(cpu_fsgsbase_on)) {
		__asm__ volatile("wrfsbase %0; swapgs; wrgsbase %1; swapgs"
				 :
				 : "r"(to->fs_base), "r"(to->gs_base));
		return;
	}
	wrmsr(MSR_FS_BASE, to->fs_base);
	wrmsr(MSR_KERNEL_GS_BASE, to->gs_base);
}

static __always_inline void user_save(struct context *from)
{
	if (unlikely(selectors_loaded() | from->selectors))
		selectors_read(from);
	bases_save(from);
	fpu_save(from->fpu);
}

static __always_inline void user_load(const struct context *to)
{
	if (unlikely(selectors_loaded() | to->selectors))
		selectors_load(to);
	bases_load(to);
	fpu_restore(to->fpu);
}

static const struct context no_selectors;

void context_switch(struct context *from, struct context *to)
{
	if (from->fpu)
		user_save(from);
	if (to->root)
		root_switch(to->root);
	if (to->fpu)
		user_load(to);
	context_switch_stack(from, to);
}

/* All but the canary, which thread_init() has drawn. */
static void context_clear(struct context *context)
{
	uint64_t canary = context->canary;

	memset(context, 0, sizeof(*context));
	context->canary = canary;
}

void context_init_kernel(struct context *context, void *stack_top, void (*fn)(void *), void *arg)
{
	struct switch_frame *frame = (struct switch_frame *)(void *)((char *)stack_top - 16) - 1;

	ASSERT(!((uint64_t)stack_top & 15));
	/* The word above the resume address ends a backtrace. */
	memset(frame, 0, sizeof(*frame) + 16);
	frame->r12 = (uint64_t)fn;
	frame->r13 = (uint64_t)arg;
	frame->resume = thread_entry_kernel;
	context_clear(context);
	context->rsp = (uint64_t)frame;
	context->kernel_rsp = (uint64_t)stack_top;
}

struct trapframe *context_init_user(struct context *context, void *stack_top)
{
	struct trapframe *user = trapframe_of_stack((uint64_t)stack_top);
	struct switch_frame *frame = (struct switch_frame *)(void *)user - 1;

	ASSERT(!((uint64_t)stack_top & 15));
	memset(frame, 0, sizeof(*frame));
	memset(user, 0, sizeof(*user));
	trapframe_force_user(user);
	frame->resume = thread_entry_user;
	context_clear(context);
	context->rsp = (uint64_t)frame;
	context->kernel_rsp = (uint64_t)stack_top;
	return user;
}

void context_reset_user(struct context *running)
{
	uint64_t flags = irq_save();

	selectors_load(&no_selectors);
	user_fs_base_set(0);
	user_gs_write(0);
	selectors_read(running);
	running->fs_base = 0;
	running->gs_base = 0;
	irq_restore(flags);
}

void context_sync(struct context *running)
{
	uint64_t flags = irq_save();

	user_save(running);
	irq_restore(flags);
}
