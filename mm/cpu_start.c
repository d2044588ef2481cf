/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/cpu_start.h"

#include "kernel/core/limits.h"
#include "kernel/core/log.h"
#include "kernel/core/time.h"
#include "kernel/sched/sched.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpu_verify.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/root.h"
#include "kernel/x86/secondary.h"
#include "kernel/x86/tlb.h"
#include "mm/cpu_memory.h"
#include "mm/init.h"
#include "mm/trampoline.h"

/* SDM vol 3, 8.4.4.1: what a CPU needs behind INIT and behind STARTUP. */
#define INIT_NS    (10 * NS_PER_MS)
#define STARTUP_NS (200 * NS_PER_US)
/* One that is there comes within microseconds, but on a busy host its thread waits for turns. When
 * the firmware names many that do not come, only the first ones are waited for so long. */
#define ENTRY_NS     (5 * NS_PER_SEC)
#define ENTRY_MIN_NS (50 * NS_PER_MS)
#define ENTRY_ALL_NS (2 * ENTRY_NS)
#define PATIENCE_NS  (30 * NS_PER_SEC)
#define TSC_ROUNDS   16u

enum stage { STAGE_SENT, STAGE_COUNTERS, STAGE_DECIDED, STAGE_DONE };

/* The CPUs that may be started, in the order of the firmware's table. */
static struct cpu *added[LIMIT_CPUS];
static unsigned added_count;
static uint64_t entry_left_ns;

/* Between the CPU that starts another one and that one. */
static struct {
	uint32_t stage;
	uint32_t turn;   /* whose it is to look at its counter: even the starter's */
	uint64_t stamp;  /* the other one's last look */
	bool behind;     /* one saw a smaller value than the other had seen before */
	const char *why; /* it is left out; NULL: it is as it should be */
} meeting;

/* Pass the turn to and fro: false when time is up. */
static bool compare_counters(uint32_t side, uint64_t deadline_ns)
{
	for (uint32_t turn = side; turn < 2 * TSC_ROUNDS; turn += 2) {
		while (__atomic_load_n(&meeting.turn, __ATOMIC_ACQUIRE) != turn) {
			if (time_now_ns() > deadline_ns)
				return false;
			tlb_serve();
			cpu_relax();
		}
		uint64_t now = time_counter();

		if (now < meeting.stamp)
			meeting.behind = true;
		meeting.stamp = now;
		__atomic_store_n(&meeting.turn, turn + 1, __ATOMIC_RELEASE);
	}
	return true;
}

/* What keeps this CPU from taking part, or NULL. */
static const char *judge(const struct cpu *cpu)
{
	const char *wrong = cpu_verify();

	if (wrong)
		return wrong;
	if (lapic_id() != cpu->apic_id)
		return "another CPU came";
	if (!cpu_features_match())
		return "it lacks features of the first";
	__atomic_store_n(&meeting.stage, STAGE_COUNTERS, __ATOMIC_RELEASE);
	if (!compare_counters(1, time_now_ns() + PATIENCE_NS))
		return "it is too slow";
	return meeting.behind ? "its counter differs" : NULL;
}

