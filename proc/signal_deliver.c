/* SPDX-License-Identifier: BSD-2-Clause */
/* Where signals act and interrupted calls go on: the return to ring 3. */
#include "kernel/x86/cpu.h"
#include "kernel/x86/trap_hooks.h"
#include "proc/signal_internal.h"

#define CALL_BYTES   2u   /* the length of SYSCALL and of int 0x80 */
#define CALL_RESTART 219u /* restart_syscall */

static bool in_call(const struct trapframe *frame)
{
	return frame->vector == TRAP_SYSCALL || frame->vector == TRAP_INT80;
}

static bool wants_restart(const struct trapframe *frame)
{
	int64_t result = (int64_t)frame->rax;

	return in_call(frame) && result <= ERR_RESTARTSYS && result >= ERR_RESTART_BLOCK;
}

/* Run the call's instruction again, with its number where it was: or the one that goes on. */
static void call_again(struct trapframe *frame)
{
	bool goes_on = (int64_t)frame->rax == ERR_RESTART_BLOCK;

	frame->rip -= CALL_BYTES;
	frame->rax = goes_on ? CALL_RESTART : frame->error;
}

int64_t signal_restart_later(restart_fn *call, uint64_t deadline_ns)
{
	task_current()->restart = (struct signal_restart){call, deadline_ns};
	return ERR_RESTART_BLOCK;
}

static void restart_for_handler(struct trapframe *frame, const struct signal_action *action)
{
	if (!wants_restart(frame))
		return;
	if ((int64_t)frame->rax == ERR_RESTARTNOINTR ||
	    ((int64_t)frame->rax == ERR_RESTARTSYS && (action->flags & SA_RESTART)))
		call_again(frame);
	else
		frame->rax = (uint64_t)ERR_INTR;
}

static void block_for_handler(struct task *task, const struct signal_action *action,
			      unsigned number)
{
	uint64_t blocked = task->blocked | action->mask;

	task->restore_blocked = false;
	if (!(action->flags & SA_NODEFER))
		blocked |= signal_bit(number);
	if (blocked != task->blocked)
		signal_set_blocked(blocked);
}

static void run_handler(struct trapframe *frame, const struct signal_action *action,
			const struct signal_info *info)
{
	struct task *task = task_current();
	unsigned number = (unsigned)info->signo;
	uint64_t mask = task->restore_blocked ? task->saved_blocked : task->blocked;

	restart_for_handler(frame, action);
	task->restart.call = NULL;
	/* From here on the frame is the handler's: no second look at the call's result. */
	frame->vector = 0;
	if (signal_frame_push(frame, action, info, mask) != OK) {
		signal_force_segv(number);
		return;
	}
	block_for_handler(task, action, number);
}

/* Takes the next signal that is not a stop, and what is to be done. Return: its number, or 0. */
static unsigned next_signal(struct task *task, struct signal_action *action,
			    struct signal_info *info)
{
	struct process *process = task->process;
	unsigned number;

	lglock_lock(&process_lock);
	do {
		if (unlikely(process->stop.signal))
			signal_stop_park_locked(task);
		number = signal_take_locked(task, ~task->blocked, info);
	} while (unlikely(number && (signal_bit(number) & SIGNALS_STOP)) &&
		 signal_stop_begin_locked(process, number));
	if (number)
		signal_action_take_locked(process, number, action);
	lglock_unlock(&process_lock);
	return number;
}

static void act(struct trapframe *frame, const struct task *task,
		const struct signal_action *action, const struct signal_info *info)
{
	unsigned number = (unsigned)info->signo;

	if (action->handler == SIG_IGN)
		return;
	if (action->handler != SIG_DFL) {
		run_handler(frame, action, info);
		return;
	}
	/* Signals that PID 1 asked for nothing about were blocked when they were sent. */
	if ((signal_bit(number) & SIGNALS_DEFAULT_IGNORED) || (task->process->flags & PROCESS_INIT))
		return;
	process_exit_group((int32_t)number);
}

void signal_deliver(struct trapframe *frame)
{
	struct task *task = task_current();
	struct signal_action action __uninitialized; /* both: set for each signal taken */
	struct signal_info info __uninitialized;

	/* Cleared first: whatever comes from now on sets it again. */
	thread_work_clear(THREAD_SIGNAL);
	if (unlikely(READ_ONCE(task->rttime.is_due)))
		rttime_reached();
	while (next_signal(task, &action, &info)) {
		act(frame, task, &action, &info);
		if (!signal_pending(task))
			break;
	}
	if (wants_restart(frame))
		call_again(frame);
	signal_restore_blocked();
}

void signal_handle_now(struct trapframe *frame, const struct signal_info *info)
{
	struct task *task = task_current();
	struct process *process = task->process;
	uint64_t bit = signal_bit((unsigned)info->signo);
	struct signal_action action __uninitialized; /* where it is not deadly */
	bool deadly;

	lglock_lock(&process_lock);
	deadly = (task->blocked | ~process->handlers->handled) & bit;
	if (!deadly)
		signal_action_take_locked(process, (unsigned)info->signo, &action);
	lglock_unlock(&process_lock);
	if (deadly)
		process_exit_group(info->signo);
	run_handler(frame, &action, info);
}

void return_to_user_work(struct trapframe *frame)
{
	uint32_t work = thread_work();

	irq_enable();
	if (work & THREAD_KILLED)
		process_exit_group(SIGKILL);
	if (work & THREAD_SIGNAL)
		signal_deliver(frame);
	if (work & THREAD_RESCHED)
		schedule();
	irq_disable();
}
