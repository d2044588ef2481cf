/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of a task: its structure and its kernel stack, whose top also holds the saved vector
 * state. A task that has done its last switch is freed by the next thread that may take the locks.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/switch.h"
#include "mm/kstack.h"
#include "mm/slab.h"
#include "proc/task_internal.h"

static SLAB_CACHE(task_cache, struct task);

/* LOCK_REAP is of kind IRQ: thread_reap runs with interrupts off, right behind a switch. */
static struct spinlock dead_lock = SPINLOCK_INIT(LOCK_REAP);
static struct list_node dead_tasks = LIST_INIT(dead_tasks);

static void task_free(struct task *task)
{
	struct process *process = task->process;

	kstack_free(task->thread.stack_base);
	if (task->pid)
		pid_put(task->pid);
	slab_free(&task_cache, task);
	if (process)
		process_put(process);
}

void thread_reap(struct thread *thread)
{
	spin_lock(&dead_lock);
	list_add_tail(&dead_tasks, &task_of(thread)->link);
	spin_unlock(&dead_lock);
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
