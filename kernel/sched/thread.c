/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/thread.h"

#include "kernel/lib/string.h"

#include "kernel/core/random.h"
#include "kernel/core/time.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/weight.h"

uint64_t thread_canary_draw(void)
{
	uint64_t canary;

	do {
		canary = random_u64() & ~0xffull;
	} while (!canary);
	return canary;
}

void thread_init(struct thread *thread, const char *name, void *stack_base, void *stack_top)
{
	*thread = (struct thread){
		.context.canary = thread_canary_draw(),
		.state = THREAD_NEW,
		.stack_base = stack_base,
		.stack_top = stack_top,
		.group = &sched_group_kernel,
		.affinity = sched_allowed,
	};
	list_init(&thread->turn.link);
	thread_weight_set(thread, WEIGHT_NORMAL, false);
	strlcpy(thread->name, name, sizeof(thread->name));
}

uint64_t thread_cpu_ns(const struct thread *thread)
{
	/* Another CPU may be charging it: its base stays the same then. */
	uint64_t ticks = READ_ONCE(thread->on_cpu) ? time_counter() - READ_ONCE(thread->base_tsc)
						   : READ_ONCE(thread->cpu_ticks);

	return time_ticks_to_ns(ticks);
}

static void kthread_run(void *arg)
{
	struct kthread *kthread = arg;

	kthread->run(kthread->arg);
}

void kthread_init(struct kthread *kthread, void (*run)(void *arg), void *arg, const char *name,
		  void *stack_base, void *stack_top)
{
	thread_init(&kthread->thread, name, stack_base, stack_top);
	kthread->thread.is_kernel = 1;
	kthread->ended = KTHREAD_RUNS;
	kthread->joiner = NULL;
	kthread->run = run;
	kthread->arg = arg;
	context_init_kernel(&kthread->thread.context, stack_top, kthread_run, kthread);
}

void kthread_create(struct kthread *kthread, void (*run)(void *arg), void *arg, const char *name,
		    void *stack_base, void *stack_top)
{
	kthread_init(kthread, run, arg, name, stack_base, stack_top);
	thread_wake(&kthread->thread);
}

void kthread_ended(struct thread *thread)
{
	struct kthread *kthread = container_of(thread, struct kthread, thread);
	struct thread *joiner;

	__atomic_store_n(&kthread->ended, KTHREAD_OFF_STACK, __ATOMIC_SEQ_CST);
	joiner = READ_ONCE(kthread->joiner);
	if (joiner)
		thread_wake(joiner);
	__atomic_store_n(&kthread->ended, KTHREAD_FORGOTTEN, __ATOMIC_RELEASE);
}

void thread_wait_flag(const uint32_t *flag)
{
	struct thread *self = thread_self();

	for (;;) {
		__atomic_store_n(&self->state, THREAD_SLEEPING, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(flag, __ATOMIC_SEQ_CST))
			break;
		schedule();
	}
	WRITE_ONCE(self->state, THREAD_RUNNABLE);
}

static_assert(KTHREAD_RUNS == 0, "kthread_join waits until it is anything else");

void kthread_join(struct kthread *kthread)
{
	__atomic_store_n(&kthread->joiner, thread_self(), __ATOMIC_SEQ_CST);
	thread_wait_flag(&kthread->ended);
	/* Its CPU may be in the wake that ended the sleep: the memory is the caller's after that.
	 */
	while (__atomic_load_n(&kthread->ended, __ATOMIC_ACQUIRE) != KTHREAD_FORGOTTEN)
		cpu_relax();
}
