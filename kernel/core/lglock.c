/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/lglock.h"

#include "kernel/core/panic.h"
#include "kernel/x86/patience.h"
#include "kernel/x86/tlb.h"

void lglock_await_locals(const struct lglock *lock)
{
	struct patience patience = patience_begin();

	for_each_cpu(id, cpus_others())
	{
		const struct cpu *cpu = cpu_at((unsigned)id);

		while (__atomic_load_n(&cpu->local_lock, __ATOMIC_ACQUIRE) == lock->global.bit) {
			/* It may wait for this CPU's flush. */
			tlb_serve();
			cpu_relax();
			if (unlikely(patience_over(&patience)))
				panic("CPU %u has waited %u s for CPU %u to leave %s", cpu_id(),
				      PATIENCE_MS / 1000, (unsigned)id,
				      lock_name(lock_rank(lock->global.bit)));
		}
	}
}
