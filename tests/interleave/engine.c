/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/interleave/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_BYTES 65536u
#define DECISIONS   4096u
#define STEPS_MAX   20000u /* of one run: more is a loop that nothing ends */
#define WORDS       4096u  /* a power of two */

enum state { RUNS, SPINS, PARKED, ENDED };

struct coroutine {
	void *sp;
	enum state state;
	enum state below; /* of what an interrupt came upon */
	bool interrupted;
	unsigned long mark; /* writes of others since are new to it */
	char stack[STACK_BYTES] __attribute__((aligned(64)));
};

struct decision {
	uint8_t chosen, options;
};

struct step {
	uint8_t cpu;
	const char *place;
};

static struct coroutine coroutines[ENGINE_CPUS];
static struct coroutine outside;
static const struct scenario *scenario;
static unsigned self;
static unsigned preemptions; /* still allowed in this run */
static unsigned long writes; /* of this run */
static struct decision decisions[DECISIONS];
static unsigned depth, known; /* of this run; of which decided beforehand */
static struct step steps[STEPS_MAX];
static unsigned step_count;
static unsigned long runs;

/* Which CPUs have touched a word; kept over all runs of a scenario. */
static struct word {
	const volatile void *at;
	uint32_t cpus;
} words[WORDS];
static bool grown;
static bool running; /* else setup and check: no other CPU is there */

/* Callee-saved registers on the stack of who leaves, from the stack of who comes. */
void engine_switch(void **from, void *to);
__asm__(".text\n"
	"engine_switch:\n"
	"	push %rbp\n	push %rbx\n	push %r12\n	push %r13\n	push %r14\n	"
	"push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbx\n	"
	"pop %rbp\n"
	"	ret\n");

void engine_fail(const char *what, const char *place)
{
	unsigned last = ~0u;

	printf("interleave: %s, run %lu: %s at %s\n", scenario->name, runs, what, place);
	for (unsigned i = 0; i < step_count; i++) {
		if (steps[i].cpu != last)
			printf("\n  CPU %u:", steps[i].cpu);
		last = steps[i].cpu;
		printf(" %s", steps[i].place);
	}
	printf("\n");
	exit(1);
}

unsigned engine_self(void)
{
	return self;
}

void engine_be(unsigned cpu)
{
	self = cpu;
}

/* Decides between @options ways: as this run was told to, and the first where it was not. */
static unsigned decide(unsigned options)
{
	if (options < 2)
		return 0;
	if (depth == DECISIONS)
		engine_fail("too many decisions", "engine");
	if (depth == known)
		decisions[known++] = (struct decision){0, (uint8_t)options};
	if (decisions[depth].options != options)
		engine_fail("the same decisions lead elsewhere", "engine");
	return decisions[depth++].chosen;
}

bool engine_choose(void)
{
	return decide(2);
}

static bool can_run(unsigned cpu)
{
	const struct coroutine *it = &coroutines[cpu];

	if (it->interrupted && machine_irq_open(cpu))
		return true;
	return it->state == RUNS || (it->state == SPINS && writes != it->mark);
}

static void go_to(unsigned cpu)
{
	unsigned from = self;

	if (cpu == from)
		return;
	self = cpu;
	engine_switch(&coroutines[from].sp, coroutines[cpu].sp);
}

/* Another one of those that can run, in turn from this one; @stay: this one is the first choice. */
static unsigned next_cpu(bool stay)
{
	unsigned candidates[ENGINE_CPUS], count = 0;

	if (stay)
		candidates[count++] = self;
	for (unsigned i = 1; i <= scenario->cpus; i++) {
		unsigned cpu = (self + i) % scenario->cpus;

		if ((!stay || cpu != self) && can_run(cpu))
			candidates[count++] = cpu;
	}
	return count ? candidates[decide(count)] : ENGINE_CPUS;
}

static bool all_ended(void)
{
	for (unsigned cpu = 0; cpu < scenario->cpus; cpu++)
		if (coroutines[cpu].state != ENDED)
			return false;
	return true;
}

static void take_interrupt(void)
{
	struct coroutine *it = &coroutines[self];

	it->interrupted = false;
	it->below = it->state;
	it->state = RUNS;
	machine_irq_take();
	it->state = it->below;
	it->below = RUNS;
}

