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

struct signal_registers {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, vector, oldmask, cr2, fpstate, reserved[8];
};
static_assert(sizeof(struct signal_registers) == 256, "struct sigcontext, x86-64");

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
	uint64_t len; /* from the frame's start to the end of the vector state */
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
	place->len = place->fpstate + fpu_frame_size() - place->frame;
	if (on_alt && !in_stack(alt, place->frame))
		return ERR_FAULT;
	return user_range_ok((struct uaddr){place->frame}, place->len) ? OK : ERR_FAULT;
}

static void save_registers(struct signal_registers *to, const struct trapframe *frame,
			   const struct task *task)
{
	*to = (struct signal_registers){
		.r8 = frame->r8,
		.r9 = frame->r9,
		.r10 = frame->r10,
		.r11 = frame->r11,
		.r12 = frame->r12,
		.r13 = frame->r13,
		.r14 = frame->r14,
		.r15 = frame->r15,
		.rdi = frame->rdi,
		.rsi = frame->rsi,
		.rbp = frame->rbp,
		.rbx = frame->rbx,
		.rdx = frame->rdx,
		.rax = frame->rax,
		.rcx = frame->rcx,
		.rsp = frame->rsp,
		.rip = frame->rip,
		.rflags = frame->rflags,
		.cs = USER_CS,
		.ss = USER_SS,
		.error = task->fault.error,
		.vector = task->fault.vector,
		.cr2 = task->fault.address,
	};
}

static void fill(struct signal_frame *to, const struct trapframe *frame, const struct task *task,
		 const struct signal_action *action)
{
	to->restorer = action->restorer;
	to->uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (fpu_xcr0() ? UC_FP_XSTATE : 0);
	to->uc_link = 0;
	to->stack = task->altstack;
	save_registers(&to->registers, frame, task);
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
	struct frame_place place;
	struct signal_frame *image;
	enum err err;

	if (!(action->flags & SA_RESTORER))
		return ERR_FAULT;
	err = choose_place(task, frame, action->flags, &place);
	if (err != OK)
		return err;
	image = kmalloc(place.len);
	if (!image)
		return ERR_NOMEM;
	fill(image, frame, task, action);
	image->registers.oldmask = mask;
	image->registers.fpstate = place.fpstate;
	image->mask = mask;
	image->info = *info;
	memset(image + 1, 0, place.fpstate - place.frame - sizeof(*image));
	fpu_save(task->thread.context.fpu);
	fpu_frame_build((char *)image + (place.fpstate - place.frame), task->thread.context.fpu);
	err = copy_to_user((struct uaddr){place.frame}, image, place.len);
	kfree(image);
	if (err != OK)
		return err;
	if (task->altstack.flags & SS_AUTODISARM)
		task->altstack = (struct signal_stack){.flags = SS_DISABLE};
	enter_handler(frame, &place, action, info->signo);
	return OK;
}

/* Without an image: the state of a fresh program, as on Linux. */
static enum err restore_fpu(struct task *task, uint64_t fpstate)
{
	void *area = task->thread.context.fpu;
	size_t size = fpu_frame_size();
	enum err err;
	void *image;

	if (!fpstate) {
		fpu_init_state(area);
		fpu_restore(area);
		return OK;
	}
	image = kmalloc(size);
	if (!image)
		return ERR_NOMEM;
	size -= copy_from_user_partial(image, (struct uaddr){fpstate}, size);
	err = fpu_frame_parse(area, image, size);
	/* Nothing sleeps in between: a switch would save the live registers over the area. */
	if (err == OK)
		fpu_restore(area);
	kfree(image);
	return err;
}

static void load_registers(struct trapframe *frame, const struct signal_registers *from)
{
	uint64_t flags = (frame->rflags & ~FLAGS_FROM_FRAME) | (from->rflags & FLAGS_FROM_FRAME);

	*frame = (struct trapframe){
		.r8 = from->r8,
		.r9 = from->r9,
		.r10 = from->r10,
		.r11 = from->r11,
		.r12 = from->r12,
		.r13 = from->r13,
		.r14 = from->r14,
		.r15 = from->r15,
		.rdi = from->rdi,
		.rsi = from->rsi,
		.rbp = from->rbp,
		.rbx = from->rbx,
		.rdx = from->rdx,
		.rax = from->rax,
		.rcx = from->rcx,
		.rsp = from->rsp,
		.rip = from->rip,
		.rflags = flags,
	};
	trapframe_force_user(frame);
}

enum err signal_frame_pop(struct trapframe *frame)
{
	struct task *task = task_current();
	struct signal_frame image;
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
	load_registers(frame, &image.registers);
	signal_set_blocked(image.mask);
	(void)!signal_altstack_change(&image.stack, NULL, frame->rsp);
	return OK;
}
