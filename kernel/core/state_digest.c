/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/state_digest.h"

#include "kernel/lib/assert.h"

void state_digest_take(struct state_digest *digest)
{
	size_t count = (size_t)(state_digest_end - state_digest_start);

	ASSERT(count <= STATE_COUNTERS_MAX);
	*digest = (struct state_digest){0};
	for (size_t i = 0; i < count; i++)
		digest->value[i] = state_digest_start[i].read();
}

const struct state_counter *state_digest_differs(const struct state_digest *a,
						 const struct state_digest *b)
{
	size_t count = (size_t)(state_digest_end - state_digest_start);

	for (size_t i = 0; i < count; i++)
		if (a->value[i] != b->value[i])
			return &state_digest_start[i];
	return NULL;
}
