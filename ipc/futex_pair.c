/* SPDX-License-Identifier: BSD-2-Clause */
/* What concerns two words at once: sleepers that move from one to the other, and wake-op. */
#include "kernel/lib/compiler.h"

#include "ipc/futex_internal.h"
#include "mm/space/object.h"
#include "mm/usercopy.h"

/* The waiter's reference goes with it: the caller holds both objects, so neither ends here. */
static void move_waiter(struct futex_waiter *waiter, struct futex_bucket *to,
			const struct futex_key *key)
{
	/* In one bucket it keeps its place, or a walk would meet it again. */
	if (waiter->bucket != to) {
		list_remove(&waiter->link);
		list_add_tail(&to->waiters, &waiter->link);
	}
	if (key->object)
		mem_object_get(key->object);
	futex_key_put(&waiter->key);
	waiter->key = *key;
	__atomic_store_n(&waiter->bucket, to, __ATOMIC_RELEASE);
}

/* A pair of words with both buckets locked. */
struct pair {
	struct futex_key key[2];
	struct futex_bucket *bucket[2];
};

static enum err pair_get(struct futex_word a, struct futex_word b, struct pair *pair)
{
	enum err err = futex_key_get(a, &pair->key[0]);

	if (err != OK)
		return err;
	err = futex_key_get(b, &pair->key[1]);
	if (err != OK)
		futex_key_put(&pair->key[0]);
	pair->bucket[0] = futex_bucket_of(&pair->key[0]);
	pair->bucket[1] = futex_bucket_of(&pair->key[1]);
	return err;
}

static void pair_put(const struct pair *pair)
{
	futex_key_put(&pair->key[0]);
	futex_key_put(&pair->key[1]);
}

static int64_t requeue_locked(const struct pair *pair, const struct futex_move *move)
{
	uint32_t woken = 0, moved = 0;

	list_for_each_safe(node, next, &pair->bucket[0]->waiters)
	{
		struct futex_waiter *waiter = list_entry(node, struct futex_waiter, link);

		if (woken >= move->wake && moved >= move->requeue)
			break;
		if (!futex_key_equal(&waiter->key, &pair->key[0]))
			continue;
		if (waiter->pi)
			return ERR_INVAL;
		if (woken < move->wake) {
			futex_waiter_wake(waiter);
			woken++;
		} else {
			move_waiter(waiter, pair->bucket[1], &pair->key[1]);
			moved++;
		}
	}
	return woken + moved;
}

/* ERR_FAULT: the first word is not there right now. */
static int64_t compare_and_requeue(const struct pair *pair, const struct futex_move *move)
{
	uint32_t value = move->expected;
	int64_t result = OK;

	spin_lock_pair(&pair->bucket[0]->lock, &pair->bucket[1]->lock);
	if (move->compares)
		result = get_user_u32_nofault(&value, move->from.at);
	if (result == OK)
		result = value == move->expected ? requeue_locked(pair, move) : ERR_AGAIN;
	spin_unlock_pair(&pair->bucket[0]->lock, &pair->bucket[1]->lock);
	return result;
}

int64_t futex_requeue(const struct futex_move *move)
{
	struct pair pair;
	uint32_t value;
	int64_t result;

	do {
		result = pair_get(move->from, move->to, &pair);
		if (result != OK)
			return result;
		result = compare_and_requeue(&pair, move);
		pair_put(&pair);
	} while (result == ERR_FAULT && get_user_u32(&value, move->from.at) == OK);
	return result;
}

static uint32_t changed(const struct futex_op *op, uint32_t old)
{
	uint32_t by = (uint32_t)op->change_by;

	switch (op->change) {
	case FUTEX_SET:
		return by;
	case FUTEX_ADD:
		return old + by;
	case FUTEX_OR:
		return old | by;
	case FUTEX_ANDN:
		return old & ~by;
	case FUTEX_XOR:
		break;
	}
	return old ^ by;
}

static bool compares(const struct futex_op *op, int32_t old)
{
	switch (op->compare) {
	case FUTEX_EQ:
		return old == op->compare_with;
	case FUTEX_NE:
		return old != op->compare_with;
	case FUTEX_LT:
		return old < op->compare_with;
	case FUTEX_LE:
		return old <= op->compare_with;
	case FUTEX_GT:
		return old > op->compare_with;
	case FUTEX_GE:
		break;
	}
	return old >= op->compare_with;
}

/* ERR_FAULT: the second word cannot be written right now. */
static enum err change_locked(const struct futex_op *op, uint32_t *old)
{
	struct uaddr at = op->second.at;
	uint32_t seen;
	enum err err = get_user_u32_nofault(&seen, at);

	while (err == OK) {
		err = cmpxchg_user_u32_nofault(at, seen, changed(op, seen), old);
		if (err == OK && *old == seen)
			break;
		seen = *old;
	}
	return err;
}

static int64_t wake_pair(const struct pair *pair, const struct futex_op *op, bool both)
{
	int64_t first =
		futex_wake_locked(pair->bucket[0], &pair->key[0], op->wake_first, FUTEX_ANY);
	int64_t second;

	if (first < 0 || !both)
		return first;
	second = futex_wake_locked(pair->bucket[1], &pair->key[1], op->wake_second, FUTEX_ANY);
	return second < 0 ? second : first + second;
}

static int64_t change_and_wake(const struct pair *pair, const struct futex_op *op)
{
	uint32_t old = 0;
	int64_t result;

	spin_lock_pair(&pair->bucket[0]->lock, &pair->bucket[1]->lock);
	result = change_locked(op, &old);
	if (result == OK) {
		result = wake_pair(pair, op, compares(op, (int32_t)old));
	}
	spin_unlock_pair(&pair->bucket[0]->lock, &pair->bucket[1]->lock);
	return result;
}

enum err futex_fault_in(struct uaddr at)
{
	uint32_t value, old;
	enum err err = get_user_u32(&value, at);

	return err == OK ? cmpxchg_user_u32(at, value, value, &old) : err;
}

int64_t futex_wake_op(const struct futex_op *op)
{
	struct pair pair;
	int64_t result;

	do {
		result = pair_get(op->first, op->second, &pair);
		if (result != OK)
			return result;
		result = change_and_wake(&pair, op);
		pair_put(&pair);
	} while (result == ERR_FAULT && futex_fault_in(op->second.at) == OK);
	return result;
}
