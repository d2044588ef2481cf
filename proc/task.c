/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of a task: its structure and its kernel stack, whose top also holds the saved vector
 * state. A task that has done its last switch is freed by the next thread that may take the locks.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/debug.h"
#include "kernel/lib/string.h"

#include "kernel/core/limits.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/switch.h"
#include "mm/claim.h"
#include "mm/kstack.h"
#include "mm/slab.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

static SLAB_CACHE(task_cache, struct task);

/*
 * What has left each CPU for ever. Who is about to leave it frees first what is there, so it never
 * are many. Only the CPU pushes, with interrupts off, right behind a switch; any takes all at once.
 */
static struct dead_tasks {
	struct task *first;
	uint32_t leaving; /* tasks between their process and the list */
} __aligned(CACHE_LINE) dead_by[LIMIT_CPUS];

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

void task_leaves(struct task *task)
{
	task->left_on = cpu_id();
	__atomic_fetch_add(&dead_by[task->left_on].leaving, 1, __ATOMIC_RELAXED);
}

void thread_reap(struct thread *thread)
{
	struct task *task = task_of(thread);
	uint32_t left_on = task->left_on;
	struct task **first = &dead_by[cpu_id()].first;

	task->next_dead = READ_ONCE(*first);
	while (!__atomic_compare_exchange_n(first, &task->next_dead, task, true, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED))
		;
	__atomic_fetch_sub(&dead_by[left_on].leaving, 1, __ATOMIC_RELEASE);
}

static void reap(struct dead_tasks *dead)
{
	struct task *task;

	if (!READ_ONCE(dead->first))
		return;
	task = __atomic_exchange_n(&dead->first, NULL, __ATOMIC_ACQUIRE);
	while (task) {
		struct task *next = task->next_dead;

		task_free(task);
		task = next;
	}
}

void task_reap_dead(void)
{
	reap(&dead_by[cpu_id()]);
}

void task_reap_left_on(uint32_t cpu)
{
	reap(&dead_by[cpu]);
}

void tasks_settle(void)
{
	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++)
		while (__atomic_load_n(&dead_by[cpu].leaving, __ATOMIC_ACQUIRE)) {
			thread_yield();
			cpu_relax();
		}
	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++)
		reap(&dead_by[cpu]);
	account_settle();
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
