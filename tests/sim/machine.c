/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs that are only simulated, and the threads on them. */
#include <setjmp.h>
#include <stdlib.h>
#include <x86intrin.h>

#include "kernel/lib/string.h"

#include "kernel/sched/place.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/switch_hooks.h"
#include "tests/sim/events.h"
#include "tests/sim/sim.h"

#define USERS_MOST 1024u

struct sim_cpu {
	struct cpu cpu;
	struct thread *ran; /* who ran since @since */
	uint64_t since;
	uint32_t generation; /* of its next event */
	bool is_called;      /* another CPU's interrupt has not been served */
	uint8_t runq[SCHED_CPU_BYTES] __attribute__((aligned(64)));
};

struct cpu *sim_self;
uint64_t sim_now, sim_steps, sim_host_ticks, sim_longest_idleness;
bool sim_irq_on;
static struct sim_cpu *cpus;
static uint32_t cpu_count;
static struct thread boot_thread;
static struct sim_user users[USERS_MOST];
static uint32_t user_count;
static jmp_buf back;

static struct sim_thread *sim_thread(struct thread *thread)
{
	return container_of(thread, struct sim_thread, thread);
}

static bool is_idle(void)
{
	return sim_self->current == sim_self->runq->idle;
}

/* --- what the scheduler calls --- */

void lapic_send(uint32_t apic_id, unsigned vector)
{
	(void)vector;
	if (!cpus[apic_id].is_called)
		events_add((struct event){.at_ns = sim_now, .cpu = apic_id, .generation = 0});
	cpus[apic_id].is_called = true;
}

/* Threads have no stacks. A flow of control that is to go on later is left here. */
void context_switch(struct context *from, struct context *to)
{
	struct thread *thread = container_of(from, struct thread, context);

	(void)to;
	if (thread != sim_self->runq->idle)
		return;
	thread_started();
	sim_irq_on = true;
	longjmp(back, 1);
}

/* The idle thread has nothing to do. */
void cpu_wait_irq(void)
{
	sim_irq_on = true;
	longjmp(back, 1);
}

/* None ends. */
void thread_reap(struct thread *thread)
{
	(void)thread;
	abort();
}

/* --- what happens on a CPU --- */

static void stop_waiting(struct sim_thread *self)
{
	uint64_t waited = sim_now - self->ready_since;

	self->longest_wait = MAX(self->longest_wait, waited);
	if (self->is_woken)
		self->longest_wake = MAX(self->longest_wake, waited);
	self->is_woken = false;
}

/* Who ran until now has used that time; who runs from now on has waited. */
static void dispatched(struct sim_cpu *cpu)
{
	struct thread *idle = cpu->cpu.runq->idle;

	if (cpu->ran == sim_self->current)
		return;
	if (cpu->ran != idle && cpu->ran->in_queue)
		sim_thread(cpu->ran)->ready_since = sim_now;
	cpu->ran = sim_self->current;
	if (!is_idle())
		stop_waiting(sim_thread(cpu->ran));
}

static void run_idle(void)
{
	if (!setjmp(back))
		idle_run(sim_self->runq);
}

static void step(struct sim_thread *self)
{
	enum sim_next next = self->behave(self);

	sim_steps++;
	if (next == SIM_YIELD) {
		thread_yield();
	} else if (next == SIM_SLEEP) {
		WRITE_ONCE(self->thread.state, THREAD_SLEEPING);
		if (self->sleep_ns)
			events_add(
				(struct event){.at_ns = sim_now + self->sleep_ns, .thread = self});
		schedule();
	}
}

/* Until somebody runs who wants to, or nobody. */
static void settle(struct sim_cpu *cpu)
{
	const struct thread *before;

	do {
		before = sim_self->current;
		if (is_idle())
			run_idle();
		else if (thread_work() & THREAD_RESCHED)
			schedule();
		else if (!sim_thread(sim_self->current)->burst_ns)
			step(sim_thread(sim_self->current));
		sim_steps++;
		dispatched(cpu);
	} while (sim_self->current != before || (!is_idle() && thread_work() & THREAD_RESCHED) ||
		 (!is_idle() && !sim_thread(sim_self->current)->burst_ns));
}

static void ring(struct timer *timer)
{
	if (!timer->armed || timer->deadline_ns > sim_now)
		return;
	timer->armed = 0;
	sim_irq_on = false;
	timer->fire(timer);
	sim_irq_on = true;
}

static void account(struct sim_cpu *cpu)
{

	if (!is_idle()) {
		struct sim_thread *self = sim_thread(sim_self->current);

		self->burst_ns -= MIN(self->burst_ns, sim_now - cpu->since);
	}
	cpu->since = sim_now;
	ring(&cpu->cpu.runq->quantum);
}

/* When something happens here by itself. */
static void plan(struct sim_cpu *cpu)
{
	struct timer *quantum = &cpu->cpu.runq->quantum;
	uint64_t at = UINT64_MAX;

	if (!is_idle())
		at = sim_now + sim_thread(sim_self->current)->burst_ns;
	if (quantum->armed)
		at = MIN(at, quantum->deadline_ns);
	cpu->generation++;
	if (at != UINT64_MAX)
		events_add((struct event){
			.at_ns = at, .cpu = cpu->cpu.id, .generation = cpu->generation});
}

