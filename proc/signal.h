/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Signals: sending, pending sets, handlers, delivery at the return to ring 3.
 *
 * A signal is pending for one thread or for a whole process. Everything pending and every action
 * is guarded by process_lock; a thread's own mask is changed by that thread only, without the lock:
 * it changes the mask and then looks for what is pending, senders do it the other way round.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

#include "mm/addr.h"
#include "proc/signal_numbers.h"

struct task;
struct process;
struct pid;
struct trapframe;
struct cred;
struct user_account;
struct posix_timer;

struct signal_entry {
	struct list_node link;
	struct posix_timer *timer;  /* whose it is, or NULL */
	struct signal_queue *queue; /* where a timer's is while it is pending */
	struct signal_info info;
};

/*
 * Pending signals: the mask says which; details stand in the queue where memory and
 * RLIMIT_SIGPENDING allowed it. Each entry counts against the user of the process that the queue
 * belongs to.
 */
struct signal_queue {
	uint64_t mask;
	struct list_node entries;
	struct signal_entry spare; /* spares most signals the allocator */
	bool spare_used;
};

/* Handlers of a process; shared copy-on-write between parent and child until one changes them. */
struct signal_handlers {
	struct refcount count;
	bool is_common;   /* CLONE_SIGHAND: written in place, seen by all that share it */
	uint64_t ignored; /* bit set: SIG_IGN */
	uint64_t handled; /* bit set: neither SIG_DFL nor SIG_IGN */
	struct signal_action action[SIGNAL_COUNT];
};

/* How a call that slept to a deadline goes on when no handler ran: restart_syscall(2). */
typedef int64_t restart_fn(struct trapframe *frame, uint64_t deadline_ns);

struct signal_restart {
	restart_fn *call; /* NULL: it does not */
	uint64_t deadline_ns;
};

void signal_queue_init(struct signal_queue *queue);
/** Forget everything pending for @process or a thread of it. Context: process_lock held. */
void signal_queue_flush(struct process *process, struct signal_queue *queue);
/**
 * One entry more for @process: it counts against its user, whatever becomes of it.
 * Return: false when RLIMIT_SIGPENDING has been reached. Context: process_lock held.
 */
bool signal_charge_locked(struct process *process);
void signal_uncharge_locked(struct process *process);
/** @process has got another account: what its queues hold counts there now. process_lock held. */
void signal_queues_move(struct process *process, struct user_account *to);

struct signal_handlers *signal_handlers_default(void);
struct signal_handlers *signal_handlers_get(struct signal_handlers *handlers);
/** For a child: the running process's handlers, or NULL without memory. @common: CLONE_SIGHAND. */
struct signal_handlers *signal_handlers_inherit(bool common);
void signal_handlers_put(struct signal_handlers *handlers);

/** For exec: handlers become default, ignored stays ignored. Return: OK or ERR_NOMEM. */
enum err signal_handlers_for_exec(struct signal_handlers *old, struct signal_handlers **out);

/** rt_sigaction: either pointer may be NULL. Return: OK, ERR_INVAL, ERR_NOMEM. */
enum err signal_action_change(unsigned number, const struct signal_action *action,
			      struct signal_action *old);

/*
 * Sending. Each takes process_lock itself; the _locked forms want it held.
 * A signal that would be ignored anyway is dropped. Context: any that may take process_lock.
 */
void signal_send_process(struct process *process, const struct signal_info *info);
void signal_send_process_locked(struct process *process, const struct signal_info *info);
void signal_send_task_locked(struct task *task, const struct signal_info *info);
/** The same where the sender is to know: ERR_AGAIN when a queue of RLIMIT_SIGPENDING is full. */
enum err signal_try_process_locked(struct process *process, const struct signal_info *info);
enum err signal_try_task_locked(struct task *task, const struct signal_info *info);
/**
 * A timer's own entry, with its info filled in, to @task, or with NULL to whichever thread takes
 * it. It is in no list afterwards when nobody wants it.
 */
