/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * SCHED_DEADLINE: threads that have so much CPU time in each period of their own, before everybody
 * else. Who has the earliest deadline runs first. One whose budget is used up is parked until its
 * next period begins, also if the CPU is idle; what it used too much, in the kernel or because a
 * timer was late, its next budgets lack: a constant bandwidth server, with hard reservations.
 *
 * Each has a home, the CPU with the most room when it was admitted, and runs there: by EDF a CPU on
 * which the budgets are 95 % of the time keeps all deadlines.
 */
#include "kernel/lib/rbtree.h"
#include "kernel/lib/types.h"

#include "kernel/core/time.h"

struct realtime;
struct thread;

/* 0 < runtime <= deadline <= period <= DEADLINE_PERIOD_MOST_NS */
struct deadline_budget {
	uint64_t runtime_ns;
	uint64_t deadline_ns; /* after a period's begin */
	uint64_t period_ns;
};

#define DEADLINE_RUNTIME_LEAST_NS 1024ull
#define DEADLINE_PERIOD_LEAST_NS  100000ull
#define DEADLINE_PERIOD_MOST_NS   4194304000ull /* so products of two fit in 64 bits */

/* Memory of a thread's that has, or had, a budget. Under its run queue's lock. */
struct deadline {
	struct thread *thread;
	struct deadline_budget budget;
	uint64_t share; /* of a CPU, in 1/2^DEADLINE_SHARE_SHIFT */
	uint32_t home;  /* a CPU */
	bool is_parked; /* asleep until its next period */
	int64_t left_ns;
	uint64_t due_ns;     /* the present period's deadline */
	struct rb_node node; /* among those that wait for the CPU */
	struct timer timer;  /* for the end of the budget, or of being parked */
};

/** Fresh memory for @thread, to be handed to thread_deadline_set(). */
void deadline_init(struct deadline *deadline, struct thread *thread);

/**
 * Give @thread, which has run, @budget from now on. @memory: a fresh one, or its own.
 * Return: false when no CPU has room for it. Context: one caller at a time, no run queue's lock.
 */
bool thread_deadline_set(struct thread *thread, struct deadline *memory,
			 const struct deadline_budget *budget);

/**
 * @cpu takes no budgets from now on, for it is about to go. False: it is home of some, and goes on
 * taking them. Context: thread.
 */
bool deadline_close(uint32_t cpu);
/** It is back. */
void deadline_open(uint32_t cpu);

/** The running thread, about to end, has none any more: its memory may go. Context: the same. */
void thread_deadline_end(void);

/* --- for the run queue; context: its lock --- */

/* Among those that wait, by their deadlines. */
void deadline_add(struct realtime *realtime, struct thread *thread);
void deadline_remove(struct realtime *realtime, struct thread *thread);
/** The one with the earliest deadline; one waits. */
struct thread *deadline_first(const struct realtime *realtime);
bool deadline_precedes(const struct thread *thread, const struct thread *other);

/* @thread gets the CPU; it has used @ns; it is woken, after a sleep of its own or parked. */
void deadline_run(struct thread *thread);
void deadline_charge(struct thread *thread, uint64_t ns);
void deadline_wake(struct thread *thread, uint64_t now_ns, bool has_slept);
/**
 * Whether @thread, which leaves the CPU and could go on, is asleep instead until its next period;
 * @yields: whatever is left. Not while it holds a mutex, which others may wait for.
 */
bool deadline_park(struct thread *thread, bool yields, uint64_t now_ns);
/* It has another class; true when it was parked, and is to be woken. */
bool deadline_leave(struct thread *thread);