static void happen(struct sim_cpu *cpu, struct sim_thread *woken, struct timer *timer)
{
	uint64_t start = __rdtsc();

	sim_self = &cpu->cpu;
	account(cpu);
	if (timer)
		ring(timer);
	if (woken && thread_wake(&woken->thread)) {
		woken->ready_since = sim_now;
		woken->is_woken = true;
	}
	settle(cpu);
	sim_host_ticks += __rdtsc() - start;
	plan(cpu);
}

/* --- the machine --- */

static void boot_cpu(uint32_t number)
{
	struct sim_cpu *cpu = &cpus[number];

	sim_self = &cpu->cpu;
	cpu->cpu = (struct cpu){.self = &cpu->cpu, .id = number, .apic_id = number};
	cpu->generation = 1;
	if (number)
		sim_self = &cpus[0].cpu, sched_init_cpu(&cpu->cpu, cpu->runq, NULL, NULL);
	else
		sched_init(&boot_thread, NULL, NULL);
	sim_self = &cpu->cpu;
	if (number)
		sched_open_cpu();
	else
		boot_thread.state = THREAD_SLEEPING, schedule();
	cpu->ran = cpu->cpu.runq->idle;
	settle(cpu);
}

void sim_boot(uint32_t count)
{
	/* The first CPU's queue is the kernel's own static one. */
	if (runqs[0])
		memset(runqs[0], 0, sizeof(*runqs[0]));
	free(cpus);
	cpus = aligned_alloc(64, count * sizeof(*cpus));
	if (!cpus)
		abort();
	memset(cpus, 0, count * sizeof(*cpus));
	for (uint32_t i = 0; i < user_count; i++)
		free(users[i].parts);
	user_count = 0;
	cpu_count = count;
	sim_now = NS_PER_SEC;
	sim_steps = sim_host_ticks = sim_longest_idleness = 0;
	events_clear();
	runq_count = 0;
	memset(&idle_cpus, 0, sizeof(idle_cpus));
	memset(&sched_cpus, 0, sizeof(sched_cpus));
	sched_limit_cpus(count);
	sched_allowed = CPU_SET_FIRST;
	thread_init(&boot_thread, "boot", NULL, NULL);
	for (uint32_t i = 0; i < count; i++)
		boot_cpu(i);
	sched_spread(true);
}

void sim_wake(struct sim_thread *thread, uint32_t cpu)
{
	happen(&cpus[cpu], thread, NULL);
}

/* Whether a CPU has been idle since a thread waited that it may run. */
static void note_idleness(void)
{
	static uint64_t since;
	bool waits = false, idles = false;

	for (uint32_t i = 0; i < cpu_count; i++) {
		const struct runq *runq = cpus[i].cpu.runq;

		waits = waits || runq->waiting;
		idles = idles || runq->running == runq->idle;
	}
	if (!waits || !idles || since > sim_now)
		since = sim_now;
	sim_longest_idleness = MAX(sim_longest_idleness, sim_now - since);
}

static void take(const struct event *event)
{
	if (event->thread) {
		happen(&cpus[event->thread->thread.cpu], event->thread, NULL);
	} else if (event->timer) {
		happen(&cpus[event->cpu], NULL, event->timer);
	} else if (!event->generation) {
		cpus[event->cpu].is_called = false;
		happen(&cpus[event->cpu], NULL, NULL);
	} else if (event->generation == cpus[event->cpu].generation) {
		happen(&cpus[event->cpu], NULL, NULL);
	}
}

void sim_run(uint64_t end_ns)
{
	struct event event;

	while (events_take(end_ns, &event)) {
		ASSERT(event.at_ns >= sim_now);
		sim_now = event.at_ns;
		if (cpu_count <= 8)
			note_idleness();
		take(&event);
	}
	sim_now = end_ns;
}

struct sim_user *sim_user(void)
{
	struct sim_user *user = &users[user_count++];

	ASSERT(user_count <= USERS_MOST);
	user->parts = aligned_alloc(_Alignof(struct sched_part), cpu_count * sizeof(*user->parts));
	if (!user->parts)
		abort();
	sched_group_init(&user->group, user->parts, cpu_count);
	return user;
}

struct sim_thread *sim_threads(uint32_t count, struct sim_user *user,
			       enum sim_next (*behave)(struct sim_thread *self))
{
	struct sim_thread *threads = calloc(count, sizeof(*threads));

	if (!threads)
		abort();
	for (uint32_t i = 0; i < count; i++) {
		thread_init(&threads[i].thread, "thread", NULL, NULL);
		thread_group_set(&threads[i].thread, &user->group);
		threads[i].behave = behave;
		threads[i].random = i + 1;
	}
	return threads;
}

uint64_t sim_used_ns(const struct sim_thread *thread)
{
	return thread_cpu_ns(&thread->thread);
}

uint64_t sim_longest_wait(const struct sim_thread *thread)
{
	uint64_t waits = thread->thread.in_queue ? sim_now - thread->ready_since : 0;

	return MAX(thread->longest_wait, waits);
}

uint64_t sim_random(uint64_t *state, uint64_t below)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (*state >> 33) % below;
}

enum sim_next sim_hog(struct sim_thread *self)
{
	self->burst_ns = 1000000 * NS_PER_SEC;
	return SIM_GO;
}
