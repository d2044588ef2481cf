/* SPDX-License-Identifier: BSD-2-Clause */
/* Setting the real time, sleeping to one, and what adjtimex(2) tells of it. */
#include "syscall/clock.h"

#include "kernel/core/log.h"
#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/user.h"

#define CLOCK_REALTIME 0u
#define CLOCK_LAST     11u
#define CLOCK_UNUSED   10u

/* As far as Linux lets it go: 30 years before its nanoseconds run over. */
#define REALTIME_SECONDS_MAX (9223372036ull - 946080000ull)
#define ZONE_MINUTES_MAX     (15 * 60)

/* A clock that would run backwards against the time since boot is refused, as on Linux. */
static enum err set_realtime(uint64_t ns)
{
	if (ns > REALTIME_SECONDS_MAX * NS_PER_S)
		return ERR_INVAL;
	if (!cred_can(cred_current(), CAP_SYS_TIME))
		return ERR_PERM;
	if (ns < time_now_ns())
		return ERR_INVAL;
	time_realtime_set(ns);
	log_info("time", "the clock was set to %lu s by pid %u", (uint64_t)(ns / NS_PER_S),
		 process_current()->pid->number);
	return OK;
}

int64_t sys_clock_settime(struct trapframe *frame)
{
	uint64_t ns;
	enum err err;

	if (arg_u32(frame, 0) != CLOCK_REALTIME)
		return ERR_INVAL;
	err = user_time_get(&ns, arg_uaddr(frame, 1));
	return err == OK ? set_realtime(ns) : err;
}

struct user_timeval {
	int64_t seconds;
	int64_t microseconds;
};

struct user_timezone {
	int32_t minutes_west;
	int32_t dst;
};

static enum err get_timeval(uint64_t *ns, struct uaddr at)
{
	struct user_timeval time;
	enum err err = copy_from_user(&time, at, sizeof(time));

	if (err != OK)
		return err;
	if ((uint64_t)time.microseconds > 999999 || time.seconds < 0 ||
	    (uint64_t)time.seconds > REALTIME_SECONDS_MAX)
		return ERR_INVAL;
	*ns = (uint64_t)time.seconds * NS_PER_S + (uint64_t)time.microseconds * NS_PER_US;
	return OK;
}

static enum err get_zone(uint64_t *word, struct uaddr at)
{
	struct user_timezone zone;
	enum err err = copy_from_user(&zone, at, sizeof(zone));

	if (err != OK)
		return err;
	if (zone.minutes_west > ZONE_MINUTES_MAX || zone.minutes_west < -ZONE_MINUTES_MAX)
		return ERR_INVAL;
	*word = (uint32_t)zone.minutes_west | (uint64_t)(uint32_t)zone.dst << 32;
	return cred_can(cred_current(), CAP_SYS_TIME) ? OK : ERR_PERM;
}

int64_t sys_settimeofday(struct trapframe *frame)
{
	uint64_t ns = 0, zone = 0;
	enum err err = OK;

	if (arg(frame, 0))
		err = get_timeval(&ns, arg_uaddr(frame, 0));
	if (err == OK && arg(frame, 1))
		err = get_zone(&zone, arg_uaddr(frame, 1));
	if (err == OK && arg(frame, 0))
		err = set_realtime(ns);
	if (err == OK && arg(frame, 1))
		time_zone_set(zone);
	return err;
}

/* --- sleeping: the clock may be set meanwhile --- */

struct realtime_sleep {
	struct time_watch watch;
	struct wait_queue queue;
	bool stepped;
};

static void wake_sleeper(struct time_watch *watch)
{
	struct realtime_sleep *sleep = container_of(watch, struct realtime_sleep, watch);

	WRITE_ONCE(sleep->stepped, true);
	wait_wake_all(&sleep->queue);
}

enum wait_result clock_sleep_realtime(uint64_t realtime_ns)
{
	struct realtime_sleep sleep = {.watch.stepped = wake_sleeper};
	enum wait_result result;

	wait_queue_init(&sleep.queue);
	time_watch_add(&sleep.watch);
	do {
		WRITE_ONCE(sleep.stepped, false);
		result = wait_event(&sleep.queue, READ_ONCE(sleep.stepped),
				    time_of_realtime(realtime_ns), WAIT_INTERRUPTIBLE);
	} while (result == WAIT_OK);
	time_watch_remove(&sleep.watch);
	return result;
}

/* --- adjtimex(2): there is no way to make the clock faster or slower --- */

#define ADJ_OFFSET_SS_READ 0xa001u
#define STA_UNSYNC         0x40
#define TIME_ERROR         5

struct user_timex {
	uint32_t modes, pad;
	int64_t offset, frequency, max_error, estimated_error;
	int32_t status, pad2;
	int64_t constant, precision, tolerance;
	struct user_timeval time;
	int64_t tick, pps[2];
	int32_t shift, pad3;
	int64_t pps_more[5];
	int32_t tai, unused[11];
};
static_assert(sizeof(struct user_timex) == 208, "adjtimex(2)");

static int64_t read_discipline(struct uaddr at)
{
	struct user_timex timex;
	uint64_t now = time_realtime_ns();
	enum err err = copy_from_user(&timex, at, sizeof(timex));

	if (err != OK)
		return err;
	if (timex.modes && timex.modes != ADJ_OFFSET_SS_READ)
		return cred_can(cred_current(), CAP_SYS_TIME) ? ERR_INVAL : ERR_PERM;
	timex.offset = timex.frequency = timex.tai = 0;
	timex.max_error = timex.estimated_error = 16000000;
	timex.status = STA_UNSYNC;
	timex.constant = 2;
	timex.precision = 1;
	timex.tolerance = 32768000;
	timex.time = (struct user_timeval){(int64_t)(now / NS_PER_S),
					   (int64_t)(now % NS_PER_S / NS_PER_US)};
	timex.tick = 10000;
	timex.pps[0] = timex.pps[1] = timex.shift = 0;
	for (unsigned i = 0; i < 5; i++)
		timex.pps_more[i] = 0;
	err = copy_to_user(at, &timex, sizeof(timex));
	return err == OK ? TIME_ERROR : err;
}

int64_t sys_adjtimex(struct trapframe *frame)
{
	return read_discipline(arg_uaddr(frame, 0));
}

int64_t sys_clock_adjtime(struct trapframe *frame)
{
	uint32_t clock = arg_u32(frame, 0);

	if (clock != CLOCK_REALTIME)
		return clock > CLOCK_LAST || clock == CLOCK_UNUSED ? ERR_INVAL : ERR_OPNOTSUPP;
	return read_discipline(arg_uaddr(frame, 1));
}
