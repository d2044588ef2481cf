/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/interleave/cases.h"

const struct scenario *const scenarios[] = {
	&spinlock_exclusion,
	&spinlock_pair,
	&lglock_pair,
	&lglock_three,
	&wait_one,
	&wait_all,
	&mutex_exclusion,
	&rwlock_writers,
	&rwlock_readers,
	&epoch_reader,
	&epoch_readers,
	&spread_end_one,
	&spread_handed,
	&spread_walk,
	&frame_owners,
	&frame_caches_drained,
	&futex_mutex,
	&futex_wake_all,
	&futex_pi_mutex,
	&futex_pi_death,
	&pipe_end,
	&tlb_return,
	&tlb_root_again,
	/* Seconds each, so behind all others. */
	&tlb_two,
	&epoch_both,
	&pipe_full,
	NULL,
};
