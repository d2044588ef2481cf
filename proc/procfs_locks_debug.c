/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/lock_stat of DEBUG builds: what each class of locks costs, who holds and who waits. */
#include "kernel/core/lock_class.h"
#include "kernel/core/lock_stat.h"
#include "kernel/core/panic.h"
#include "kernel/sched/wait_graph.h"
#include "kernel/x86/cpus.h"
#include "mm/kstack.h"
#include "proc/procfs_internal.h"

static void print_counts(struct procfs_text *text)
{
	procfs_print(text, "%-20s %12s %12s %12s\n", "class", "taken", "contended", "moved");
	for (unsigned rank = 0; rank < LOCK_RANK_COUNT; rank++) {
		struct lock_count count = lock_stat_read(rank);

		if (count.taken)
			procfs_print(text, "%-20s %12lu %12lu %12lu\n", lock_name(rank),
				     count.taken, count.contended, count.moved);
	}
}

static void print_spinlocks(struct procfs_text *text)
{
	struct spin_row row;

	for_each_cpu(cpu, READ_ONCE(cpus_online))
	{
		for (unsigned rank = 0; rank < LOCK_RANK_COUNT; rank++)
			if (lock_stat_cpu((unsigned)cpu, rank, &row))
				procfs_print(text, "CPU %lu %s %s, %s\n", cpu,
					     row.waits ? "waits for" : "holds", lock_name(rank),
					     row.place ? row.place : "?");
	}
}

static void print_mutexes(struct procfs_text *text)
{
	struct lock_row row;

	for (unsigned i = 0; wait_graph_row(i, &row); i++)
		procfs_print(text, "%s %s %s, %s\n", row.thread, row.waits ? "waits for" : "holds",
			     lock_name(row.rank), row.place);
}

static enum err show_lock_stat(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	print_counts(text);
	print_spinlocks(text);
	print_mutexes(text);
	procfs_print(text, "deepest kernel stack: %u of %lu bytes\n", kstack_deepest(),
		     (uint64_t)KSTACK_SIZE);
	return OK;
}

static const struct procfs_node node = {
	.name = "lock_stat",
	.mode = S_IFREG | 0400,
	.show = show_lock_stat,
};

void procfs_register_locks(void)
{
	if (procfs_register(&node))
		panic("procfs: no memory");
}
