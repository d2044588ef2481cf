/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/audit.h"

#include "kernel/core/limits.h"
#include "kernel/core/log.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"

/* At most this many records are shown in the log in each period; the rest is a count. */
#define AUDIT_LOG_PERIOD_NS (10 * NS_PER_SEC)
#define AUDIT_LOG_BURST     8u

static struct {
	struct spinlock lock;
	uint64_t newest; /* sequence of the newest record */
	uint64_t read;   /* newest sequence that a reader has seen */
	uint64_t lost;
	struct audit_record ring[LIMIT_AUDIT_RECORDS];
	uint64_t period_end_ns;
	uint32_t shown;
	uint32_t hidden;
} audit = {.lock = SPINLOCK_INIT(LOCK_AUDIT)};

static struct audit_record *audit_slot(uint64_t sequence)
{
	return &audit.ring[sequence % LIMIT_AUDIT_RECORDS];
}

/* The oldest sequence that is still in the ring. */
static uint64_t audit_oldest(void)
{
	return audit.newest > LIMIT_AUDIT_RECORDS ? audit.newest - LIMIT_AUDIT_RECORDS + 1 : 1;
}

/* Whether this record may be shown; @hidden gets how many were left out before it. */
static bool audit_may_log(uint64_t now_ns, uint32_t *hidden)
{
	*hidden = 0;
	if (now_ns >= audit.period_end_ns) {
		*hidden = audit.hidden;
		audit.hidden = 0;
		audit.shown = 0;
		audit.period_end_ns = now_ns + AUDIT_LOG_PERIOD_NS;
	}
	if (audit.shown >= AUDIT_LOG_BURST) {
		audit.hidden++;
		return false;
	}
	audit.shown++;
	return true;
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
	uint64_t flags = spin_lock_irqsave(&audit.lock);
	uint32_t hidden;
	bool show;

	record.sequence = ++audit.newest;
	if (audit_oldest() > 1 && audit_oldest() - 1 > audit.read) {
		audit.lost += audit_oldest() - 1 - audit.read;
		audit.read = audit_oldest() - 1;
	}
	*audit_slot(record.sequence) = record;
	show = audit_may_log(record.time_ns, &hidden);
	spin_unlock_irqrestore(&audit.lock, flags);

	if (hidden)
		log_warn("audit", "%u further refusals not shown", hidden);
	if (show)
		log_warn("audit", "pid %u: call %d on %s %llx refused: %s", subject, (int)call,
			 audit_kind_name(object.kind), (unsigned long long)object.id,
			 err_name(error));
}

uint64_t audit_head(void)
{
	return READ_ONCE(audit.newest);
}

uint64_t audit_lost(void)
{
	return READ_ONCE(audit.lost);
}

enum err audit_read(uint64_t after, struct audit_record *record)
{
	uint64_t flags = spin_lock_irqsave(&audit.lock);
	uint64_t wanted = after + 1 > audit_oldest() ? after + 1 : audit_oldest();
	enum err err = ERR_NOENT;

	if (wanted <= audit.newest) {
		*record = *audit_slot(wanted);
		if (wanted > audit.read)
			audit.read = wanted;
		err = OK;
	}
	spin_unlock_irqrestore(&audit.lock, flags);
	return err;
}
