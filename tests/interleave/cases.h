/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include "tests/interleave/engine.h"

/* NULL behind the last; the program's own. */
extern const struct scenario *const scenarios[];

extern const struct scenario spinlock_exclusion, spinlock_pair;
extern const struct scenario lglock_pair, lglock_three;
extern const struct scenario wait_one, wait_all;
extern const struct scenario mutex_exclusion, rwlock_writers, rwlock_readers;
extern const struct scenario epoch_reader, epoch_readers, epoch_both;
extern const struct scenario spread_end_one, spread_handed, spread_walk;
extern const struct scenario frame_owners, frame_caches_drained;
extern const struct scenario futex_mutex, futex_wake_all;
extern const struct scenario futex_pi_mutex, futex_pi_death;
extern const struct scenario pipe_end, pipe_full;
extern const struct scenario tlb_return, tlb_two, tlb_root_again;
