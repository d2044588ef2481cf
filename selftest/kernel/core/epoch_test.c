/* SPDX-License-Identifier: BSD-2-Clause */
/* What one CPU retires while another one reads. */
#include "kernel/core/epoch.h"
#include "kernel/core/irq.h"
#include "kernel/core/time.h"
#include "kernel/x86/cpus.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define HOLD_NS (5 * NS_PER_MS)

static uint32_t reader_in, reader_out, freed, early, elsewhere;

static void count_free(struct epoch_node *node)
{
	(void)node;
	__atomic_fetch_add(&freed, 1, __ATOMIC_RELEASE);
}

/* Asked in a section, and for long after it: nothing retired behind its begin is freed. */
static void read_in_section(void *arg)
{
	uint64_t until, asked = irq_count_of(1, VECTOR_EPOCH);

	(void)arg;
	elsewhere += cpu_id() != 1;
	epoch_enter();
	__atomic_store_n(&reader_in, 1, __ATOMIC_RELEASE);
	while (irq_count_of(1, VECTOR_EPOCH) == asked && !__atomic_load_n(&freed, __ATOMIC_ACQUIRE))
		cpu_relax();
	until = time_now_ns() + HOLD_NS;
	while (time_now_ns() < until)
		early += __atomic_load_n(&freed, __ATOMIC_ACQUIRE) != 0;
	__atomic_store_n(&reader_out, 1, __ATOMIC_RELEASE);
	epoch_exit();
}

SELFTEST(M13, 9, retired_memory_waits_for_other_cpus, .skip = "no-smp", .needs = M14)
{
	static struct epoch_node node;
	struct workers workers;
	bool after;

	if (cpu_count() == 1)
		SELFTEST_SKIP();
	epoch_drain();
	reader_in = reader_out = freed = early = elsewhere = 0;
	CHECK(workers_start_on(&workers, 1, read_in_section));
	workers_await(&reader_in, 1);
	epoch_retire(&node, count_free);
	epoch_drain();
	after = __atomic_load_n(&reader_out, __ATOMIC_ACQUIRE) && freed == 1;
	workers_join(&workers);
	CHECK(after && early == 0 && elsewhere == 0);
	return true;
}
