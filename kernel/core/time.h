/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Time: nanoseconds since boot from the time-stamp counter, real time from the CMOS clock read
 * once, and timers on the CPU's one-shot local timer. There is no periodic tick.
 */
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"
#include "kernel/lib/types.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"

#define NS_PER_SEC 1000000000ull
#define NS_PER_MS  1000000ull
#define NS_PER_US  1000ull

/* No deadline. */
#define TIME_NEVER 0ull

/* How counter ticks become nanoseconds: (ticks * mult) >> 32 in 128 bits. Read-only after boot. */
struct clock_page;

struct time_scale {
	uint64_t tsc_base;
	uint64_t mult;
	uint64_t tsc_hz;
};

extern struct time_scale time_scale;

/** Nanoseconds of @ticks counter ticks. */
static inline uint64_t time_ticks_to_ns(uint64_t ticks)
{
	__extension__ typedef unsigned __int128 u128;

	return (uint64_t)((u128)ticks * time_scale.mult >> 32);
}

/* The counter was found behind what it had shown on this CPU: goes on from the latest reading. */
uint64_t time_counter_fell(void);

/**
 * The counter as the kernel reads it: on one CPU never less than before, whatever becomes of the
 * hardware's. Context: any.
 */
static inline uint64_t time_counter(void)
{
	struct cpu *cpu = cpu_self();
	uint64_t now = rdtsc() + cpu->tsc_add;

	if (unlikely(now < cpu->tsc_seen))
		return time_counter_fell();
	cpu->tsc_seen = now;
	return now;
}

/**
 * Nanoseconds since the clock was calibrated: monotonic, the same on every CPU, 0 before time_init.
 * Context: any.
 */
static inline uint64_t time_now_ns(void)
{
	return time_ticks_to_ns(time_counter() - time_scale.tsc_base);
}

/** Nanoseconds since 1970-01-01 UTC. Context: any. */
uint64_t time_realtime_ns(void);

/** Set the real time, and tell who watches. Context: any. */
void time_realtime_set(uint64_t now_ns);

/* Who waits for a real time learns that the clock was set: what is ahead moves with it. */
struct time_watch {
	struct list_node link;
	/* Interrupts off, no watch can come or go meanwhile. */
	void (*stepped)(struct time_watch *watch);
};
void time_watch_add(struct time_watch *watch);
/** Nothing of @stepped runs any more after the return. */
void time_watch_remove(struct time_watch *watch);

/** The monotonic time at which it is @realtime_ns, as the clock stands; never TIME_NEVER. */
uint64_t time_of_realtime(uint64_t realtime_ns);

/* The time zone that settimeofday(2) was told, a struct timezone; nobody here uses it. */
uint64_t time_zone(void);
void time_zone_set(uint64_t zone);

/** Tell the clock to ring 3, too, in @page, from now on. Context: boot, once, after time_init(). */
void time_share(struct clock_page *page);

/** What ACPI says of the clocks. */
struct time_hw {
	uint16_t pm_timer_port; /* the reference; 0: none */
	bool pm_timer_32bit;
	uint8_t rtc_century; /* CMOS register of the century; 0: none */
};

/** Calibrate counter and local timer, read the CMOS clock. Context: boot, CPU 0, interrupts off. */
void time_init(const struct time_hw *hw);

/** Wait without sleeping. Context: any; for hardware's sake and short times only. */
void time_delay_ns(uint64_t ns);

/*
 * A timer. Stands in its owner's structure; @fire runs with interrupts off on the CPU that started
 * the timer (CPU 0 if that has left), never early, outside the timer lock; it may start this or
 * another timer again, but not free this one.
 */
struct timer {
	struct rb_node node;
	uint64_t deadline_ns;
	void (*fire)(struct timer *timer);
	uint32_t cpu; /* whose heap holds it, when armed */
	uint32_t armed;
	uint32_t firing; /* CPUs that run @fire at the moment */
};

/** Make a timer that is not running. */
static inline void timer_init(struct timer *timer, void (*fire)(struct timer *timer))
{
	timer->fire = fire;
	timer->cpu = 0;
	timer->armed = 0;
	timer->firing = 0;
}

/**
 * Start @timer for the absolute time @deadline_ns; a running one is moved.
 * Context: any; the caller sees to it that nobody else starts or stops it meanwhile.
 */
void timer_start(struct timer *timer, uint64_t deadline_ns);

/**
 * Stop @timer; another CPU may be inside @fire still.
 *
 * Return: true when it was running and will not fire; false when it was not running.
 * Context: any.
 */
bool timer_stop(struct timer *timer);

/**
 * The same, and nothing of @fire runs any more after the return: the timer's memory may go.
 * Context: thread; no lock held that @fire takes.
 */
bool timer_cancel(struct timer *timer);

/** Hand this CPU's timers to CPU 0: it is about to leave. Context: interrupts off. */
void timer_leave_cpu(void);

/** How many timers are running on all CPUs. */
uint64_t timer_count(void);