void signal_send_entry_locked(struct process *process, struct task *task,
			      struct signal_entry *entry);
/** Take a timer's entry back from the queue that it may be in. */
void signal_take_back_locked(struct signal_entry *entry);
/** To every member of the group (a tty's ^C). SI_KERNEL. */
void signal_send_group(struct pid *group, unsigned number);
void signal_send_group_locked(struct pid *group, unsigned number);
/** @number to the parent about a child of that wait status. The child has a parent. */
void signal_child_locked(const struct process *child, unsigned number, int32_t status);

/*
 * Stopped processes; context: process_lock held.
 */

/** A thread of a process that is to stop has ended: perhaps the last one that ran. */
void signal_stop_check_locked(struct process *process);
/** The parent has been told by wait that it stopped or went on. */
void signal_stop_forget_news_locked(struct process *process);
/** The process ends. */
void signal_stop_end_locked(struct process *process);

/**
 * For a call that was interrupted on its way to a deadline: unless a handler runs, @call is to go
 * on with it. Return: what the call returns.
 */
int64_t signal_restart_later(restart_fn *call, uint64_t deadline_ns);

/** A fault of the running thread: blocked or ignored kills the process. */
void signal_force(unsigned number, int32_t code, uint64_t address);
/** Like signal_force for SIGSEGV when a frame cannot be built; a handler for SIGSEGV is dropped. */
void signal_force_segv(unsigned while_delivering);

/** kill(2): @which as in the call (0 own group, -1 all, < -1 a group); 0 checks only. */
enum err signal_kill(int32_t which, unsigned number);
/** tgkill(2); @tgid 0 = tkill. */
enum err signal_tgkill(uint32_t tgid, uint32_t tid, unsigned number);

/**
 * rt_sigqueueinfo(2) and, where @tid is not 0, rt_tgsigqueueinfo(2): @info holds number and code,
 * and what goes with them. Return: OK, ERR_INVAL, ERR_SRCH, ERR_PERM, ERR_AGAIN.
 */
enum err signal_queue_info(uint32_t tgid, uint32_t tid, const struct signal_info *info);

/** May @sender signal @target? (uid rules of kill(2).) */
bool signal_allowed(const struct process *target, unsigned number);

/** Is a signal waiting that the running thread must look at before ring 3? */
bool signal_pending(const struct task *task);
/** Recompute the running thread's work flag after its mask or its queues changed. Context: any. */
void signal_recalculate(void);

/** Change the running thread's mask. */
void signal_set_blocked(uint64_t mask);
/** Like it, but the old mask returns after the next delivery (sigsuspend, ppoll, pselect). */
void signal_set_blocked_until_delivery(uint64_t mask);
/** Undo the above when no signal came. */
void signal_restore_blocked(void);

/** Take the lowest pending signal of @set out. Return: number, or 0. process_lock held. */
unsigned signal_take_locked(struct task *task, uint64_t set, struct signal_info *info);
/** sigtimedwait(2). Return: OK, ERR_AGAIN (deadline), ERR_INTR. */
enum err signal_wait(uint64_t set, struct signal_info *info, uint64_t deadline_ns);

/** Deliver what is pending to the running thread before it returns to ring 3 with @frame. */
void signal_deliver(struct trapframe *frame);

/* proc/signal_frame.c: the frame on the user's stack. */
enum err signal_frame_push(struct trapframe *frame, const struct signal_action *action,
			   const struct signal_info *info, uint64_t mask);
enum err signal_frame_pop(struct trapframe *frame);
/** Bytes a frame takes at most, with the XSAVE area (AT_MINSIGSTKSZ). */
size_t signal_frame_max(void);

/** sigaltstack(2); either pointer may be NULL. Return: OK, ERR_PERM, ERR_INVAL, ERR_NOMEM. */
enum err signal_altstack_change(const struct signal_stack *stack, struct signal_stack *old,
				uint64_t user_sp);
