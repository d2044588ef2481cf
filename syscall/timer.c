/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers that send signals: alarm, setitimer, and POSIX timers. */
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"

#include "mm/usercopy.h"
#include "proc/posix_timer.h"
#include "syscall/user.h"

#define TIMER_ABSTIME 1u

/* --- alarm, setitimer --- */

struct user_itimer {
	uint64_t interval_s, interval_us, value_s, value_us;
};

int64_t sys_alarm(struct trapframe *frame)
{
	struct interval alarm = {.left_ns = arg_u32(frame, 0) * NS_PER_S}, old;

	interval_timer_change(INTERVAL_REAL, &alarm, &old);
	return (int64_t)DIV_ROUND_UP(old.left_ns, NS_PER_S);
}

static enum err put_itimer(struct uaddr to, const struct interval *interval)
{
	struct user_itimer out = {
		interval->interval_ns / NS_PER_S, interval->interval_ns % NS_PER_S / 1000,
		interval->left_ns / NS_PER_S, interval->left_ns % NS_PER_S / 1000};

	return copy_to_user(to, &out, sizeof(out));
}

int64_t sys_getitimer(struct trapframe *frame)
{
	uint32_t kind = arg_u32(frame, 0);
	struct interval now;

	if (kind >= INTERVAL_COUNT)
		return ERR_INVAL;
	interval_timer_change((enum interval_kind)kind, NULL, &now);
	return put_itimer(arg_uaddr(frame, 1), &now);
}

static bool itimer_part(uint64_t seconds, uint64_t microseconds, uint64_t *ns)
{
	if ((int64_t)seconds < 0 || microseconds > 999999)
		return false;
	if (mul_overflows(seconds, NS_PER_S, ns) || add_overflows(*ns, microseconds * 1000, ns))
		*ns = INT64_MAX;
	return true;
}

int64_t sys_setitimer(struct trapframe *frame)
{
	uint32_t kind = arg_u32(frame, 0);
	struct user_itimer in = {0};
	struct interval change, old;
	enum err err = OK;

	if (arg(frame, 1))
		err = copy_from_user(&in, arg_uaddr(frame, 1), sizeof(in));
	if (err == OK && (!itimer_part(in.value_s, in.value_us, &change.left_ns) ||
			  !itimer_part(in.interval_s, in.interval_us, &change.interval_ns)))
		err = ERR_INVAL;
	if (err == OK && kind >= INTERVAL_COUNT)
		err = ERR_INVAL;
	if (err != OK)
		return err;
	interval_timer_change((enum interval_kind)kind, &change, &old);
	return arg(frame, 2) ? put_itimer(arg_uaddr(frame, 2), &old) : OK;
}

/* --- POSIX timers --- */

int64_t sys_timer_create(struct trapframe *frame)
{
	struct timer_event event;
	int64_t id;
	enum err err = OK;

	if (arg(frame, 1))
		err = copy_from_user(&event, arg_uaddr(frame, 1), sizeof(event));
	if (err != OK)
		return err;
	id = posix_timer_create(arg_u32(frame, 0), arg(frame, 1) ? &event : NULL);
	if (id < 0)
		return id;
	err = put_user_u32(arg_uaddr(frame, 2), (uint32_t)id);
	/* Nobody would know its number. */
	if (err != OK)
		(void)!posix_timer_delete((uint32_t)id);
	return err;
}

struct user_itimerspec {
	struct user_timespec interval, value;
};

static enum err put_interval(struct uaddr to, const struct interval *interval)
{
	struct user_itimerspec out = {
		{(int64_t)(interval->interval_ns / NS_PER_S),
		 (int64_t)(interval->interval_ns % NS_PER_S)},
		{(int64_t)(interval->left_ns / NS_PER_S), (int64_t)(interval->left_ns % NS_PER_S)},
	};

	return copy_to_user(to, &out, sizeof(out));
}

int64_t sys_timer_settime(struct trapframe *frame)
{
	bool absolute = arg_u32(frame, 1) & TIMER_ABSTIME;
	struct user_itimerspec in;
	struct interval change, old;
	enum err err;

	if (!arg(frame, 2))
		return ERR_INVAL;
	err = copy_from_user(&in, arg_uaddr(frame, 2), sizeof(in));
	if (err == OK)
		err = user_time_decode(&change.left_ns, &in.value);
	if (err == OK)
		err = user_time_decode(&change.interval_ns, &in.interval);
	if (err == OK)
		err = posix_timer_set(arg_u32(frame, 0), absolute, &change, &old);
	if (err == OK && arg(frame, 3))
		err = put_interval(arg_uaddr(frame, 3), &old);
	return err;
}

int64_t sys_timer_gettime(struct trapframe *frame)
{
	struct interval now;
	enum err err = posix_timer_get(arg_u32(frame, 0), &now);

	return err == OK ? put_interval(arg_uaddr(frame, 1), &now) : err;
}

int64_t sys_timer_getoverrun(struct trapframe *frame)
{
	return posix_timer_overrun(arg_u32(frame, 0));
}

int64_t sys_timer_delete(struct trapframe *frame)
{
	return posix_timer_delete(arg_u32(frame, 0));
}
