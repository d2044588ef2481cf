/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Threads: what the scheduler knows about one flow of control. Memory is handed in by the caller;
 * the thread stands inside a larger structure of proc (struct task) or in a kernel thread's memory.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"
#include "kernel/lib/types.h"

#include "kernel/sched/calendar.h"
#include "kernel/sched/cpu_set.h"
#include "kernel/sched/wait_graph.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/switch.h"

struct deadline;
struct inherit_waiter;
struct space;
struct wait_queue;

/* Bits of struct context's work word, which is looked at before every return to ring 3. */
#define THREAD_RESCHED 1u /* give the CPU away */
#define THREAD_SIGNAL  2u /* a signal may have to be handled */
#define THREAD_KILLED  4u /* must end: breaks killable waits too */

enum thread_state {
	THREAD_NEW,      /* made, never woken; in no queue */
	THREAD_RUNNABLE, /* running, or in exactly one run queue */
	THREAD_SLEEPING, /* waits; in no run queue (or about to leave the CPU) */
	THREAD_DEAD,     /* has done its last switch, or is about to */
};

enum thread_parting {
	PARTING_NOT,
	PARTING_MOVE, /* it may not stay on this CPU */
	PARTING_DEAD, /* it has done its last switch */
};

/* What may end a sleep besides its event. */
enum wait_class {
	WAIT_KILLABLE = THREAD_KILLED,
	WAIT_INTERRUPTIBLE = THREAD_KILLED | THREAD_SIGNAL
};

#define THREAD_NAME_BYTES 16

/*
 * Threads that share the CPU as one: a user's, or the kernel's own. On each CPU the groups share
 * the time, so a user with a thousand threads gets no more than a user with one.
 */
struct sched_group {
	struct sched_part *parts; /* by CPU; NULL: the kernel's, which stand in the run queues */
	uint64_t now;             /* where the CPU is that is furthest, or was lately */
	uint64_t used_ns;         /* CPU time of all its threads, as far as CPUs have told */
};

/* What of a group is on one CPU; under the run queue's lock. */
struct sched_part {
	struct calendar threads;    /* waiting */
	struct calendar_entry turn; /* in the run queue's calendar while threads wait */
	uint64_t waiting;           /* threads in the calendar */
	uint64_t skew;              /* what its calendar is behind the group's time */
	uint64_t known_ns;          /* what of the group's used time its turn contains */
	uint64_t untold_ns;         /* time used here that is not in the group's yet */
	uint32_t share_shift;       /* its time costs 2^share_shift times less */
} __aligned(64);

/* The kernel's own threads. */
extern struct sched_group sched_group_kernel;

/** Make a group of @count parts, one for each CPU that may ever run: sched_cpu_limit(). */
void sched_group_init(struct sched_group *group, struct sched_part *parts, uint32_t count);

/* What inherit.h knows of a thread; under its lock. */
struct thread_inherit {
	struct rb_tree owned; /* locks that others wait for, the most urgent one's first */
	struct inherit_waiter *waits;
};

struct thread {
	struct context context; /* first: kernel/x86 finds it through %gs */

	/* Under the run queue's lock of the CPU @cpu. */
	enum thread_state state;
	uint32_t cpu;   /* where it runs or waits, or ran last; changed under the old one's lock */
	uint8_t on_cpu; /* its registers are in a CPU, not in @context */
	uint8_t in_queue;
	uint8_t is_moved; /* it has come from another CPU and not run since */
	uint8_t realtime; /* its real-time priority, its own or a lent one; 0: none */
	uint8_t own_realtime;
	uint8_t lent_realtime;
	uint8_t inherited_realtime; /* of who waits for locks that it owns (inherit.h) */
	uint8_t waits_for_mutex;    /* and goes on waiting if it is woken for nothing; its own */
	uint8_t takes_turns;        /* with those of its priority, a quantum each */
	uint8_t turn_is_over;       /* its quantum among them is used up, or it has yielded */
	uint8_t parting;         /* a thread_parting: what is to be done once it is off its stack */
	uint8_t is_kernel;       /* stands in a struct kthread */
	uint32_t wait_class;     /* what may end its sleep besides a wake; 0: nothing */
	struct cpu_set affinity; /* the CPUs it may run on */
	struct deadline *deadline;  /* its budget, or one it had; NULL: never */
	struct calendar_entry turn; /* its place in the queue, and its virtual time there */
	struct sched_group *group;  /* whose share it uses; changed by thread_group_set() only */
	struct sched_part *part;    /* of the group on its CPU; set by the first wake */
	uint64_t unbroken_ticks;    /* CPU time as a real-time thread since its last sleep */
	uint64_t unbroken_sleeps;   /* how often it had slept by then */
	uint64_t settled_ticks;     /* of its CPU time: what its virtual time contains */
	uint64_t slice_ticks;       /* used of the quantum */
	uint64_t switch_tsc;        /* when it got the CPU, or was charged since */
	uint64_t base_tsc;          /* since when it would have run without a break */
	uint64_t cpu_ticks;         /* CPU time up to the last switch, in counter ticks */
	uint64_t switch_count;      /* times it left the CPU */
	uint64_t forced_count;      /* of these, times it could have gone on */

