/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/tlb.h"

#include "kernel/lib/bits.h"

#include "kernel/x86/apic.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/patience.h"
#include "kernel/x86/pte.h"
#include "kernel/x86/root.h"

/* Above this many pages one whole flush is cheaper than single ones. */
#define FLUSH_PAGES_MAX 32u
#define FLUSH_ALL       (~0ull)

/* What a CPU asks of others: one thing at a time, since it waits for the answers. */
struct request {
	struct root *root;
	uint64_t start;
	uint64_t end;     /* FLUSH_ALL: everything of the root */
	uint64_t number;  /* which of the root's flushes */
	uint64_t pending; /* CPUs that have not answered */
	uint64_t sent;    /* interrupts, since boot */
} __aligned(64);

/* The CPUs whose requests wait for this one. */
struct inbox {
	uint64_t from;
} __aligned(64);

static struct request requests[CPUS_MAX];
static struct inbox inboxes[CPUS_MAX];

/* Clearing CR4.PGE flushes everything, global or of any PCID: SDM vol 3, 4.10.4.1. */
static void flush_with_global(void)
{
	uint64_t flags = irq_save();
	uint64_t cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 & ~CR4_PGE) : "memory");
		__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
	} else {
		write_cr3(read_cr3());
	}
	irq_restore(flags);
}

/* The kernel half is global, so that one INVLPG is enough for all PCIDs. */
static void flush_here(const struct root *root, uint64_t start, uint64_t end)
{
	if (root != &kernel_root && cpu_self()->root != root)
		return;
	if (end != FLUSH_ALL) {
		for (uint64_t at = start; at < end; at += PAGE_SIZE)
			invlpg(at);
	} else if (root == &kernel_root) {
		flush_with_global();
	} else {
		write_cr3(read_cr3());
	}
}

void tlb_serve(void)
{
	unsigned self = cpu_id();

	if (likely(!READ_ONCE(inboxes[self].from)))
		return;
	for_each_cpu(id, __atomic_exchange_n(&inboxes[self].from, 0, __ATOMIC_ACQUIRE))
	{
		struct request *request = &requests[id];

		flush_here(request->root, request->start, request->end);
		if (unlikely(cpu_pcid_on))
			root_flushed(request->root, request->number);
		__atomic_fetch_and(&request->pending, ~BIT(self), __ATOMIC_RELEASE);
	}
}

/* One interrupt serves all who ask meanwhile. */
static void ask(struct request *request, unsigned self, unsigned id)
{
	if (__atomic_fetch_or(&inboxes[id].from, BIT(self), __ATOMIC_SEQ_CST))
		return;
	request->sent++;
	lapic_send(cpu_at(id)->apic_id, VECTOR_FLUSH);
}

static __noinline void flush_others(struct root *root, uint64_t start, uint64_t end,
				    uint64_t others)
{
	unsigned self = cpu_id();
	struct request *request = &requests[self];

	request->root = root;
	request->start = start;
	request->end = end;
	__atomic_store_n(&request->pending, others, __ATOMIC_RELEASE);
	for_each_cpu(id, others) ask(request, self, (unsigned)id);
	cpus_await(&request->pending, "flush");
}

/* For CPUs that do not hold the root now. Counted before the look at who does; this CPU's own part
 * follows before its threads go on. */
static __noinline void count_flush(struct root *root)
{
	uint64_t number = __atomic_add_fetch(&root->flushes, 1, __ATOMIC_SEQ_CST);

	requests[cpu_id()].number = number;
	root_flushed(root, number);
}

static void flush(struct root *root, uint64_t start, uint64_t end)
{
	uint64_t others;

	if (unlikely(cpu_pcid_on))
		count_flush(root);
	flush_here(root, start, end);
	/* The new entry is there before the look; who loads the root notes itself before that. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	others = root == &kernel_root ? cpus_others() : READ_ONCE(root->cpu_mask) & ~BIT(cpu_id());
	if (unlikely(others))
		flush_others(root, start, end, others);
}

void tlb_flush_page(struct root *root, uint64_t address)
{
	flush(root, address, address + PAGE_SIZE);
}

void tlb_flush_range(struct root *root, uint64_t start, uint64_t end)
{
	flush(root, start, (end - start) / PAGE_SIZE > FLUSH_PAGES_MAX ? FLUSH_ALL : end);
}

void tlb_flush_root(struct root *root)
{
	flush(root, 0, FLUSH_ALL);
}

void tlb_flush_self(void)
{
	flush_with_global();
}

uint64_t tlb_interrupt_count(void)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < CPUS_MAX; i++)
		count += READ_ONCE(requests[i].sent);
	return count;
}
