/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/audit.h"

#include "kernel/core/audit_internal.h"
#include "kernel/core/limits.h"
#include "kernel/core/log.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"

/* At most this many records are shown in the log in each period; the rest is a count. */
#define AUDIT_LOG_PERIOD_NS (10 * NS_PER_SEC)
#define AUDIT_LOG_BURST     8u

static struct audit_ring audit_ring = {.lock = SPINLOCK_INIT(LOCK_AUDIT)};

/* How much has been shown. */
static struct {
	struct spinlock lock;
	uint64_t period_end_ns;
	uint32_t shown;
	uint32_t hidden;
} audit_log = {.lock = SPINLOCK_INIT(LOCK_AUDIT)};

static struct audit_record *audit_slot(struct audit_ring *ring, uint64_t sequence)
{
	return &ring->slots[sequence % LIMIT_AUDIT_RECORDS];
}

/* The oldest sequence that is still in the ring. */
static uint64_t audit_oldest(const struct audit_ring *ring)
{
	return ring->newest > LIMIT_AUDIT_RECORDS ? ring->newest - LIMIT_AUDIT_RECORDS + 1 : 1;
}

void audit_ring_add(struct audit_ring *ring, const struct audit_record *record)
{
	uint64_t flags = spin_lock_irqsave(&ring->lock);
	uint64_t gone;

	ring->newest++;
	*audit_slot(ring, ring->newest) = *record;
	audit_slot(ring, ring->newest)->sequence = ring->newest;
	gone = audit_oldest(ring) - 1;
	if (gone > ring->read) {
		ring->lost += gone - ring->read;
		ring->read = gone;
	}
	spin_unlock_irqrestore(&ring->lock, flags);
}

enum err audit_ring_read(struct audit_ring *ring, uint64_t after, struct audit_record *record)
{
	uint64_t flags = spin_lock_irqsave(&ring->lock);
	uint64_t oldest = audit_oldest(ring);
	uint64_t wanted = after >= oldest ? after + 1 : oldest;
	enum err err = ERR_NOENT;

	if (after < ring->newest) {
		*record = *audit_slot(ring, wanted);
		if (wanted > ring->read)
			ring->read = wanted;
		err = OK;
	}
	spin_unlock_irqrestore(&ring->lock, flags);
	return err;
}

/* Whether a record may be shown; @hidden gets how many were left out before it. */
static bool audit_may_log(uint64_t now_ns, uint32_t *hidden)
{
	uint64_t flags = spin_lock_irqsave(&audit_log.lock);
	bool show;

	*hidden = 0;
	if (now_ns >= audit_log.period_end_ns) {
		*hidden = audit_log.hidden;
		audit_log.hidden = 0;
		audit_log.shown = 0;
		audit_log.period_end_ns = now_ns + AUDIT_LOG_PERIOD_NS;
	}
	show = audit_log.shown < AUDIT_LOG_BURST;
	audit_log.shown += show;
	audit_log.hidden += !show;
	spin_unlock_irqrestore(&audit_log.lock, flags);
	return show;
}

static const char *audit_kind_name(enum audit_object_kind kind)
{
	static const char *const names[] = {
		[AUDIT_OBJECT_NONE] = "nothing",  [AUDIT_OBJECT_PROCESS] = "process",
		[AUDIT_OBJECT_FILE] = "file",     [AUDIT_OBJECT_MEMORY] = "memory",
		[AUDIT_OBJECT_DEVICE] = "device", [AUDIT_OBJECT_CONTROL] = "control",
	};

	return (unsigned)kind < ARRAY_SIZE(names) ? names[kind] : "?";
}

void audit_deny(uint32_t subject, struct audit_object object, uint32_t call, enum err error)
{
	struct audit_record record = {
		.time_ns = time_now_ns(),
		.subject = subject,
		.call = call,
		.object = object,
		.error = error,
	};
	uint32_t hidden;
	bool show;

	audit_ring_add(&audit_ring, &record);
	show = audit_may_log(record.time_ns, &hidden);
	if (hidden)
		log_warn("audit", "%u further refusals not shown", hidden);
	if (show)
		log_warn("audit", "pid %u: call %d on %s %llx refused: %s", subject, (int)call,
			 audit_kind_name(object.kind), (unsigned long long)object.id,
			 err_name(error));
}

uint64_t audit_head(void)
{
	return READ_ONCE(audit_ring.newest);
}

uint64_t audit_lost(void)
{
	return READ_ONCE(audit_ring.lost);
}

enum err audit_read(uint64_t after, struct audit_record *record)
{
	return audit_ring_read(&audit_ring, after, record);
}

bool audit_peek_unlocked(struct audit_record *record)
{
	if (!audit_ring.newest)
		return false;
	*record = *audit_slot(&audit_ring, audit_ring.newest);
	return true;
}
