/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Starting further CPUs: the memory that each needs, the page below 1 MiB where it begins, INIT and
 * STARTUP (SDM vol 3, 8.4). One that does not come up, or does not come up as the first one, is
 * left out with a log line.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

/**
 * Have @low_phys, two pages below 1 MiB that nobody else uses, for starting. 0: there are none, no
 * CPU can be started. Context: boot, once.
 */
void cpu_start_init(uint64_t low_phys);

/**
 * Give the CPU whose local APIC has @apic_id all the memory that it will need.
 *
 * Return: OK; ERR_NOSPC for more than LIMIT_CPUS; ERR_NOMEM.
 * Context: boot, before anybody is told how many CPUs there may be (sched_cpu_limit()).
 */
enum err cpu_add(uint32_t apic_id);

/** Start all that were added, one after the other. Context: thread, interrupts on. */
void cpu_start_all(void);

/**
 * Start CPU @id again, which has left. Return: OK; ERR_TIMEDOUT: it does not come; ERR_IO: it is
 * not as it was; ERR_NOMEM. Context: thread, interrupts on, one caller at a time.
 */
enum err cpu_start_again(unsigned id);
