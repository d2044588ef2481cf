/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals as programs set, send and wait for them. */
#include "mm/usercopy.h"
#include "syscall/user.h"

#define SIGSET_BYTES 8u

int64_t sys_rt_sigaction(struct trapframe *frame)
{
	struct uaddr from = arg_uaddr(frame, 1), to = arg_uaddr(frame, 2);
	struct signal_action action __uninitialized, old __uninitialized; /* set where used */
	enum err err = OK;

	if (arg(frame, 3) != SIGSET_BYTES)
		return ERR_INVAL;
	if (from.raw)
		err = copy_from_user(&action, from, sizeof(action));
	if (err == OK)
		err = signal_action_change(arg_u32(frame, 0), from.raw ? &action : NULL,
					   to.raw ? &old : NULL);
	if (err == OK && to.raw)
		err = copy_to_user(to, &old, sizeof(old));
	return err;
}

static enum err apply_mask(uint32_t how, uint64_t old, uint64_t set)
{
	switch (how) {
	case SIG_BLOCK:
		signal_set_blocked(old | set);
		return OK;
	case SIG_UNBLOCK:
		signal_set_blocked(old & ~set);
		return OK;
	case SIG_SETMASK:
		signal_set_blocked(set);
		return OK;
	default:
		return ERR_INVAL;
	}
}

int64_t sys_rt_sigprocmask(struct trapframe *frame)
{
	struct uaddr from = arg_uaddr(frame, 1), to = arg_uaddr(frame, 2);
	uint64_t old = task_current()->blocked, set = 0;
	enum err err = OK;

	if (arg(frame, 3) != SIGSET_BYTES)
		return ERR_INVAL;
	if (from.raw) {
		err = get_user_u64(&set, from);
		if (err == OK)
			err = apply_mask(arg_u32(frame, 0), old, set);
	}
	if (err == OK && to.raw)
		err = put_user_u64(to, old);
	return err;
}

int64_t sys_rt_sigreturn(struct trapframe *frame)
{
	if (signal_frame_pop(frame) != OK)
		signal_force(SIGSEGV, SI_KERNEL, 0);
	/* The registers are the interrupted code's: its rax is no call's result. */
	frame->vector = 0;
	return (int64_t)frame->rax;
}

int64_t sys_rt_sigpending(struct trapframe *frame)
{
	const struct task *task = task_current();
	uint64_t set = (task->pending.mask | task->process->pending.mask) & task->blocked;

	if (arg(frame, 1) > SIGSET_BYTES)
		return ERR_INVAL;
	return copy_to_user(arg_uaddr(frame, 0), &set, arg(frame, 1));
}

int64_t sys_rt_sigsuspend(struct trapframe *frame)
{
	uint64_t set;
	enum err err;

	if (arg(frame, 1) != SIGSET_BYTES)
		return ERR_INVAL;
	err = get_user_u64(&set, arg_uaddr(frame, 0));
	if (err != OK)
		return err;
	signal_set_blocked_until_delivery(set);
	wait_until(TIME_NEVER, WAIT_INTERRUPTIBLE);
	return ERR_RESTARTNOHAND;
}

int64_t sys_pause(struct trapframe *frame)
{
	(void)frame;
	wait_until(TIME_NEVER, WAIT_INTERRUPTIBLE);
	return ERR_RESTARTNOHAND;
}

int64_t sys_rt_sigtimedwait(struct trapframe *frame)
{
	struct uaddr to = arg_uaddr(frame, 1), timeout = arg_uaddr(frame, 2);
	uint64_t set, ns, deadline = TIME_NEVER;
	struct signal_info info;
	enum err err;

	if (arg(frame, 3) != SIGSET_BYTES)
		return ERR_INVAL;
	err = get_user_u64(&set, arg_uaddr(frame, 0));
	if (err == OK && timeout.raw) {
		err = user_time_get(&ns, timeout);
		deadline = err == OK ? user_deadline(ns) : 0;
	}
	if (err == OK)
		err = signal_wait(set, &info, deadline);
	if (err == OK && to.raw)
		err = copy_to_user(to, &info, sizeof(info));
	return err == OK ? info.signo : err;
}

int64_t sys_sigaltstack(struct trapframe *frame)
{
	struct uaddr from = arg_uaddr(frame, 0), to = arg_uaddr(frame, 1);
	struct signal_stack stack, old = {0};
	enum err err = OK;

	if (from.raw)
		err = copy_from_user(&stack, from, sizeof(stack));
	if (err == OK)
		err = signal_altstack_change(from.raw ? &stack : NULL, &old, frame->rsp);
	if (err == OK && to.raw)
		err = copy_to_user(to, &old, sizeof(old));
	return err;
}

int64_t sys_kill(struct trapframe *frame)
{
	return signal_kill(arg_int(frame, 0), arg_u32(frame, 1));
}

#define INFO_BYTES 48u /* of siginfo_t's 128: what the kernel keeps */

/* Bytes that only a kernel of later could give a meaning to must be zero. */
static enum err check_expansion(struct uaddr at, int32_t code)
{
	struct signal_info info;
	enum err err;

	if (code >= SI_DETHREAD || code == SI_ASYNCNL)
		return OK;
	err = copy_from_user((uint8_t *)&info + INFO_BYTES, (struct uaddr){at.raw + INFO_BYTES},
			     sizeof(info) - INFO_BYTES);
	for (size_t i = INFO_BYTES; err == OK && i < sizeof(info); i++)
		if (((const uint8_t *)&info)[i])
			err = ERR_2BIG;
	return err;
}

static enum err get_info(struct signal_info *info, struct uaddr at, uint32_t number)
{
	enum err err;

	*info = (struct signal_info){0};
	err = copy_from_user(info, at, INFO_BYTES);
	info->signo = (int32_t)number;
	return err == OK ? check_expansion(at, info->code) : err;
}

int64_t sys_rt_sigqueueinfo(struct trapframe *frame)
{
	struct signal_info info;
	enum err err = get_info(&info, arg_uaddr(frame, 2), arg_u32(frame, 1));

	return err == OK ? signal_queue_info(arg_u32(frame, 0), 0, &info) : err;
}

int64_t sys_rt_tgsigqueueinfo(struct trapframe *frame)
{
	struct signal_info info;
	enum err err = get_info(&info, arg_uaddr(frame, 3), arg_u32(frame, 2));

	if (err != OK)
		return err;
	if (arg_int(frame, 0) <= 0 || arg_int(frame, 1) <= 0)
		return ERR_INVAL;
	return signal_queue_info(arg_u32(frame, 0), arg_u32(frame, 1), &info);
}

int64_t sys_tkill(struct trapframe *frame)
{
	return arg_int(frame, 0) <= 0 ? ERR_INVAL
				      : signal_tgkill(0, arg_u32(frame, 0), arg_u32(frame, 1));
}

int64_t sys_tgkill(struct trapframe *frame)
{
	if (arg_int(frame, 0) <= 0 || arg_int(frame, 1) <= 0)
		return ERR_INVAL;
	return signal_tgkill(arg_u32(frame, 0), arg_u32(frame, 1), arg_u32(frame, 2));
}
