/* SPDX-License-Identifier: BSD-2-Clause */
/* How a POSIX timer runs: its deadlines, its signal, its overruns. */
#include "kernel/lib/bits.h"

#include "proc/posix_timer_internal.h"
#include "proc/signal_internal.h"

/* A signal that nobody wants is tried again no more often: a short interval must not take the CPU.
 */
#define UNWANTED_NS 10000000ull

uint64_t posix_timer_now_locked(const struct posix_timer *timer)
{
	if (timer->by_cpu)
		return cpu_timer_now_locked(timer->process, &timer->cpu);
	return timer->of_day ? time_realtime_ns() : time_now_ns();
}

static void set_wall_locked(struct posix_timer *timer)
{
	deferred_timer_start(&timer->wall, timer->of_day ? time_of_realtime(timer->deadline_ns)
							 : timer->deadline_ns);
}

/* Another CPU may just be starting it by the clock as it was: it is looked at under the lock. */
static void clock_was_set(struct time_watch *watch)
{
	deferred_timer_wake(&container_of(watch, struct posix_timer, watch)->wall);
}

static void follow_time_of_day(struct posix_timer *timer, bool on)
{
	if (timer->of_day == on)
		return;
	timer->of_day = on;
	if (on)
		time_watch_add(&timer->watch);
	else
		time_watch_remove(&timer->watch);
}

static void set_clock_locked(struct posix_timer *timer)
{
	if (timer->event.notify == SIGEV_NONE)
		return;
	if (timer->by_cpu)
		cpu_timer_start_locked(timer->process, &timer->cpu, timer->deadline_ns);
	else
		set_wall_locked(timer);
}

/* Moves the deadline to the first round that is ahead. Return: how many rounds it moved. */
static uint64_t move_on(struct posix_timer *timer, uint64_t now)
{
	uint64_t rounds;

	if (timer->deadline_ns > now)
		return 0;
	rounds = (now - timer->deadline_ns) / timer->interval_ns + 1;
	timer->deadline_ns += rounds * timer->interval_ns;
	return rounds;
}

static uint64_t next_round_locked(struct posix_timer *timer, uint64_t not_before)
{
	uint64_t rounds = move_on(timer, MAX(posix_timer_now_locked(timer), not_before));

	set_clock_locked(timer);
	return rounds;
}

static void next_round_later_locked(struct posix_timer *timer)
{
	if (timer->interval_ns)
		(void)next_round_locked(timer, posix_timer_now_locked(timer) + UNWANTED_NS);
	else
		timer->active = false;
}

static void expired_locked(struct posix_timer *timer)
{
	struct process *process = timer->process;
	struct task *task = timer->target ? timer->target->task : NULL;
	struct signal_info *info = &timer->entry.info;

	*info = (struct signal_info){
		.signo = timer->event.signo,
		.code = SI_TIMER,
		.by.pid = timer->id,
		.by.value = timer->event.value,
	};
	if (timer->target && !task) {
		timer->active = false;
		return;
	}
	signal_send_entry_locked(process, task, &timer->entry);
	if (list_empty(&timer->entry.link))
		next_round_later_locked(timer);
}

static bool waits(const struct posix_timer *timer)
{
	return timer->active && timer->event.notify != SIGEV_NONE &&
	       list_empty(&timer->entry.link);
}

/* It went off, or the clock was set: then its time may be another. */
static void wall_expired(struct deferred_timer *wall)
{
	struct posix_timer *timer = container_of(wall, struct posix_timer, wall);

	if (!waits(timer))
		return;
	if (timer->of_day && posix_timer_now_locked(timer) < timer->deadline_ns)
		set_wall_locked(timer);
	else
		expired_locked(timer);
}

static void cpu_expired(struct process *process, struct cpu_timer *cpu)
{
	(void)process;
	expired_locked(container_of(cpu, struct posix_timer, cpu));
}

void posix_timer_taken_locked(struct posix_timer *timer, struct signal_info *info)
{
	timer->overrun = 0;
	if (timer->interval_ns)
		timer->overrun = MIN(next_round_locked(timer, 0) - 1, (uint64_t)INT32_MAX);
	else
		timer->active = false;
	info->by.uid = (uint32_t)timer->overrun;
}

void posix_timer_dropped_locked(struct posix_timer *timer)
{
	next_round_later_locked(timer);
}

void posix_timer_stop_locked(struct posix_timer *timer)
{
	timer->active = false;
	follow_time_of_day(timer, false);
	deferred_timer_stop_locked(&timer->wall);
	cpu_timer_stop_locked(timer->process, &timer->cpu);
	signal_take_back_locked(&timer->entry);
}

void posix_timer_start_locked(struct posix_timer *timer, uint64_t deadline_ns, bool absolute)
{
	timer->active = true;
	timer->deadline_ns = deadline_ns;
	timer->overrun = 0;
	/* A time from now does not change when the clock is set. */
	follow_time_of_day(timer, absolute && (timer->clock == TIMER_CLOCK_REALTIME ||
					       timer->clock == TIMER_CLOCK_TAI));
	set_clock_locked(timer);
}

/* A periodic one whose signal is pending tells of the round that comes next. */
struct interval posix_timer_left_locked(const struct posix_timer *timer)
{
	struct interval left = {.interval_ns = timer->interval_ns};
	uint64_t now = posix_timer_now_locked(timer), deadline = timer->deadline_ns;
	bool rests = !list_empty(&timer->entry.link) || timer->event.notify == SIGEV_NONE;

	if (!timer->active)
		return left;
	if (deadline <= now && rests && timer->interval_ns)
		deadline += ((now - deadline) / timer->interval_ns + 1) * timer->interval_ns;
	if (deadline > now)
		left.left_ns = deadline - now;
	else
		left.left_ns = timer->event.notify != SIGEV_NONE && list_empty(&timer->entry.link);
	return left;
}

void posix_timer_init(struct posix_timer *timer)
{
	deferred_timer_init(&timer->wall, wall_expired);
	cpu_timer_init(&timer->cpu, cpu_expired);
	timer->watch.stepped = clock_was_set;
	timer->entry.timer = timer;
	list_init(&timer->entry.link);
}
