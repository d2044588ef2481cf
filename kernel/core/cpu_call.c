/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/cpu_call.h"

#include "kernel/core/irq.h"
#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/patience.h"
#include "kernel/x86/tlb.h"

static_assert(LIMIT_CPUS == CPUS_MAX, "one limit");

/* A CPU's call; its caller waits, so there is one at a time. */
struct call {
	void (*fn)(void *arg);
	void *arg;
	uint64_t pending; /* CPUs that have not done it */
	uint64_t from;    /* CPUs whose calls wait for this one */
} __aligned(64);

static struct call calls[LIMIT_CPUS];

void cpu_call_serve(void)
{
	unsigned self = cpu_id();

	for_each_cpu(id, __atomic_exchange_n(&calls[self].from, 0, __ATOMIC_ACQUIRE))
	{
		struct call *call = &calls[id];

		call->fn(call->arg);
		__atomic_fetch_and(&call->pending, ~BIT(self), __ATOMIC_RELEASE);
	}
}

void cpu_call(uint64_t set, void (*fn)(void *arg), void *arg)
{
	unsigned self = cpu_id();
	struct call *call = &calls[self];
	uint64_t others = set & cpus_others();

	might_sleep();
	ASSERT(irq_enabled());
	call->fn = fn;
	call->arg = arg;
	__atomic_store_n(&call->pending, others, __ATOMIC_RELEASE);
	for_each_cpu(id, others)
	{
		if (!__atomic_fetch_or(&calls[id].from, BIT(self), __ATOMIC_SEQ_CST))
			lapic_send(cpu_at((unsigned)id)->apic_id, VECTOR_CALL);
	}
	if (set & BIT(self)) {
		irq_disable();
		fn(arg);
		irq_enable();
	}
	cpus_await(&call->pending, "call");
}

static bool serve(void *arg)
{
	(void)arg;
	cpu_call_serve();
	return true;
}

void cpu_kick(unsigned id)
{
	lapic_send(cpu_at(id)->apic_id, VECTOR_KICK);
}

/* The way out of the interrupt does the rest. */
static bool kicked(void *arg)
{
	(void)arg;
	return true;
}

static bool flush(void *arg)
{
	(void)arg;
	tlb_serve();
	return true;
}

void cpu_call_init(void)
{
	irq_register_vector(VECTOR_CALL, serve, NULL);
	irq_register_vector(VECTOR_FLUSH, flush, NULL);
	irq_register_vector(VECTOR_KICK, kicked, NULL);
}
