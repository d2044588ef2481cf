/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of a task: its structure and its kernel stack, whose top also holds the saved vector
 * state. A task that has done its last switch is freed by the next thread that may take the locks.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/debug.h"
#include "kernel/lib/string.h"

#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/switch.h"
#include "mm/kstack.h"
#include "mm/slab.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

static SLAB_CACHE(task_cache, struct task);

/* LOCK_REAP is of kind IRQ: thread_reap runs with interrupts off, right behind a switch. */
static struct spinlock dead_lock = SPINLOCK_INIT(LOCK_REAP);
static struct list_node dead_tasks = LIST_INIT(dead_tasks);
/* Tasks between their process and that list. */
static uint32_t leaving;

enum err task_join_account(struct task *task, struct user_account *account, uint64_t limit)
{
	enum err err = account_charge_task(account, limit);

	if (err != OK)
		return err;
	task->account = account_get(account);
	task->counted = true;
	thread_group_set(&task->thread, &account->share);
	return OK;
}

void task_uncount(struct task *task)
{
	if (task->counted)
		account_release_task(task->account);
	task->counted = false;
}

static void task_free(struct task *task)
{
	struct process *process = task->process;

	task_uncount(task);
	kstack_free(task->thread.stack_base);
	cred_put(task->cred);
	if (task->account)
		account_put(task->account);
	if (task->pid)
		pid_put(task->pid);
	if (unlikely(task->thread.deadline))
		kfree(task->thread.deadline);
	slab_free(&task_cache, task);
	if (process)
		process_put(process);
}

void task_leaves(void)
{
	__atomic_fetch_add(&leaving, 1, __ATOMIC_RELAXED);
}

void thread_reap(struct thread *thread)
{
	spin_lock(&dead_lock);
	list_add_tail(&dead_tasks, &task_of(thread)->link);
	spin_unlock(&dead_lock);
	__atomic_fetch_sub(&leaving, 1, __ATOMIC_RELEASE);
}

static struct task *take_dead(void)
{
	struct task *task = NULL;
	uint64_t flags = spin_lock_irqsave(&dead_lock);

	if (!list_empty(&dead_tasks)) {
		task = list_first(&dead_tasks, struct task, link);
		list_remove(&task->link);
	}
	spin_unlock_irqrestore(&dead_lock, flags);
	return task;
}

void task_reap_dead(void)
{
	struct task *task;

	if (list_empty(&dead_tasks))
		return;
	while ((task = take_dead()))
		task_free(task);
}

void tasks_settle(void)
{
	while (__atomic_load_n(&leaving, __ATOMIC_ACQUIRE)) {
		thread_yield();
		cpu_relax();
	}
	task_reap_dead();
}

struct task *task_create(const char *name)
{
	task_reap_dead();
	struct task *task = slab_alloc_zero(&task_cache);
	char *stack = kstack_alloc();

	if (!task || !stack) {
		kstack_free(stack);
		slab_free(&task_cache, task);
		return NULL;
	}
	if (CONFIG_DEBUG)
		kstack_mark(stack);
	char *fpu = stack + KSTACK_SIZE - align_up(fpu_state_size(), FPU_ALIGN);
	thread_init(&task->thread, name, stack, fpu);
	context_init_user(&task->thread.context, fpu);
	task->thread.context.fpu = fpu;
	list_init(&task->link);
	signal_queue_init(&task->pending);
	task->altstack.flags = SS_DISABLE;
	return task;
}

void task_destroy(struct task *task)
{
	task_free(task);
}

struct trapframe *task_frame(struct task *task)
{
	return trapframe_of_stack(task->thread.context.kernel_rsp);
}