	/* thread_weight_set(): changed by anybody, any time. */
	uint32_t weight;
	uint32_t pace;      /* virtual time for its CPU time, in 1/2^PACE_SHIFT */
	uint8_t slice_pace; /* how much faster than others it uses up its quantum */
	uint8_t is_batch;   /* its wake takes the CPU from nobody */
	uint8_t is_leaving; /* is about to end: no wake takes the CPU from it; its own */

	/* Own thread only. */
	uint64_t fault_count;  /* page faults that were resolved */
	uint64_t held_mutexes; /* ranks of lock_order.def */

	struct thread_inherit inherit;
	struct space *space; /* whose memory it runs in; NULL for kernel threads */
	void *stack_base;    /* lowest address of the kernel stack */
	void *stack_top;
	char name[THREAD_NAME_BYTES];
	struct thread_locks locks; /* DEBUG builds */
#ifdef CONFIG_COVERAGE
	struct coverage *coverage; /* where its places are recorded; NULL: nowhere */
#endif
};
static_assert(offsetof(struct thread, context) == 0, "kernel/x86 tests its work word there");

/** The running thread. Context: any. */
static inline struct thread *thread_self(void)
{
	return thread_current();
}

/**
 * Make @thread ready for its first wake. Its kernel stack [base, top) and the register context
 * (context_init_user or _kernel of kernel/x86/switch.h; the canary is drawn here) are the caller's
 * work.
 */
void thread_init(struct thread *thread, const char *name, void *stack_base, void *stack_top);

/** A new stack canary: not 0, its low byte 0, so that no string can run over it and restore it. */
uint64_t thread_canary_draw(void);

/**
 * Make @thread runnable if it sleeps or is new.
 *
 * Return: true when this call woke it; false when it was runnable or dead already.
 * Context: any. Wakes before the sleeper's last look at its condition are never lost.
 */
bool thread_wake(struct thread *thread);
/** The same where interrupts are off already. */
bool thread_wake_irqoff(struct thread *thread);

/**
 * A new thread starts where its maker stands, with what the maker has used of its quantum, so that
 * making threads is no way to the front, and may run where its maker may. Context: thread, before
 * the first wake of @child.
 */
void thread_inherit(struct thread *child);

/**
 * Let @thread use the share of @group from now on. Context: the thread itself, or before its first
 * wake.
 */
void thread_group_set(struct thread *thread, struct sched_group *group);

/**
 * Set bits of @thread's work word and end its sleep if the wait's class allows one of them.
 * Context: any.
 */
void thread_interrupt(struct thread *thread, uint32_t work);

/** Clear bits of the running thread's work word. */
void thread_work_clear(uint32_t work);

/** Bits of the running thread's work word. */
static inline uint32_t thread_work(void)
{
	return READ_ONCE(thread_self()->context.work);
}

/** Let the next of those that wait run first. Context: thread, may sleep. */
void thread_yield(void);

/**
 * Give the CPU to the next thread. A running thread stays runnable; one that has set its state to
 * sleeping goes to sleep. Context: thread, no spinlock held.
 */
void schedule(void);

/** A place in long work where the CPU may be given away. Context: thread, may sleep. */
void preempt_point(void);

/**
 * Leave the CPU for ever. After the last switch thread_reap() of sched_hooks.h gets the thread (or
 * kthread_join() returns), on another stack. Context: thread, no locks.
 */
_Noreturn void thread_exit_switch(void);

/**
 * Let @thread run on the CPUs of @set only. One that runs leaves its CPU at its next preemption
 * point. Return: false when no CPU of the set runs threads. Context: any.
 */
bool thread_affinity_set(struct thread *thread, const struct cpu_set *set);

/**
 * Sleep until *@flag is not 0: who sets it wakes the thread afterwards. Nothing else ends the
 * sleep. Context: thread, may sleep.
 */
void thread_wait_flag(const uint32_t *flag);

/** CPU time used so far, in nanoseconds; exact for the running thread too. Context: any. */
uint64_t thread_cpu_ns(const struct thread *thread);

enum kthread_end {
	KTHREAD_RUNS,
	KTHREAD_OFF_STACK, /* its last CPU is about to wake the joiner */
	KTHREAD_FORGOTTEN, /* nobody uses its memory any more */
};

/** Memory of a kernel thread, handed in. */
struct kthread {
	struct thread thread;
	void (*run)(void *arg);
	void *arg;
	struct thread *joiner; /* who waits in kthread_join */
	uint32_t ended;        /* a kthread_end */
};

/** Fill @kthread; thread_wake() of its thread starts it. As kthread_create otherwise. */
void kthread_init(struct kthread *kthread, void (*run)(void *arg), void *arg, const char *name,
		  void *stack_base, void *stack_top);

/**
 * Start @run(@arg) on the given kernel stack. @kthread and the stack stay until kthread_join().
 */
void kthread_create(struct kthread *kthread, void (*run)(void *arg), void *arg, const char *name,
		    void *stack_base, void *stack_top);

/**
 * Wait until @run has returned and the thread is off its stack: both may be freed then. One caller.
 * Context: thread, may sleep.
 */
void kthread_join(struct kthread *kthread);

/** The scheduler's call for a kernel thread after its last switch. Interrupts off. */
void kthread_ended(struct thread *thread);
