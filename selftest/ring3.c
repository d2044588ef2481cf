/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/ring3.h"

#include "kernel/lib/string.h"

#include "kernel/sched/thread.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root.h"
#include "kernel/x86/switch.h"
#include "kernel/x86/trap_hooks.h"
#include "mm/frame.h"
#include "mm/kstack.h"
#include "mm/shadow_map.h"
#include "mm/table.h"
#include "selftest/expect.h"

#define SLOT_CALL   0
#define SLOT_NATIVE 1
#define SLOT_STEP   2

static struct {
	void (*on_call)(struct trapframe *frame);
	void (*on_exception)(struct trapframe *frame);
	void (*on_step)(struct trapframe *frame);
	const void *step_at;
	struct trapframe regs;
	uint64_t address;
	struct expect_slot slot;
	struct thread thread; /* what the entry code takes for the running one */
} probe;

static bool map_page(struct ring3 *ring3, uint64_t at, struct frame *frame, pte_t rights)
{
	pte_t *leaf = table_leaf_create(ring3->root, at);

	if (!leaf)
		return false;
	frame_get(frame);
	table_leaf_set(leaf, frame_phys(frame).raw | PTE_P | PTE_U | rights);
	return true;
}

static void unmap_page(struct ring3 *ring3, uint64_t at)
{
	pte_t *leaf = table_leaf_find(ring3->root, at);

	if (leaf && *leaf) {
		frame_put(frame_of(phys(*leaf & PTE_ADDR)));
		*leaf = 0;
		table_leaves_cleared(leaf, 1);
	}
	table_trim(ring3->root, at);
}

bool ring3_open(struct ring3 *ring3)
{
	ring3->root = table_root_create();
	ring3->code = frame_alloc(FRAME_ANON, FRAME_ZERO);
	ring3->stack = frame_alloc(FRAME_ANON, FRAME_ZERO);
	ring3->kstack = kstack_alloc();
	if (ring3->root && ring3->code && ring3->stack && ring3->kstack &&
	    map_page(ring3, RING3_CODE, ring3->code, 0) &&
	    map_page(ring3, RING3_LAST, ring3->code, 0) &&
	    map_page(ring3, RING3_STACK, ring3->stack, PTE_W | PTE_NX))
		return true;
	ring3_close(ring3);
	return false;
}

void ring3_close(struct ring3 *ring3)
{
	if (ring3->root) {
		unmap_page(ring3, RING3_CODE);
		unmap_page(ring3, RING3_LAST);
		unmap_page(ring3, RING3_STACK);
		root_put(ring3->root);
	}
	if (ring3->code)
		frame_put(ring3->code);
	if (ring3->stack)
		frame_put(ring3->stack);
	kstack_free(ring3->kstack);
	probe.on_call = NULL;
	probe.on_exception = NULL;
	probe.step_at = NULL;
}

void ring3_code(struct ring3 *ring3, size_t at, const void *code, size_t size)
{
	memcpy((char *)frame_virt(ring3->code) + at, code, size);
}

struct trapframe ring3_regs(void)
{
	return (struct trapframe){.rip = RING3_CODE,
				  .cs = USER_CS,
				  .ss = USER_SS,
				  .rflags = RFLAGS_FIXED | RFLAGS_IF,
				  .rsp = RING3_STACK + PAGE_SIZE / 2};
}

uint64_t ring3_kernel_rsp(const struct ring3 *ring3)
{
	return (uint64_t)ring3->kstack + KSTACK_SIZE;
}

void ring3_on_call(void (*fn)(struct trapframe *frame))
{
	probe.on_call = fn;
}

void ring3_on_exception(void (*fn)(struct trapframe *frame))
{
	probe.on_exception = fn;
}

void ring3_on_instruction(const void *at, void (*fn)(struct trapframe *frame))
{
	probe.step_at = at;
	probe.on_step = fn;
}

static bool breakpoint(struct trapframe *frame)
{
	if (frame->rip == (uint64_t)syscall_linux || frame->rip == (uint64_t)syscall_native_gate) {
		frame->rip = (uint64_t)probe.on_call;
		return true;
	}
	if (frame->rip != (uint64_t)probe.step_at)
		return false;
	probe.on_step(frame);
	frame->rflags |= RFLAGS_RF;
	return true;
}

static bool hook(struct trapframe *frame, unsigned vector, uint64_t address)
{
	/* On its own stack, whoever was interrupted. */
	if (vector == TRAP_NMI)
		return true;
	if (!trapframe_from_user(frame))
		return vector == TRAP_DB && breakpoint(frame);
	if (probe.on_exception)
		probe.on_exception(frame);
	probe.regs = *frame;
	probe.address = vector == TRAP_PF ? address : 0;
	expect_leave(&probe.slot);
}

static void breakpoints_set(void)
{
	uint64_t enable = DR7_DEFAULT;

	if (probe.on_call) {
		__asm__ volatile("mov %0, %%dr0" : : "r"(syscall_linux));
		__asm__ volatile("mov %0, %%dr1" : : "r"(syscall_native_gate));
		enable |= BIT(2 * SLOT_CALL) | BIT(2 * SLOT_NATIVE);
	}
	if (probe.step_at) {
		__asm__ volatile("mov %0, %%dr2" : : "r"(probe.step_at));
		enable |= BIT(2 * SLOT_STEP);
	}
	__asm__ volatile("mov %0, %%dr7" : : "r"(enable));
}

static void breakpoints_clear(void)
{
	__asm__ volatile("mov %0, %%dr7" : : "r"(DR7_DEFAULT));
	__asm__ volatile("mov %0, %%dr0; mov %0, %%dr1; mov %0, %%dr2" : : "r"(0ull));
}

static void enter(void *frame)
{
	breakpoints_set();
	enter_user(frame);
}

/* Everything that an entry from ring 3 looks at points to the probe's own things. */
static void run_on(struct cpu *cpu, struct ring3 *ring3)
{
	struct thread *current = cpu->current;
	uint64_t kernel_rsp = cpu->kernel_rsp;
	struct root *root = cpu->root;
	struct trapframe *frame = trapframe_of_stack(ring3_kernel_rsp(ring3));

	*frame = probe.regs;
	cpu->current = &probe.thread;
	cpu->kernel_rsp = ring3_kernel_rsp(ring3);
	tss_set_kernel_stack(cpu, cpu->kernel_rsp);
	root_switch(ring3->root);
	expect_call(enter, frame, &probe.slot);
	if (CONFIG_SAN)
		shadow_forget_frames();
	breakpoints_clear();
	root_switch(root ? root : &kernel_root);
	tss_set_kernel_stack(cpu, kernel_rsp);
	cpu->kernel_rsp = kernel_rsp;
	cpu->current = current;
}

uint64_t ring3_run(struct ring3 *ring3, struct trapframe *regs)
{
	bool (*before)(struct trapframe *, unsigned, uint64_t) = trap_expect_hook;
	uint64_t flags = irq_save();

	if (lapic_present())
		lapic_set_priority(0xff);
	trap_expect_hook = hook;
	probe.regs = *regs;
	run_on(cpu_self(), ring3);
	trap_expect_hook = before;
	if (lapic_present())
		lapic_set_priority(0);
	irq_restore(flags);
	*regs = probe.regs;
	return probe.address;
}
