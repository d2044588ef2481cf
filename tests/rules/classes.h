/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling classes by the bare calls, and what they tell. */
#pragma once

#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "rules.h"

#define DEADLINE    6
#define FIFO        SCHED_FIFO
#define RR          SCHED_RR
#define RESET_FLAG  1
#define KEEP_POLICY 8
#define KEEP_PARAMS 16
#define NOBODY      999999
#define SOMEBODY    54321
#define MS          1000000ull
#define RTTIME      15

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
	uint64_t unknown[2];
};

static inline long policy_set(int pid, int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return syscall(SYS_sched_setscheduler, pid, policy, &param);
}

static inline long policy_get(void)
{
	return syscall(SYS_sched_getscheduler, 0);
}

static inline long param_set(int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return syscall(SYS_sched_setparam, 0, &param);
}

static inline void say_param(void)
{
	struct sched_param param = {.sched_priority = -1};

	syscall(SYS_sched_getparam, 0, &param);
	say("priority=%d", param.sched_priority);
}

static inline long attr_set(struct attr *attr)
{
	return syscall(SYS_sched_setattr, 0, attr, 0);
}

static inline long set(uint32_t policy, uint32_t priority, uint64_t flags)
{
	struct attr attr = {.size = 48, .policy = policy, .priority = priority, .flags = flags};

	return attr_set(&attr);
}

static inline long budget(uint64_t runtime, uint64_t deadline, uint64_t period)
{
	struct attr attr = {.size = 48,
			    .policy = DEADLINE,
			    .runtime = runtime,
			    .deadline = deadline,
			    .period = period};

	return attr_set(&attr);
}

/* A runtime of other classes is Linux's slice. */
static inline void say_attr(const char *what)
{
	struct attr now = {0};
	long result = syscall(SYS_sched_getattr, 0, &now, 48, 0);

	if (result) {
		ask(what, result);
		return;
	}
	say("%s: size=%u policy=%u flags=%lu nice=%d priority=%u", what, now.size, now.policy,
	    (unsigned long)now.flags, now.nice, now.priority);
	if (now.policy == DEADLINE)
		say("runtime=%lu deadline=%lu period=%lu", (unsigned long)now.runtime,
		    (unsigned long)now.deadline, (unsigned long)now.period);
}
