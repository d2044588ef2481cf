/* SPDX-License-Identifier: BSD-2-Clause */
/* The running thread's mask, its alternate stack, and waiting for a signal. */
#include "proc/signal_internal.h"

bool signal_pending(const struct task *task)
{
	return signal_pending_mask(task) & ~READ_ONCE(task->blocked);
}

/* Cleared first, looked for afterwards: what a sender adds in between sets it again. */
void signal_recalculate(void)
{
	struct task *task = task_current();

	if (thread_work() & THREAD_SIGNAL) {
		if (task->restore_blocked)
			return;
		thread_work_clear(THREAD_SIGNAL);
	}
	if (signal_pending(task) || READ_ONCE(task->process->stop.signal) ||
	    READ_ONCE(task->rttime.is_due))
		thread_interrupt(&task->thread, THREAD_SIGNAL);
}

/* What this thread was to take and now blocks, another one may. */
static __noinline void leave_to_others(struct process *process, uint64_t set)
{
	lglock_lock(&process_lock);
	signal_retarget_locked(process, set);
	lglock_unlock(&process_lock);
}

static void set_blocked(struct task *task, uint64_t mask)
{
	uint64_t old = task->blocked;

	__atomic_store_n(&task->blocked, mask & ~SIGNALS_UNBLOCKABLE, __ATOMIC_SEQ_CST);
	if (unlikely(READ_ONCE(task->process->pending.mask) & mask & ~old))
		leave_to_others(task->process, mask & ~old);
	signal_recalculate();
}

void signal_set_blocked(uint64_t mask)
{
	set_blocked(task_current(), mask);
}

void signal_set_blocked_until_delivery(uint64_t mask)
{
	struct task *task = task_current();

	task->saved_blocked = task->blocked;
	task->restore_blocked = true;
	set_blocked(task, mask);
}

void signal_restore_blocked(void)
{
	struct task *task = task_current();

	if (!task->restore_blocked)
		return;
	task->restore_blocked = false;
	set_blocked(task, task->saved_blocked);
}

unsigned signal_take_locked(struct task *task, uint64_t set, struct signal_info *info)
{
	struct process *process = task->process;
	unsigned number = signal_queue_take(process, &task->pending, set, info);

	if (!number)
		number = signal_queue_take(process, &process->pending, set, info);
	if (number == SIGALRM)
		interval_timer_again_locked(process);
	return number;
}

/* ERR_AGAIN: nothing yet, sleep on. */
static enum err wait_look(struct task *task, struct signal_info *info)
{
	enum err err = OK;

	lglock_lock(&process_lock);
	if (!signal_take_locked(task, task->sigwait, info)) {
		err = signal_pending(task) || task->process->stop.signal ? ERR_INTR : ERR_AGAIN;
		signal_recalculate();
	}
	lglock_unlock(&process_lock);
	return err;
}

enum err signal_wait(uint64_t set, struct signal_info *info, uint64_t deadline_ns)
{
	struct task *task = task_current();
	enum wait_result result = WAIT_OK;
	enum err err;

	lglock_lock(&process_lock);
	task->sigwait = set & ~SIGNALS_UNBLOCKABLE;
	lglock_unlock(&process_lock);
	while ((err = wait_look(task, info)) == ERR_AGAIN && result != WAIT_TIMEDOUT) {
		if (thread_work() & THREAD_KILLED) {
			err = ERR_INTR;
			break;
		}
		result = wait_until(deadline_ns, WAIT_INTERRUPTIBLE);
	}
	lglock_lock(&process_lock);
	task->sigwait = 0;
	signal_retarget_locked(task->process, set);
	lglock_unlock(&process_lock);
	signal_recalculate();
	return err;
}

static bool on_stack(const struct signal_stack *stack, uint64_t sp)
{
	return sp > stack->sp && sp - stack->sp <= stack->size && !(stack->flags & SS_AUTODISARM);
}

enum err signal_altstack_change(const struct signal_stack *stack, struct signal_stack *old,
				uint64_t user_sp)
{
	struct signal_stack *mine = &task_current()->altstack;
	bool on = on_stack(mine, user_sp);
	uint32_t mode;

	if (old) {
		*old = *mine;
		mode = on ? SS_ONSTACK : mine->size ? 0 : SS_DISABLE;
		old->flags = mode | (mine->flags & SS_AUTODISARM);
	}
	if (!stack)
		return OK;
	if (on)
		return ERR_PERM;
	mode = stack->flags & ~SS_AUTODISARM;
	if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK)
		return ERR_INVAL;
	if (mode == SS_DISABLE) {
		*mine = (struct signal_stack){.flags = stack->flags};
		return OK;
	}
	if (stack->size < MINSIGSTKSZ)
		return ERR_NOMEM;
	*mine = (struct signal_stack){.sp = stack->sp, .flags = stack->flags, .size = stack->size};
	return OK;
}
