/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/core/random.h"
#include "kernel/core/random_internal.h"

static struct random_state early;

static void early_add(const void *data, size_t len, unsigned bits)
{
	random_state_mix(&early, data, len);
	early.credit += bits;
}

void random_early(void *to, size_t len)
{
	random_collect(early_add);
	if (!random_state_seeded(&early))
		random_collect_ports(early_add);
	random_state_fill(&early, to, len);
	memzero_secret(&early, sizeof(early));
}
