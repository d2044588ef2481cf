/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleeping on a word and waking who sleeps there. */
#include "ipc/futex.h"

#include "ipc/futex_internal.h"
#include "kernel/sched/wait.h"
#include "mm/usercopy.h"

enum err futex_enqueue(struct futex_waiter *waiter, struct uaddr at, uint32_t expected)
{
	struct futex_bucket *bucket = futex_bucket_of(&waiter->key);
	uint32_t value;

	waiter->bucket = bucket;
	waiter->queued = true;
	spin_lock(&bucket->lock);
	/* Queued before the look: who changes the word afterwards finds the bucket active. */
	list_add_tail(&bucket->waiters, &waiter->link);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	enum err err = get_user_u32_nofault(&value, at);
	if (err == OK && value != expected)
		err = ERR_AGAIN;
	if (err != OK)
		list_remove(&waiter->link);
	spin_unlock(&bucket->lock);
	return err;
}

/* Always under the lock: a waker that still has the waiter in its hands has let go then. */
static bool leave(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket;

	for (;;) {
		bucket = __atomic_load_n(&waiter->bucket, __ATOMIC_ACQUIRE);
		spin_lock(&bucket->lock);
		if (likely(bucket == waiter->bucket))
			break;
		spin_unlock(&bucket->lock);
	}
	bool queued = waiter->queued;
	if (queued)
		list_remove(&waiter->link);
	spin_unlock(&bucket->lock);
	return queued;
}

enum err futex_sleep(struct futex_waiter *waiter, uint64_t deadline_ns)
{
	enum wait_result result = WAIT_OK;

	for (;;) {
		/* First the state, then the look: a waker does it the other way round. */
		__atomic_store_n(&waiter->thread->state, THREAD_SLEEPING, __ATOMIC_SEQ_CST);
		if (!READ_ONCE(waiter->queued) || result != WAIT_OK)
			break;
		result = wait_sleep(deadline_ns, WAIT_INTERRUPTIBLE);
	}
	WRITE_ONCE(waiter->thread->state, THREAD_RUNNABLE);
	if (!leave(waiter))
		return OK;
	return result == WAIT_TIMEDOUT ? ERR_TIMEDOUT : ERR_RESTARTSYS;
}

enum err futex_wait(struct futex_word word, uint32_t expected, uint32_t bits, uint64_t deadline_ns)
{
	struct futex_waiter waiter = {.thread = thread_self(), .bits = bits};
	uint32_t value;
	enum err err;

	/* The page is brought in without the lock; by then the memory may be another's. */
	do {
		err = futex_key_get(word, &waiter.key);
		if (err != OK)
			return err;
		err = futex_enqueue(&waiter, word.at, expected);
		if (err == OK)
			err = futex_sleep(&waiter, deadline_ns);
		futex_key_put(&waiter.key);
	} while (err == ERR_FAULT && get_user_u32(&value, word.at) == OK);
	return err;
}

void futex_waiter_wake(struct futex_waiter *waiter)
{
	list_remove(&waiter->link);
	WRITE_ONCE(waiter->queued, false);
	(void)thread_wake(waiter->thread);
}

int32_t futex_wake_locked(struct futex_bucket *bucket, const struct futex_key *key, int32_t max,
			  uint32_t bits)
{
	int32_t woken = 0;

	list_for_each_safe(node, next, &bucket->waiters)
	{
		struct futex_waiter *waiter = list_entry(node, struct futex_waiter, link);

		if (!futex_key_equal(&waiter->key, key))
			continue;
		if (waiter->pi)
			return ERR_INVAL;
		if (!(waiter->bits & bits))
			continue;
		futex_waiter_wake(waiter);
		if (++woken >= max)
			break;
	}
	return woken;
}

int64_t futex_wake(struct futex_word word, int32_t count, uint32_t bits)
{
	struct futex_key key;
	int32_t woken = 0;
	enum err err = futex_key_get(word, &key);

	if (err != OK)
		return err;
	struct futex_bucket *bucket = futex_bucket_of(&key);
	if (futex_bucket_active(bucket)) {
		spin_lock(&bucket->lock);
		woken = futex_wake_locked(bucket, &key, count, bits);
		spin_unlock(&bucket->lock);
	}
	futex_key_put(&key);
	return woken;
}
