/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/audit.h"
#include "kernel/core/audit_internal.h"
#include "kernel/core/epoch.h"
#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

SELFTEST(M13, 5, lost_records_are_counted, .needs = M2)
{
	static struct audit_ring ring = {.lock = SPINLOCK_INIT(LOCK_AUDIT)};
	const struct audit_object object = {AUDIT_OBJECT_FILE, 42};
	struct audit_record record;
	uint64_t after = 0;

	for (uint32_t i = 0; i < 2 * LIMIT_AUDIT_RECORDS; i++)
		audit_ring_add(&ring, &(struct audit_record){
					      .subject = i, .object = object, .error = ERR_PERM});
	CHECK(ring.newest == 2 * LIMIT_AUDIT_RECORDS && ring.lost == LIMIT_AUDIT_RECORDS);
	while (audit_ring_read(&ring, after, &record) == OK) {
		CHECK(record.sequence == (after ? after + 1 : LIMIT_AUDIT_RECORDS + 1));
		CHECK(record.subject == record.sequence - 1);
		CHECK(record.object.id == 42 && record.error == ERR_PERM);
		after = record.sequence;
	}
	CHECK(after == ring.newest);
	/* All of it was read: as much again is not lost. */
	for (uint32_t i = 0; i < LIMIT_AUDIT_RECORDS; i++)
		audit_ring_add(&ring, &(struct audit_record){.subject = i});
	CHECK(ring.lost == LIMIT_AUDIT_RECORDS);
	audit_ring_add(&ring, &(struct audit_record){.subject = 7});
	CHECK(ring.lost == LIMIT_AUDIT_RECORDS + 1);
	return true;
}

SELFTEST(M13, 6, refusal_leaves_one_record, .needs = M2)
{
	uint64_t head = audit_head();
	struct audit_record record;

	audit_deny(1234, (struct audit_object){AUDIT_OBJECT_PROCESS, 99}, 62, ERR_PERM);
	CHECK(audit_head() == head + 1);
	CHECK(audit_read(head, &record) == OK);
	CHECK(record.sequence == head + 1 && record.subject == 1234 && record.call == 62);
	CHECK(record.object.kind == AUDIT_OBJECT_PROCESS && record.object.id == 99);
	CHECK(record.error == ERR_PERM);
	CHECK(audit_read(head + 1, &record) == ERR_NOENT);
	return true;
}

static unsigned freed;

static void count_free(struct epoch_node *node)
{
	(void)node;
	freed++;
}

static void sleep_inside(void *arg)
{
	(void)arg;
	epoch_drain();
}

SELFTEST(M13, 9, retired_memory_waits_for_readers, .needs = M8)
{
	static struct epoch_node a, b;

	freed = 0;
	epoch_retire(&a, count_free);
	CHECK(freed == 1); /* nobody reads */
	epoch_enter();
	epoch_enter();
	epoch_retire(&b, count_free);
	epoch_exit();
	bool held = freed == 1 && epoch_pending() == 1;
	bool asserted = expect_assert(sleep_inside, NULL);
	epoch_exit();
	CHECK(held && asserted);
	CHECK(freed == 2 && epoch_pending() == 0);
	return true;
}
