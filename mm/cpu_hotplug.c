/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which a CPU leaves: (1) it gets no thread any more, those that wait move, its timers
 * too, its idle thread runs; (2) its bit in cpus_online goes: no new flush, call or question is
 * meant for it; (3) the thread that does all this has run on every other CPU, so whoever had seen
 * the bit has got its answer; (4) it executes its last instruction, and INIT holds it.
 */
#include "mm/cpu_hotplug.h"

#include "kernel/core/cpu_call.h"
#include "kernel/core/epoch.h"
#include "kernel/core/log.h"
#include "kernel/sched/mutex.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/cpus_hooks.h"
#include "kernel/x86/patience.h"
#include "kernel/x86/tlb.h"
#include "mm/cpu_start.h"
#include "mm/init.h"
#include "mm/kstack.h"

static struct mutex hotplug = MUTEX_INIT(hotplug, LOCK_DEVICE);

/* A change under way: a kernel thread's, which may go to any CPU, whatever its caller may. */
static struct change {
	unsigned id;
	bool online; /* what it is to be */
	enum err err;
} change;
static uint32_t gone;

/* On the CPU that leaves, interrupts off: its last words. */
void cpu_leave(void)
{
	tlb_serve();
	cpu_call_serve();
	epoch_serve();
	__atomic_store_n(&gone, 1, __ATOMIC_RELEASE);
	cpu_stop();
}

static void await_gone(unsigned id)
{
	struct patience patience = patience_begin();

	while (!__atomic_load_n(&gone, __ATOMIC_ACQUIRE)) {
		tlb_serve();
		cpu_relax();
		if (unlikely(patience_over(&patience)))
			cpus_silent(BIT(id), "farewell");
	}
}

static enum err take_out(unsigned id)
{
	if (!sched_empty_cpu(id))
		return ERR_BUSY;
	__atomic_fetch_and(&cpus_online, ~BIT(id), __ATOMIC_SEQ_CST);
	sched_visit_cpus();
	gone = 0;
	sched_let_go(id);
	await_gone(id);
	lapic_send_init(cpu_at(id)->apic_id);
	mm_drain();
	return OK;
}

static void run(void *arg)
{
	struct change *it = arg;

	it->err = it->online ? cpu_start_again(it->id) : take_out(it->id);
}

static enum err make_change(unsigned id, bool online)
{
	static struct kthread thread;
	char *stack = kstack_alloc();

	if (!stack)
		return ERR_NOMEM;
	change = (struct change){.id = id, .online = online};
	kthread_create(&thread, run, &change, "hotplug", stack, stack + KSTACK_SIZE);
	kthread_join(&thread);
	kstack_free(stack);
	return change.err;
}

static enum err set_online(unsigned id, bool online)
{
	enum err err = OK;

	if (id >= CPUS_MAX || !cpu_at(id))
		return ERR_NODEV;
	if (id == 0)
		return online ? OK : ERR_BUSY;
	mutex_lock(&hotplug);
	if ((READ_ONCE(cpus_online) >> id & 1) != online) {
		err = make_change(id, online);
		if (err == OK)
			log_info("cpu", "CPU %u is %s", id, online ? "back" : "out");
		else
			log_err("cpu", "CPU %u does not %s: %s", id, online ? "come back" : "go",
				err_text(err));
	}
	mutex_unlock(&hotplug);
	return err;
}

enum err cpu_offline(unsigned id)
{
	return set_online(id, false);
}

enum err cpu_online(unsigned id)
{
	return set_online(id, true);
}
