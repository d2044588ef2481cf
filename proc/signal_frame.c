/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame that a handler finds on its stack, and the way back. Layout: Linux's struct rt_sigframe
 * of x86-64, with the vector state above it. Everything that comes back is treated as hostile.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/x86/fpu.h"
#include "kernel/x86/trapframe.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "proc/signal_internal.h"

#define RED_ZONE_BYTES 128u

#define UC_FP_XSTATE         1u
#define UC_SIGCONTEXT_SS     2u
#define UC_STRICT_RESTORE_SS 4u

/* The flags a handler may change in its gregs; the others stay those of the interrupted code. */
#define FLAGS_FROM_FRAME                                                                     \
	(RFLAGS_AC | RFLAGS_OF | RFLAGS_DF | RFLAGS_TF | RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | \
	 RFLAGS_PF | RFLAGS_CF | RFLAGS_RF)

struct signal_frame {
	uint64_t restorer;
	uint64_t uc_flags;
	uint64_t uc_link;
	struct signal_stack stack;
	struct signal_registers registers;
	uint64_t mask;
	struct signal_info info;
};
static_assert(sizeof(struct signal_frame) == 440, "struct rt_sigframe, x86-64");
static_assert(offsetof(struct signal_frame, registers) == 8 + 40, "uc_mcontext at 40");
static_assert(offsetof(struct signal_frame, info) == 8 + 304, "siginfo behind the ucontext");

/* Where the parts of one frame go. */
struct frame_place {
	uint64_t frame;
	uint64_t fpstate;
};

size_t signal_frame_max(void)
{
	return RED_ZONE_BYTES + sizeof(struct signal_frame) + 16 + FPU_ALIGN + fpu_frame_size();
}

static bool in_stack(const struct signal_stack *stack, uint64_t sp)
{
	return sp > stack->sp && sp - stack->sp <= stack->size;
}

/* ERR_FAULT: no room. All sums stay far below a wrap: user_range_ok() decides on the result. */
static enum err choose_place(const struct task *task, const struct trapframe *frame, uint64_t flags,
			     struct frame_place *place)
{
	const struct signal_stack *alt = &task->altstack;
	bool alt_in_use = in_stack(alt, frame->rsp) && !(alt->flags & SS_AUTODISARM);
	bool on_alt = alt_in_use;
	uint64_t sp = frame->rsp - RED_ZONE_BYTES;

	if ((flags & SA_ONSTACK) && alt->size && !alt_in_use) {
		sp = alt->sp + alt->size;
		on_alt = true;
	}
	place->fpstate = align_down(sp - fpu_frame_size(), FPU_ALIGN);
	place->frame = align_down(place->fpstate - sizeof(struct signal_frame), 16) - 8;
	if (on_alt && !in_stack(alt, place->frame))
		return ERR_FAULT;
	return user_range_ok((struct uaddr){place->frame}, sp - place->frame) ? OK : ERR_FAULT;
}

static void save_registers(struct signal_registers *to, const struct trapframe *frame,
			   const struct task *task)
{
	to->r8 = frame->r8;
	to->r9 = frame->r9;
	to->r10 = frame->r10;
	to->r11 = frame->r11;
	to->r12 = frame->r12;
	to->r13 = frame->r13;
	to->r14 = frame->r14;
	to->r15 = frame->r15;
	to->rdi = frame->rdi;
	to->rsi = frame->rsi;
	to->rbp = frame->rbp;
	to->rbx = frame->rbx;
	to->rdx = frame->rdx;
	to->rax = frame->rax;
	to->rcx = frame->rcx;
	to->rsp = frame->rsp;
	to->rip = frame->rip;
	to->rflags = frame->rflags;
	to->cs = USER_CS;
	to->gs = 0;
	to->fs = 0;
	to->ss = USER_SS;
	to->error = task->fault.error;
	to->vector = task->fault.vector;
	to->cr2 = task->fault.address;
	memset(to->reserved, 0, sizeof(to->reserved));
}

/* Fills every byte: what is left out would show ring 3 the kernel's stack. */
static void fill(struct signal_frame *to, const struct trapframe *frame, const struct task *task,
		 const struct signal_action *action, uint64_t mask)
{
	to->restorer = action->restorer;
	to->uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (fpu_xcr0() ? UC_FP_XSTATE : 0);
	to->uc_link = 0;
	to->stack = task->altstack;
	save_registers(&to->registers, frame, task);
	to->registers.oldmask = mask;
	to->mask = mask;
}

static enum err push_fpu(void *area, uint64_t fpstate)
{
	enum err err;

	fpu_frame_save(area);
	/* A switch in between saves the same registers again: the image stays whole. */
	err = copy_to_user((struct uaddr){fpstate}, area, fpu_state_size());
	if (err == OK && fpu_xcr0())
		err = put_user_u32((struct uaddr){fpstate + fpu_state_size()}, FPU_FRAME_MAGIC2);
	return err;
}