/* One side has the last word on whether the CPU takes part: true for that one. */
static bool decide(enum stage stage)
{
	uint32_t before = __atomic_load_n(&meeting.stage, __ATOMIC_ACQUIRE);

	while (before < STAGE_DECIDED)
		if (__atomic_compare_exchange_n(&meeting.stage, &before, stage, true,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return true;
	return false;
}

/* On the new CPU, interrupts off. */
static void entered(struct cpu *cpu)
{
	const char *wrong;

	root_switch(&kernel_root);
	lapic_init_cpu();
	wrong = judge(cpu);
	if (!decide(STAGE_DECIDED))
		cpu_stop();
	meeting.why = wrong;
	if (!wrong) {
		__atomic_fetch_or(&cpus_online, BIT(cpu->id), __ATOMIC_SEQ_CST);
		tlb_flush_self();
		sched_open_cpu();
	}
	__atomic_store_n(&meeting.stage, STAGE_DONE, __ATOMIC_RELEASE);
	if (wrong)
		cpu_stop();
	sched_run_cpu();
}

static bool reached(enum stage stage, uint64_t deadline_ns)
{
	while (__atomic_load_n(&meeting.stage, __ATOMIC_ACQUIRE) < stage) {
		if (time_now_ns() > deadline_ns)
			return false;
		tlb_serve();
		cpu_relax();
	}
	return true;
}

static bool ticket_taken(void)
{
	return !__atomic_load_n(&secondary_start.ticket, __ATOMIC_ACQUIRE);
}

static void send_start(uint32_t apic_id)
{
	lapic_send_init(apic_id);
	time_delay_ns(INIT_NS);
	for (unsigned i = 0; i < 2 && !ticket_taken(); i++) {
		lapic_send_startup(apic_id, trampoline_page());
		time_delay_ns(STARTUP_NS);
	}
}

/* True when it has come in; a CPU that came too late finds no ticket, and INIT stops it. */
static bool await_entry(uint32_t apic_id)
{
	uint64_t wait_ns = MIN(MAX(entry_left_ns, ENTRY_MIN_NS), ENTRY_NS);
	uint64_t deadline = time_now_ns() + wait_ns;

	while (!ticket_taken() && time_now_ns() < deadline)
		cpu_relax();
	if (!__atomic_exchange_n(&secondary_start.ticket, 0, __ATOMIC_SEQ_CST))
		return true;
	entry_left_ns -= MIN(wait_ns, entry_left_ns);
	lapic_send_init(apic_id);
	return false;
}

static enum err launch(struct cpu *cpu)
{
	uint64_t deadline;

	meeting.stage = STAGE_SENT;
	meeting.turn = 0;
	meeting.stamp = 0;
	meeting.behind = false;
	cpu->tsc_add = cpu_self()->tsc_add;
	cpu->tsc_seen = 0;
	secondary_start = (struct secondary_start){
		.tables = kernel_root.pml4_phys,
		.stack_top = cpu->kernel_rsp,
		.cpu = cpu,
		.enter = entered,
	};
	__atomic_store_n(&secondary_start.ticket, 1, __ATOMIC_SEQ_CST);
	send_start(cpu->apic_id);
	if (!await_entry(cpu->apic_id))
		return ERR_TIMEDOUT;
	deadline = time_now_ns() + PATIENCE_NS;
	/* One that is not as it should be decides without a look at the counters. */
	if (reached(STAGE_COUNTERS, deadline) &&
	    __atomic_load_n(&meeting.stage, __ATOMIC_ACQUIRE) == STAGE_COUNTERS)
		(void)compare_counters(0, deadline);
	if (!reached(STAGE_DECIDED, deadline) && decide(STAGE_DONE))
		meeting.why = "it does not go on";
	(void)reached(STAGE_DONE, UINT64_MAX);
	return meeting.why ? ERR_IO : OK;
}

void cpu_start_init(uint64_t low_phys)
{
	trampoline_init(low_phys);
}

enum err cpu_add(uint32_t apic_id)
{
	struct cpu *cpu;

	/* One number is the first CPU's. */
	if (added_count == LIMIT_CPUS - 1)
		return ERR_NOSPC;
	cpu = cpu_memory_create(apic_id);
	if (!cpu)
		return ERR_NOMEM;
	added[added_count++] = cpu;
	sched_limit_cpus(added_count + 1);
	return OK;
}

/* Its head and its number are set. */
static enum err start(struct cpu *cpu)
{
	enum err err = trampoline_open();

	if (err != OK)
		return err;
	/* Loading TR writes to the GDT. */
	mm_protect_gdts(true);
	err = launch(cpu);
	mm_protect_gdts(false);
	trampoline_close();
	return err;
}

enum err cpu_start_again(unsigned id)
{
	entry_left_ns = ENTRY_ALL_NS;
	return start(cpu_at(id));
}

static enum err start_as(struct cpu *cpu, unsigned id)
{
	enum err err;

	cpu_memory_number(cpu, id);
	__atomic_store_n(&cpu_table[id], cpu, __ATOMIC_RELEASE);
	err = start(cpu);
	if (err != OK)
		__atomic_store_n(&cpu_table[id], NULL, __ATOMIC_RELEASE);
	return err;
}

/* Numbers have no gaps: the next one takes that of a CPU that is left out. */
void cpu_start_all(void)
{
	entry_left_ns = ENTRY_ALL_NS;
	for (unsigned i = 0; i < added_count; i++) {
		enum err err = start_as(added[i], cpu_count());

		if (err != OK)
			log_err("cpu", "the CPU with APIC %u is left out: %s", added[i]->apic_id,
				err == ERR_IO ? meeting.why : err_text(err));
	}
	log_info("cpu", "%u of %u CPUs", cpu_count(), added_count + 1);
}
