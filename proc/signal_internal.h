/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between the signal files of proc/. Context of the queue calls: process_lock held. */
#include "proc/process.h"

/**
 * Make a signal pending in a queue of @process. A standard signal that is pending already stays as
 * it is; the numbers from SIGRTMIN on queue up, in order. Where RLIMIT_SIGPENDING or the memory
 * does not allow the details, only the fact is kept, or with queued signals of programs nothing:
 * ERR_AGAIN.
 */
enum err signal_queue_add(struct process *process, struct signal_queue *queue,
			  const struct signal_info *info);
/** Make a timer's own entry, which is in no list, pending. */
void signal_queue_add_entry(struct signal_queue *queue, struct signal_entry *entry);
/** Forget the signals of @set. */
void signal_queue_drop(struct process *process, struct signal_queue *queue, uint64_t set);
/** Take the lowest of @set. Return: its number, or 0. */
unsigned signal_queue_take(struct process *process, struct signal_queue *queue, uint64_t set,
			   struct signal_info *info);

/** Default action: nothing (SIGCONT has acted when it was sent). */
#define SIGNALS_DEFAULT_IGNORED \
	(signal_bit(SIGCHLD) | signal_bit(SIGCONT) | signal_bit(SIGURG) | signal_bit(SIGWINCH))
/** Default action: stop. */
#define SIGNALS_STOP \
	(signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))

/* What becomes of a signal when it is sent. */
enum signal_fate {
	SIGNAL_DROPPED, /* nobody would ever see it: it is not even pending */
	SIGNAL_PENDS,
	SIGNAL_KILLS, /* nothing of the process would be left to see it */
};

/** Of the signal @bit to a thread that blocks or waits for @waits. Context: process_lock held. */
enum signal_fate signal_fate(const struct process *process, uint64_t waits, uint64_t bit);

/** Everything pending for the thread, its process's signals included. */
static inline uint64_t signal_pending_mask(const struct task *task)
{
	const struct process *process = task->process;

	return READ_ONCE(task->pending.mask) | READ_ONCE(process->pending.mask);
}

/*
 * proc/signal_stop.c. Context of all: process_lock held.
 */

/**
 * The default action of a stop signal, which a thread of @process has just taken.
 * Return: false when the process handles or ignores it.
 */
bool signal_stop_begin_locked(struct process *process, unsigned number);
/** Sleep while the running thread's process is stopped. Drops the lock meanwhile. */
void signal_stop_park_locked(struct task *task);
/**
 * Whether @task is about to stop with its process. What it makes now would not be told to: it was
 * not there when its group was sent the signal.
 */
bool signal_stop_is_near_locked(const struct task *task);
/** SIGCONT is being sent: go on. */
void signal_continue_locked(struct process *process);

/**
 * Somebody who was to take the signals of @set that are pending for the process does not: others
 * may. Context: process_lock held.
 */
void signal_retarget_locked(struct process *process, uint64_t set);
/** The default action from now on. Context: process_lock held. */
void signal_action_reset_locked(struct process *process, unsigned number);

/**
 * What @process wants done with the signal that a thread of it is about to handle: a handler of
 * SA_RESETHAND is nobody's from now on. Context: process_lock held.
 */
static inline void signal_action_take_locked(struct process *process, unsigned number,
					     struct signal_action *action)
{
	*action = process->handlers->action[number - 1];
	if (unlikely(action->flags & SA_RESETHAND) && action->handler > SIG_IGN)
		signal_action_reset_locked(process, number);
}

/** @task was unlinked from @process, which lives on. Context: process_lock held. */
void signal_task_gone_locked(struct process *process);

/**
 * Let the running thread handle @info at once, before anything pending (a fault of its own).
 * Blocked, ignored or default: the process ends.
 */
void signal_handle_now(struct trapframe *frame, const struct signal_info *info);

/* Linux's struct sigcontext: the registers in a frame on the user's stack. */
struct signal_registers {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t error, vector, oldmask, cr2, fpstate, reserved[8];
};
static_assert(sizeof(struct signal_registers) == 256, "struct sigcontext, x86-64");

/**
 * Registers that ring 3 had in its hands become the trapframe: CS, SS and the flags that are not
 * ring 3's stay as they must be, whatever @from says.
 */
void signal_registers_load(struct trapframe *frame, const struct signal_registers *from);
