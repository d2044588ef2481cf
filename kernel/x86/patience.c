/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/patience.h"

#include "kernel/x86/cpus_hooks.h"
#include "kernel/x86/sections.h"
#include "kernel/x86/tlb.h"

uint64_t patience_tick __ro_after_init = ~0ull;

void cpus_await(const uint64_t *pending, const char *what)
{
	struct patience patience = patience_begin();
	uint64_t silent;

	while ((silent = __atomic_load_n(pending, __ATOMIC_ACQUIRE))) {
		tlb_serve();
		cpu_relax();
		if (unlikely(patience_over(&patience)))
			cpus_silent(silent, what);
	}
}
