/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Who gives way to whom: nice values, scheduling classes and priorities of input and output, each a
 * thread's own. Nice values and SCHED_IDLE are weights within the user's share
 * (kernel/sched/weight.h); SCHED_FIFO and SCHED_RR go before all others (kernel/sched/realtime.h),
 * SCHED_DEADLINE before these (kernel/sched/deadline.h).
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "kernel/sched/deadline.h"

#define NICE_LEAST (-20)
#define NICE_MOST  19

enum scheduling_policy {
	SCHED_OTHER = 0,
	SCHED_FIFO = 1,
	SCHED_RR = 2,
	SCHED_BATCH = 3,
	SCHED_IDLE = 5,
	SCHED_DEADLINE = 6,
};

#define SCHED_RESET_ON_FORK 0x40000000u
#define RT_PRIORITY_MOST    99u

struct task;

/* In struct task; under process_lock. */
struct task_priority {
	int8_t nice;
	uint8_t policy;
	uint8_t realtime; /* 1 to 99 with SCHED_FIFO and SCHED_RR */
	bool reset_on_fork;
	uint16_t io;
};

/* Whom a call means, as PRIO_ numbers them; ioprio's numbers are one more. */
enum priority_whom { WHOM_THREAD, WHOM_GROUP, WHOM_USER, WHOM_COUNT };

/*
 * Each for @number of that kind, 0 the caller's own. Context: takes process_lock.
 * Errors: ERR_SRCH nobody; ERR_PERM another user's; ERR_ACCES more than RLIMIT_NICE allows.
 */
/** 20 - nice of the one that gives way least: 1 to 40. */
int64_t priority_nice_get(enum priority_whom whom, uint32_t number);
/** @nice is cut to what there is. */
enum err priority_nice_set(enum priority_whom whom, uint32_t number, int32_t nice);
/** Class and level as ioprio_get(2) tells. */
int64_t priority_io_get(enum priority_whom whom, uint32_t number);
enum err priority_io_set(enum priority_whom whom, uint32_t number, uint16_t io);

/* A class and all that belongs to it. */
#define POLICY_KEEP UINT32_MAX
#define NICE_KEEP   INT32_MIN
struct priority_request {
	uint32_t policy;               /* or POLICY_KEEP, with what is set for RESET_ON_FORK */
	int32_t realtime;              /* of SCHED_FIFO and SCHED_RR, else 0 */
	int32_t nice;                  /* of SCHED_OTHER and SCHED_BATCH; or NICE_KEEP */
	bool reset_on_fork;            /* its children begin as SCHED_OTHER */
	bool keeps_params;             /* only @reset_on_fork is set, but all is checked */
	struct deadline_budget budget; /* of SCHED_DEADLINE */
};

/* Of one thread, 0 the caller. */
/**
 * ERR_SRCH, ERR_INVAL for what does not go together, ERR_PERM, ERR_NOMEM; for SCHED_DEADLINE
 * ERR_PERM also where it may not run everywhere, ERR_BUSY where no CPU has room.
 */
enum err priority_policy_set(uint32_t thread, const struct priority_request *request);
/** What it has; nothing of other classes. Return: OK, ERR_SRCH. */
enum err priority_policy_get(uint32_t thread, struct priority_request *out);
/** Copies what it has. Return: OK, ERR_SRCH. */
enum err priority_of(uint32_t thread, struct task_priority *out);

/**
 * What a new thread of the running one begins with. Context: process_lock not needed.
 * Return: OK; ERR_AGAIN for a budget, which is not inherited.
 */
enum err priority_inherit(struct task *child);
