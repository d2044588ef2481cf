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
 * Give the CPU whose local APIC has @apic_id a number and all the memory that it will need.
 *
 * Return: OK; ERR_NOSPC for more than LIMIT_CPUS; ERR_NOMEM.
 * Context: boot.
 */
enum err cpu_add(uint32_t apic_id);

/**
 * Start CPU @id, which was added; it takes part from then on. A failure is logged.
 *
 * Return: OK; ERR_NODEV without low pages; ERR_NOMEM; ERR_TIMEDOUT when it does not answer; ERR_IO
 *         when it is not like the first.
 * Context: thread, may sleep, one caller at a time.
 */
enum err cpu_start(unsigned id);
