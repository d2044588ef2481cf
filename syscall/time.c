/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks and sleeping. */
#include "kernel/lib/bits.h"

#include "mm/usercopy.h"
#include "syscall/clock.h"
#include "syscall/user.h"

enum clock {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 1,
	CLOCK_PROCESS_CPUTIME = 2,
	CLOCK_THREAD_CPUTIME = 3,
	CLOCK_MONOTONIC_RAW = 4,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_MONOTONIC_COARSE = 6,
	CLOCK_BOOTTIME = 7,
	CLOCK_TAI = 11,
};

#define TIMER_ABSTIME 1u
#define USER_HZ       100u

static enum err clock_read(uint32_t clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = time_realtime_ns();
		return OK;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = time_now_ns();
		return OK;
	case CLOCK_PROCESS_CPUTIME:
		*ns = process_cpu_ns(process_current());
		return OK;
	case CLOCK_THREAD_CPUTIME:
		*ns = thread_cpu_ns(thread_self());
		return OK;
	default:
		return cpu_clock_read(clock, ns);
	}
}

int64_t sys_clock_gettime(struct trapframe *frame)
{
	uint64_t ns;
	enum err err = clock_read(arg_u32(frame, 0), &ns);

	return err == OK ? user_time_put(arg_uaddr(frame, 1), ns) : err;
}

int64_t sys_clock_getres(struct trapframe *frame)
{
	uint64_t ns;
	enum err err = clock_read(arg_u32(frame, 0), &ns);

	if (err != OK || !arg(frame, 1))
		return err;
	return user_time_put(arg_uaddr(frame, 1), 1);
}

int64_t sys_time(struct trapframe *frame)
{
	uint64_t now = time_realtime_ns() / NS_PER_S;
	enum err err = arg(frame, 0) ? put_user_u64(arg_uaddr(frame, 0), now) : OK;

	return err == OK ? (int64_t)now : err;
}

int64_t sys_gettimeofday(struct trapframe *frame)
{
	uint64_t now = time_realtime_ns();
	uint64_t out[2] = {now / NS_PER_S, now % NS_PER_S / 1000};
	enum err err = OK;

	if (arg(frame, 0))
		err = copy_to_user(arg_uaddr(frame, 0), out, sizeof(out));
	if (err == OK && arg(frame, 1))
		err = put_user_u64(arg_uaddr(frame, 1), time_zone());
	return err;
}

int64_t sys_times(struct trapframe *frame)
{
	uint64_t tick = NS_PER_S / USER_HZ;
	uint64_t out[4] = {process_cpu_ns(process_current()) / tick, 0,
			   process_current()->used_children.cpu_ns / tick, 0};
	enum err err = arg(frame, 0) ? copy_to_user(arg_uaddr(frame, 0), out, sizeof(out)) : OK;

	return err == OK ? (int64_t)(time_now_ns() / tick) : err;
}

/* Sleep to a monotonic deadline. Return: what was left, 0 when nothing. */
static uint64_t sleep_until(uint64_t deadline)
{
	uint64_t now;

	if (wait_until(deadline, WAIT_INTERRUPTIBLE) != WAIT_INTR)
		return 0;
	now = time_now_ns();
	return now < deadline ? deadline - now : 0;
}

/* An interrupted relative sleep says how much was left, and goes on with that. */
static int64_t sleep_relative(uint64_t deadline, struct uaddr left_to, restart_fn *restart)
{
	uint64_t left = sleep_until(deadline);
	enum err err = OK;

	if (!left)
		return 0;
	if (left_to.raw)
		err = user_time_put(left_to, left);
	return err == OK ? signal_restart_later(restart, deadline) : err;
}

static int64_t nanosleep_until(struct trapframe *frame, uint64_t deadline)
{
	return sleep_relative(deadline, arg_uaddr(frame, 1), nanosleep_until);
}

int64_t sys_nanosleep(struct trapframe *frame)
{
	uint64_t ns;
	enum err err = user_time_get(&ns, arg_uaddr(frame, 0));

	return err == OK ? nanosleep_until(frame, user_deadline(ns)) : err;
}

static int64_t clock_nanosleep_until(struct trapframe *frame, uint64_t deadline)
{
	return sleep_relative(deadline, arg_uaddr(frame, 3), clock_nanosleep_until);
}

static bool is_realtime(uint32_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_TAI;
}

static bool can_be_slept_by(uint32_t clock)
{
	return is_realtime(clock) || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME;
}

int64_t sys_clock_nanosleep(struct trapframe *frame)
{
	bool absolute = arg_u32(frame, 1) & TIMER_ABSTIME;
	uint64_t ns, now;
	enum err err = clock_read(arg_u32(frame, 0), &now);

	if (err == OK && !can_be_slept_by(arg_u32(frame, 0)))
		err = ERR_OPNOTSUPP;
	if (err == OK)
		err = user_time_get(&ns, arg_uaddr(frame, 2));
	if (err != OK)
		return err;
	if (absolute && is_realtime(arg_u32(frame, 0)))
		return clock_sleep_realtime(ns) == WAIT_INTR ? ERR_RESTARTNOHAND : 0;
	if (!absolute)
		return clock_nanosleep_until(frame, user_deadline(ns));
	if (ns <= now)
		return 0;
	return sleep_until(user_deadline(ns - now)) ? ERR_RESTARTNOHAND : 0;
}

int64_t sys_restart_syscall(struct trapframe *frame)
{
	struct signal_restart *restart = &task_current()->restart;
	restart_fn *call = restart->call;

	restart->call = NULL;
	return call ? call(frame, restart->deadline_ns) : ERR_INTR;
}