static void enter_handler(struct trapframe *frame, const struct frame_place *place,
			  const struct signal_action *action, int32_t signo)
{
	frame->rip = action->handler;
	frame->rsp = place->frame;
	frame->rdi = (uint64_t)signo;
	frame->rsi = place->frame + offsetof(struct signal_frame, info);
	frame->rdx = place->frame + offsetof(struct signal_frame, uc_flags);
	frame->rax = 0;
	frame->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
}

enum err signal_frame_push(struct trapframe *frame, const struct signal_action *action,
			   const struct signal_info *info, uint64_t mask)
{
	struct task *task = task_current();
	struct signal_frame image __uninitialized;
	struct frame_place place;
	enum err err;

	if (!(action->flags & SA_RESTORER))
		return ERR_FAULT;
	err = choose_place(task, frame, action->flags, &place);
	if (err != OK)
		return err;
	fill(&image, frame, task, action, mask);
	image.registers.fpstate = place.fpstate;
	image.info = *info;
	err = push_fpu(task->thread.context.fpu, place.fpstate);
	if (err == OK)
		err = copy_to_user((struct uaddr){place.frame}, &image, sizeof(image));
	if (err != OK)
		return err;
	if (task->altstack.flags & SS_AUTODISARM)
		task->altstack = (struct signal_stack){.flags = SS_DISABLE};
	enter_handler(frame, &place, action, info->signo);
	return OK;
}

/* The image into the running thread's area, pages that are not there brought in by the way. */
static size_t fetch_fpu(void *area, struct uaddr from, uint32_t *magic2)
{
	size_t size = fpu_state_size();
	void *copy;

	*magic2 = 0;
	if (fpu_xcr0() && get_user_u32(magic2, (struct uaddr){from.raw + size}) != OK)
		size = FPU_LEGACY_SIZE;
	if (likely(copy_from_user_nofault_partial(area, from, size) == 0))
		return size;
	/* A page is missing, and a switch must not meet half an image: by way of a copy. */
	fpu_area_discard(area);
	copy = kmalloc(size);
	if (!copy)
		return 0;
	if (copy_from_user(copy, from, size) == OK)
		memcpy(area, copy, size);
	else
		size = 0;
	kfree(copy);
	return size;
}

/* Without an image: the state of a fresh program, as on Linux. */
static enum err restore_fpu(struct task *task, uint64_t fpstate)
{
	void *area = task->thread.context.fpu;
	uint32_t magic2;
	size_t size;

	if (!fpstate) {
		fpu_init_state(area);
		fpu_restore(area);
		return OK;
	}
	size = fetch_fpu(area, (struct uaddr){fpstate}, &magic2);
	if (unlikely(fpu_frame_accept(area, size, magic2) != OK)) {
		fpu_area_discard(area);
		return ERR_FAULT;
	}
	fpu_restore(area);
	return OK;
}

void signal_registers_load(struct trapframe *frame, const struct signal_registers *from)
{
	frame->r8 = from->r8;
	frame->r9 = from->r9;
	frame->r10 = from->r10;
	frame->r11 = from->r11;
	frame->r12 = from->r12;
	frame->r13 = from->r13;
	frame->r14 = from->r14;
	frame->r15 = from->r15;
	frame->rdi = from->rdi;
	frame->rsi = from->rsi;
	frame->rbp = from->rbp;
	frame->rbx = from->rbx;
	frame->rdx = from->rdx;
	frame->rax = from->rax;
	frame->rcx = from->rcx;
	frame->rsp = from->rsp;
	frame->rip = from->rip;
	frame->rflags = (frame->rflags & ~FLAGS_FROM_FRAME) | (from->rflags & FLAGS_FROM_FRAME);
	trapframe_force_user(frame);
}

enum err signal_frame_pop(struct trapframe *frame)
{
	struct task *task = task_current();
	struct signal_frame image __uninitialized;
	enum err err;

	/* The handler's RET has taken the restorer's address off. */
	err = copy_from_user(&image, (struct uaddr){frame->rsp - sizeof(image.restorer)},
			     offsetof(struct signal_frame, info));
	if (err != OK)
		return err;
	if (image.registers.rip >= USER_END)
		return ERR_FAULT;
	err = restore_fpu(task, image.registers.fpstate);
	if (err != OK)
		return err;
	signal_registers_load(frame, &image.registers);
	signal_set_blocked(image.mask);
	if (image.stack.sp != task->altstack.sp || image.stack.size != task->altstack.size ||
	    image.stack.flags != task->altstack.flags)
		(void)!signal_altstack_change(&image.stack, NULL, frame->rsp);
	return OK;
}
