/* SPDX-License-Identifier: BSD-2-Clause */
/* What a report says of spinlocks: which CPU holds which, and which waits. */
#include "kernel/lib/bits.h"

#include "kernel/core/ksyms.h"
#include "kernel/core/panic.h"
#include "kernel/core/spinlock_internal.h"
#include "kernel/x86/cpus.h"

/* Ranks that a CPU holds; that of the lock it spins for is in its mask already. */
static uint64_t ranks_held(unsigned cpu)
{
	if (CONFIG_DEBUG)
		return spin_ranks_noted(cpu);

	const struct spinlock *lock = READ_ONCE(spin_waits[cpu].lock);
	uint64_t held = READ_ONCE(cpu_at(cpu)->held_locks);

	return lock ? held & ~lock->bit : held;
}

static void print_held(unsigned cpu)
{
	for (uint64_t left = ranks_held(cpu); left; left &= left - 1) {
		unsigned rank = (unsigned)__builtin_ctzll(left);

		if (CONFIG_DEBUG)
			panic_print("  CPU %u holds %s, taken at %s\n", cpu, lock_name(rank),
				    spin_taken_at(cpu, rank));
		else
			panic_print("  CPU %u holds %s\n", cpu, lock_name(rank));
	}
}

static void print_local(unsigned cpu)
{
	uint64_t bit = READ_ONCE(cpu_at(cpu)->local_lock);

	if (bit)
		panic_print("  CPU %u holds %s locally\n", cpu, lock_name(lock_rank(bit)));
}

static void print_wait(unsigned cpu)
{
	const struct spin_wait *wait = &spin_waits[cpu];
	uint64_t offset = 0;

	if (!wait->lock)
		return;
	const char *function = ksyms_name(wait->from, &offset);
	panic_print("  CPU %u waits for %s %p in %s+0x%lx%s%s\n", cpu,
		    lock_name(lock_rank(wait->lock->bit)), (const void *)wait->lock,
		    function ? function : "?", offset, wait->place ? ", " : "",
		    wait->place ? wait->place : "");
}

static void print_spinlocks(void)
{
	for_each_cpu(id, READ_ONCE(cpus_online))
	{
		unsigned cpu = (unsigned)id;

		print_local(cpu);
		if (!ranks_held(cpu) && !spin_waits[cpu].lock)
			continue;
		print_held(cpu);
		print_wait(cpu);
	}
}

static struct panic_section section = {.title = "spinlocks", .print = print_spinlocks};

void spin_report_init(void)
{
	panic_register(&section);
}
