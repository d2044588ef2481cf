/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/clock_internal.h"
#include "kernel/core/irq.h"
#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/timer_internal.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/tlb.h"

/* Further away than this the hardware is set again on the way: its counter has 32 bits. */
#define TIMER_MAX_AHEAD_NS (2 * NS_PER_SEC)
#define TIMER_OFF          (~0ull)
/* An interrupt that is later than this was lost, or its CPU was stopped: either way no harm is
 * done. */
#define OVERDUE_NS (10 * NS_PER_MS)

/* The timers of one CPU, ordered by deadline; equal deadlines in the order of their start. */
struct timer_queue {
	struct spinlock lock;
	struct rb_tree tree;
	struct timer *first;
	uint64_t count;
	uint64_t programmed_ns; /* what the hardware waits for; TIMER_OFF: nothing */
	uint32_t looked_at;     /* the CPU of the last look_at_another() */
} __aligned(64);

static struct timer_queue queues[LIMIT_CPUS] = {
	[0 ... LIMIT_CPUS - 1] = {.lock = SPINLOCK_INIT(LOCK_TIMER), .programmed_ns = TIMER_OFF},
};

static struct timer_queue *timer_queue_self(void)
{
	return &queues[cpu_id()];
}

static void timer_program(struct timer_queue *queue, uint64_t deadline_ns, uint64_t now_ns)
{
	uint64_t ahead = deadline_ns > now_ns ? deadline_ns - now_ns : 0;

	if (ahead > TIMER_MAX_AHEAD_NS)
		ahead = TIMER_MAX_AHEAD_NS;
	/* Rounded up and one tick more: never early. 2 s at up to 9 GHz fit in 64 bits. */
	uint64_t ticks = ahead * clock_lapic_hz() / NS_PER_SEC + 1;

	queue->programmed_ns = deadline_ns;
	lapic_timer_start(ticks > 0xffffffff ? 0xffffffff : (uint32_t)ticks);
}

static bool is_much_later(uint64_t ns, uint64_t than_ns)
{
	return ns > than_ns && ns - than_ns > OVERDUE_NS;
}

/* The hardware's interrupt did not come: it is asked again, for the one that is due first. */
static __noinline void timer_mend(struct timer_queue *queue)
{
	uint64_t now_ns = time_now_ns();

	if (is_much_later(now_ns, queue->programmed_ns))
		timer_program(queue, queue->first->deadline_ns, now_ns);
}

static void timer_insert(struct timer_queue *queue, struct timer *timer)
{
	struct rb_node *parent = NULL;
	struct rb_node *at = queue->tree.root;
	unsigned side = 0;

	while (at) {
		parent = at;
		side = timer->deadline_ns >= container_of(at, struct timer, node)->deadline_ns;
		at = at->child[side];
	}
	rb_insert(&queue->tree, &timer->node, parent, side);
	if (!queue->first || timer->deadline_ns < queue->first->deadline_ns)
		queue->first = timer;
	queue->count++;
	timer->armed = 1;
}

static void timer_unlink(struct timer_queue *queue, struct timer *timer)
{
	if (queue->first == timer) {
		struct rb_node *next = rb_next(&timer->node);

		queue->first = next ? container_of(next, struct timer, node) : NULL;
	}
	rb_erase(&queue->tree, &timer->node);
	queue->count--;
}

static void timer_remove(struct timer_queue *queue, struct timer *timer)
{
	timer_unlink(queue, timer);
	__atomic_store_n(&timer->armed, 0, __ATOMIC_RELEASE);
}

/* Takes it out of whatever queue it is in; true when it was in one. Context: interrupts off. */
static bool timer_take_out(struct timer *timer)
{
	bool was_armed = false, moved = true;

	while (moved && READ_ONCE(timer->armed)) {
		uint32_t cpu = READ_ONCE(timer->cpu);
		struct timer_queue *queue = &queues[cpu];

		spin_lock(&queue->lock);
		moved = timer->armed && timer->cpu != cpu;
		was_armed = timer->armed && !moved;
		/* The hardware is left as it is: a needless interrupt is cheaper than setting it
		 * twice. */
		if (was_armed)
			timer_remove(queue, timer);
		spin_unlock(&queue->lock);
	}
	return was_armed;
}

