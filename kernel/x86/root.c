/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/root.h"

#include "kernel/lib/bits.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/mitigate.h"
#include "kernel/x86/pcid.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root_hooks.h"

/* The static reference keeps it for ever. */
struct root kernel_root = {.count = REFCOUNT_INIT(1), .id = PCID_KERNEL};

/* What each CPU knows of roots. */
static struct pcid_cpu known[CPUS_MAX] __aligned(64);

void root_init(struct root *root, uint64_t pml4_phys)
{
	root->pml4_phys = pml4_phys;
	root->cpu_mask = 0;
	root->id = pcid_draw_id(&known[cpu_id()], cpu_id());
	root->flushes = 0;
	refcount_init(&root->count, 1);
}

void root_put(struct root *root)
{
	if (refcount_put(&root->count))
		root_release(root);
}

/* Who flushes counts first and looks for holders then: it sees this one, or this one its flush. */
static uint64_t cr3_with_pcid(const struct root *root)
{
	return pcid_load(&known[cpu_id()], root->pml4_phys, root->id,
			 __atomic_load_n(&root->flushes, __ATOMIC_SEQ_CST));
}

/* The kernel root is everybody's, for ever: to count it would be a line that all CPUs write. */
static __always_inline void hold(struct root *root, uint32_t cpu)
{
	if (root == &kernel_root)
		return;
	root_get(root);
	__atomic_fetch_or(&root->cpu_mask, BIT(cpu), __ATOMIC_SEQ_CST);
}

static __always_inline void let_go(struct root *root, uint32_t cpu)
{
	if (!root || root == &kernel_root)
		return;
	__atomic_fetch_and(&root->cpu_mask, ~BIT(cpu), __ATOMIC_RELEASE);
	root_put(root);
}

static __always_inline void change(struct cpu *cpu, struct root *root, bool with_pcid)
{
	struct root *old = cpu->root;

	hold(root, cpu->id);
	cpu->root = root;
	write_cr3(with_pcid ? cr3_with_pcid(root) : root->pml4_phys);
	let_go(old, cpu->id);
}

/* Programs do not teach each other's branches. The kernel root in between changes nothing. */
static void barrier_between(uint32_t cpu, const struct root *root)
{
	static uint64_t last_program[CPUS_MAX];
	uint64_t *last = &last_program[cpu];

	if (root == &kernel_root || *last == root->id)
		return;
	*last = root->id;
	mitigate_barrier();
}

static __noinline void change_with_more(struct cpu *cpu, struct root *root)
{
	if (barrier_on)
		barrier_between(cpu->id, root);
	change(cpu, root, cpu_pcid_on);
}

void root_switch(struct root *root)
{
	struct cpu *cpu = cpu_self();

	if (root == cpu->root)
		return;
	if (unlikely(cpu_pcid_on | barrier_on))
		change_with_more(cpu, root);
	else
		change(cpu, root, false);
}

void root_flushed(struct root *root, uint64_t number)
{
	const struct cpu *cpu = cpu_self();

	if (cpu->root == root)
		pcid_flushed(&known[cpu->id], root->id, number);
}

void root_start_cpu(void)
{
	pcid_forget(&known[cpu_id()]);
}
