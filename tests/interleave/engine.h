/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * All interleavings of a few CPUs up to a number of preemptions, sequentially consistent. A
 * scenario is run again and again from its setup, each time with other decisions at the points
 * where another CPU could have gone first: depth first, so that every schedule with at most
 * @preemptions switches away from a CPU that could go on is tried once. Where a CPU spins, sleeps
 * or ends the switch is free. An interrupt is a preemption, too, unless its CPU waits.
 *
 * Reduction: an access to a word that only one CPU ever touches is no point: letting another CPU
 * go before it shows nothing that letting it go before the next shared access does not. Words are
 * found to be shared while running; each time the search starts anew.
 */
#include "tests/interleave/points.h"

#define ENGINE_CPUS 4u

struct scenario {
	const char *name;
	unsigned cpus;
	unsigned preemptions;
	void (*setup)(void);
	void (*run)(unsigned cpu);
	void (*check)(void); /* when every CPU has ended */
};

/* Tries all schedules of @scenario. Returns how many there were; a failure ends the program. */
unsigned long engine_explore(const struct scenario *scenario);

/* What the machine is made of. */
unsigned engine_self(void);   /* the CPU that runs */
void engine_be(unsigned cpu); /* in a setup: what follows happens there */
void engine_spin(void);       /* it waits for another to write something */
void engine_park(void);       /* it sleeps until engine_unpark() */
void engine_unpark(unsigned cpu);
void engine_interrupt(unsigned cpu); /* an interrupt is pending there */
bool engine_choose(void);            /* both ways are tried */

/* Given by the machine: whether @cpu would take an interrupt; take it. */
bool machine_irq_open(unsigned cpu);
void machine_irq_take(void);
void machine_reset(unsigned cpus);

_Noreturn void engine_fail(const char *what, const char *place);
#define MUST(condition) \
	((condition) ? (void)0 : engine_fail(#condition, __FILE__ ":" POINT_TEXT(__LINE__)))