void timer_start(struct timer *timer, uint64_t deadline_ns)
{
	uint64_t flags = irq_save();
	struct timer_queue *queue = timer_queue_self();

	if (unlikely(READ_ONCE(timer->armed)))
		timer_take_out(timer);
	spin_lock(&queue->lock);
	timer->deadline_ns = deadline_ns;
	timer->cpu = cpu_id();
	timer_insert(queue, timer);
	if (queue->first == timer && deadline_ns < queue->programmed_ns)
		timer_program(queue, deadline_ns, time_now_ns());
	else if (unlikely(is_much_later(deadline_ns, queue->programmed_ns)))
		timer_mend(queue);
	spin_unlock_irqrestore(&queue->lock, flags);
}

bool timer_stop(struct timer *timer)
{
	uint64_t flags;
	bool was_armed;

	if (!READ_ONCE(timer->armed))
		return false;
	flags = irq_save();
	was_armed = timer_take_out(timer);
	irq_restore(flags);
	return was_armed;
}

bool timer_cancel(struct timer *timer)
{
	bool was_armed = timer_stop(timer);

	/* Interrupts of this CPU end before its threads go on: it is another one's. */
	while (unlikely(__atomic_load_n(&timer->firing, __ATOMIC_ACQUIRE))) {
		tlb_serve();
		cpu_relax();
	}
	return was_armed;
}

/* The earliest timer if it is due, taken out of the queue; else NULL. */
static struct timer *timer_take_due(struct timer_queue *queue, uint64_t now_ns)
{
	struct timer *timer = queue->first;

	if (!timer || timer->deadline_ns > now_ns)
		return NULL;
	/* Before it is out of the queue: who does not find it there waits for this. */
	__atomic_fetch_add(&timer->firing, 1, __ATOMIC_RELAXED);
	timer_remove(queue, timer);
	return timer;
}

/*
 * The next one of the other CPUs. If its interrupt is overdue it may be asleep, and nobody there
 * asks the hardware again: it is sent one, which does no harm if it comes for nothing. And if its
 * counter went ahead, this one's follows.
 */
static void look_at_another(struct timer_queue *queue)
{
	uint64_t others = cpus_others();
	uint64_t later = others & ~((2ull << queue->looked_at) - 1);

	if (!others)
		return;
	queue->looked_at = (uint32_t)__builtin_ctzll(later ? later : others);
	const struct cpu *cpu = cpu_at(queue->looked_at);
	time_follow(READ_ONCE(cpu->tsc_seen));
	if (is_much_later(time_now_ns(), READ_ONCE(queues[queue->looked_at].programmed_ns)))
		lapic_send(cpu->apic_id, VECTOR_TIMER);
}

bool timer_interrupt(void *arg)
{
	struct timer_queue *queue = timer_queue_self();
	struct timer *timer;

	(void)arg;
	spin_lock(&queue->lock);
	queue->programmed_ns = TIMER_OFF;
	while ((timer = timer_take_due(queue, time_now_ns()))) {
		spin_unlock(&queue->lock);
		timer->fire(timer);
		__atomic_fetch_sub(&timer->firing, 1, __ATOMIC_RELEASE);
		spin_lock(&queue->lock);
	}
	if (queue->first && queue->first->deadline_ns < queue->programmed_ns)
		timer_program(queue, queue->first->deadline_ns, time_now_ns());
	spin_unlock(&queue->lock);
	time_report_falls();
	look_at_another(queue);
	return true;
}

/* Who looks for a timer meanwhile finds it armed, and waits for a lock. */
void timer_leave_cpu(void)
{
	struct timer_queue *from = timer_queue_self(), *to = &queues[0];

	spin_lock_pair(&from->lock, &to->lock);
	while (from->first) {
		struct timer *timer = from->first;

		timer_unlink(from, timer);
		WRITE_ONCE(timer->cpu, 0);
		timer_insert(to, timer);
	}
	from->programmed_ns = TIMER_OFF;
	spin_unlock_pair(&from->lock, &to->lock);
	lapic_timer_stop();
	lapic_send(percpu_boot.cpu.apic_id, VECTOR_TIMER);
}

void timer_init_cpu(void)
{
	irq_register_vector(VECTOR_TIMER, timer_interrupt, NULL);
}

uint64_t timer_count(void)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		count += READ_ONCE(queues[i].count);
	return count;
}