/* This CPU cannot go on: others run until it can. Interrupts find it here. */
static void wait_here(void)
{
	for (;;) {
		if (coroutines[self].interrupted && machine_irq_open(self))
			take_interrupt();
		if (coroutines[self].state == RUNS)
			return;
		if (coroutines[self].state == SPINS && writes != coroutines[self].mark)
			return;
		unsigned cpu = next_cpu(false);

		if (cpu < ENGINE_CPUS)
			go_to(cpu);
		else if (all_ended())
			engine_switch(&coroutines[self].sp, outside.sp);
		else
			engine_fail("nobody can go on", "engine");
	}
}

static struct word *word_of(const volatile void *at)
{
	uint64_t hash = (uint64_t)at * 0x9e3779b97f4a7c15ull >> 32;

	for (;; hash++) {
		struct word *word = &words[hash % WORDS];

		if (!word->at)
			word->at = at;
		if (word->at == at)
			return word;
	}
}

/* Whether more than one CPU touches the word. */
static bool is_shared(const volatile void *at)
{
	struct word *word = word_of(at);
	uint32_t before = word->cpus;

	word->cpus |= 1u << self;
	if (before && before != word->cpus && !(before & (before - 1)))
		grown = true;
	return word->cpus & (word->cpus - 1);
}

static void note_step(const char *place)
{
	if (step_count == STEPS_MAX)
		engine_fail("no end", "engine");
	steps[step_count++] = (struct step){(uint8_t)self, place};
}

/* In the middle of what the CPU does it counts as a preemption. */
static void maybe_interrupt(void)
{
	if (!preemptions || !coroutines[self].interrupted || !machine_irq_open(self))
		return;
	if (engine_choose()) {
		preemptions--;
		take_interrupt();
	}
}

/* Its own write is nothing new to it; what others have written before still is. */
static void note_write(struct coroutine *it)
{
	it->mark += it->mark == writes;
	writes++;
}

void engine_point(const volatile void *at, enum point_kind kind, const char *place)
{
	if (!running || (at && !is_shared(at)))
		return;
	maybe_interrupt();
	if (preemptions) {
		unsigned cpu = next_cpu(true);

		if (cpu != self) {
			preemptions--;
			go_to(cpu);
		}
	}
	note_step(place);
	if (kind == POINT_WRITE)
		note_write(&coroutines[self]);
}

void engine_spin(void)
{
	if (coroutines[self].mark == writes)
		coroutines[self].state = SPINS;
	wait_here();
	coroutines[self].state = RUNS;
	coroutines[self].mark = writes;
}

void engine_park(void)
{
	coroutines[self].state = PARKED;
	wait_here();
}

void engine_unpark(unsigned cpu)
{
	struct coroutine *it = &coroutines[cpu];

	if (it->state == PARKED)
		it->state = RUNS;
	if (it->below == PARKED)
		it->below = RUNS;
}

void engine_interrupt(unsigned cpu)
{
	coroutines[cpu].interrupted = true;
}

static void begin(void)
{
	scenario->run(self);
	coroutines[self].state = ENDED;
	wait_here();
	abort();
}

static void prepare(unsigned cpu)
{
	struct coroutine *it = &coroutines[cpu];
	void **top = (void **)(it->stack + STACK_BYTES - 64);

	it->state = RUNS;
	it->below = RUNS;
	it->interrupted = false;
	it->mark = 0;
	*--top = NULL; /* the stack as a call leaves it */
	*--top = (void *)begin;
	it->sp = top - 6;
}

static void run_once(void)
{
	depth = 0;
	step_count = 0;
	writes = 1;
	preemptions = scenario->preemptions;
	for (unsigned cpu = 0; cpu < scenario->cpus; cpu++)
		prepare(cpu);
	machine_reset(scenario->cpus);
	self = 0;
	scenario->setup();
	self = 0;
	self = decide(scenario->cpus);
	running = true;
	engine_switch(&outside.sp, coroutines[self].sp);
	running = false;
	self = 0;
	scenario->check();
	runs++;
}

/* The next schedule: the last decision that has another way takes it. */
static bool advance(void)
{
	while (known && decisions[known - 1].chosen + 1 == decisions[known - 1].options)
		known--;
	if (!known)
		return false;
	decisions[known - 1].chosen++;
	return true;
}

unsigned long engine_explore(const struct scenario *it)
{
	memset(words, 0, sizeof(words));
	scenario = it;
	runs = 0;
	known = 0;
	do {
		grown = false;
		run_once();
		if (grown)
			known = 0;
	} while (grown || advance());
	return runs;
}
