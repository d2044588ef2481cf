/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The inside of the audit ring, for audit.c and its selftests. */
#include "kernel/core/audit.h"
#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"

struct audit_ring {
	struct spinlock lock; /* LOCK_AUDIT */
	uint64_t newest;      /* sequence of the newest record */
	uint64_t read; /* newest sequence that a reader has seen, or that was counted as lost */
	uint64_t lost;
	struct audit_record slots[LIMIT_AUDIT_RECORDS];
};

/** Add @record under the next sequence number, over the oldest one if need be. Context: any. */
void audit_ring_add(struct audit_ring *ring, const struct audit_record *record);

/** As audit_read(). */
enum err audit_ring_read(struct audit_ring *ring, uint64_t after, struct audit_record *record);

/** The newest record, without the lock. False when there is none. Context: panic. */
bool audit_peek_unlocked(struct audit_record *record);
