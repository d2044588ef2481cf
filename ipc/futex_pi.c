/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes whose owner inherits priorities. The word is the owner's number, or 0; FUTEX_WAITERS says
 * that the kernel must be asked to give it back. Who gives it back hands it to the most urgent one
 * who waits; if the owner ends instead, that one takes it, and learns it by FUTEX_OWNER_DIED.
 */
#include "kernel/lib/compiler.h"

#include "ipc/futex_hooks.h"
#include "ipc/futex_internal.h"
#include "kernel/sched/inherit.h"
#include "kernel/sched/wait.h"
#include "mm/slab.h"
#include "mm/usercopy.h"

/* A word with sleepers, under its bucket's lock; freed by the last of them. */
struct futex_pi {
	struct inherit_lock lock;
	uint32_t number; /* the owner's */
};

struct pi_waiter {
	struct futex_waiter sleeper;
	struct inherit_waiter inherit;
	struct uaddr at;
	uint32_t number;
	struct futex_pi *fresh; /* for the first who sleeps there */
};

/* The one who sleeps on the word of @key, and so tells what kind of word it is. */
static struct futex_waiter *find_sleeper(const struct futex_bucket *bucket,
					 const struct futex_key *key)
{
	list_for_each(node, &bucket->waiters)
	{
		struct futex_waiter *waiter = list_entry(node, struct futex_waiter, link);

		if (futex_key_equal(&waiter->key, key))
			return waiter;
	}
	return NULL;
}

static struct pi_waiter *pi_of(struct inherit_waiter *inherit)
{
	return container_of(inherit, struct pi_waiter, inherit);
}

/* --- taking the word, or queueing for it; all under the bucket's lock --- */

static enum err join(struct pi_waiter *waiter, struct futex_pi *pi)
{
	enum err err = inherit_join(&pi->lock, &waiter->inherit);

	if (err != OK)
		return err;
	waiter->sleeper.pi = pi;
	waiter->sleeper.queued = true;
	list_add_tail(&waiter->sleeper.bucket->waiters, &waiter->sleeper.link);
	return OK;
}

/* Others sleep there: what the word says must be what they have come for, or somebody who died. */
static enum err join_others(struct pi_waiter *waiter, struct futex_pi *pi, uint32_t value,
			    bool tries)
{
	uint32_t number = value & FUTEX_TID_MASK;
	bool is_dead = value & FUTEX_OWNER_DIED && !number;

	if (READ_ONCE(pi->lock.owner) && !is_dead && number != pi->number)
		return ERR_INVAL;
	return tries ? ERR_AGAIN : join(waiter, pi);
}

static enum err join_owner(struct pi_waiter *waiter, uint32_t number, bool tries)
{
	struct thread *owner = futex_owner_find(number);
	struct futex_pi *pi = waiter->fresh;
	enum err err;

	if (!owner)
		return ERR_SRCH;
	if (tries)
		return ERR_AGAIN;
	inherit_init(&pi->lock, owner);
	pi->number = number;
	err = join(waiter, pi);
	if (err == OK)
		waiter->fresh = NULL;
	return err;
}

/* OK: it is taken, or it is slept for (sleeper.queued). ERR_FAULT: it is not there right now. */
static enum err take_or_join(struct pi_waiter *waiter, bool tries)
{
	struct futex_waiter *other = find_sleeper(waiter->sleeper.bucket, &waiter->sleeper.key);
	uint32_t value, old;
	enum err err = get_user_u32_nofault(&value, waiter->at);

	for (; err == OK; value = old) {
		uint32_t number = value & FUTEX_TID_MASK;
		uint32_t next = number ? value | FUTEX_WAITERS
				       : (value & FUTEX_OWNER_DIED) | waiter->number;

		if (number == waiter->number)
			return ERR_DEADLK;
		if (other)
			return other->pi ? join_others(waiter, other->pi, value, tries) : ERR_INVAL;
		err = cmpxchg_user_u32_nofault(waiter->at, value, next, &old);
		if (err == OK && old == value)
			return number ? join_owner(waiter, number, tries) : OK;
	}
	return err;
}

static enum err begin(struct pi_waiter *waiter, bool tries)
{
	struct futex_bucket *bucket = futex_bucket_of(&waiter->sleeper.key);
	enum err err;

	waiter->sleeper.bucket = bucket;
	futex_owners_hold();
	spin_lock(&bucket->lock);
	err = take_or_join(waiter, tries);
	spin_unlock(&bucket->lock);
	futex_owners_release();
	return err;
}

/* --- the end of a sleep --- */

/* @waiter stands nowhere any more. Return: what is to be freed, if it was the last one. */
static struct futex_pi *dequeue(struct pi_waiter *waiter)
{
	struct futex_pi *pi = waiter->sleeper.pi;

	list_remove(&waiter->sleeper.link);
	WRITE_ONCE(waiter->sleeper.queued, false);
	return inherit_first(&pi->lock) ? NULL : pi;
}

static enum err write_number(const struct pi_waiter *waiter)
{
	uint32_t value, old, mine = waiter->number | FUTEX_WAITERS | FUTEX_OWNER_DIED;
	enum err err = get_user_u32_nofault(&value, waiter->at);

	while (err == OK) {
		err = cmpxchg_user_u32_nofault(waiter->at, value, mine, &old);
		if (err == OK && old == value)
			break;
		value = old;
	}
	return err;
}

/* The owner has ended. ERR_FAULT: the word is not there right now, nothing has changed. */
static enum err take_over(struct pi_waiter *waiter, struct futex_pi **free)
{
	enum err err = write_number(waiter);

	if (err != OK)
		return err;
	waiter->sleeper.pi->number = waiter->number;
	inherit_pass(&waiter->inherit);
	*free = dequeue(waiter);
	return OK;
}

/* What a sleep that ended by @why has come to; ERR_AGAIN: it goes on. */
static enum err look(struct pi_waiter *waiter, enum err why)
{
	struct futex_bucket *bucket = waiter->sleeper.bucket;
	struct futex_pi *free = NULL;
	enum err err = why;

	spin_lock(&bucket->lock);
	if (!waiter->sleeper.queued) {
		err = OK;
	} else if (why != ERR_FAULT && inherit_may_take(&waiter->inherit)) {
		err = take_over(waiter, &free);
	} else if (why != ERR_AGAIN) {
		inherit_leave(&waiter->inherit);
		free = dequeue(waiter);
	}
	spin_unlock(&bucket->lock);
	kfree(free);
	return err;
}

static enum err look_or_fault(struct pi_waiter *waiter, enum err why)
{
	enum err err = look(waiter, why);

	if (err != ERR_FAULT || !READ_ONCE(waiter->sleeper.queued))
		return err;
	/* Called still: the next look is at once. */
	return futex_fault_in(waiter->at) == OK ? ERR_AGAIN : look(waiter, ERR_FAULT);
}

static enum err why_of(enum wait_result result)
{
	if (result == WAIT_OK)
		return ERR_AGAIN;
	return result == WAIT_TIMEDOUT ? ERR_TIMEDOUT : ERR_RESTARTNOINTR;
}

static enum err pi_sleep(struct pi_waiter *waiter, uint64_t deadline_ns)
{
	struct thread *self = waiter->sleeper.thread;
	enum wait_result result = WAIT_OK;
	enum err err = ERR_AGAIN;

	while (err == ERR_AGAIN) {
		/* First the state, then the looks: who calls or hands over does it the other way
		 * round. */
		__atomic_store_n(&self->state, THREAD_SLEEPING, __ATOMIC_SEQ_CST);
		if (READ_ONCE(waiter->sleeper.queued) && !READ_ONCE(waiter->inherit.is_called) &&
		    result == WAIT_OK) {
			result = wait_sleep(deadline_ns, WAIT_INTERRUPTIBLE);
			continue;
		}
		WRITE_ONCE(self->state, THREAD_RUNNABLE);
		err = look_or_fault(waiter, why_of(result));
	}
	return err;
}

enum err futex_pi_lock(struct futex_word word, uint32_t number, uint64_t deadline_ns, bool tries)
{
	struct pi_waiter waiter = {
		.sleeper = {.thread = thread_self(), .bits = FUTEX_ANY},
		.at = word.at,
		.number = number,
		.fresh = kmalloc(sizeof(struct futex_pi)),
	};
	enum err err = waiter.fresh ? OK : ERR_NOMEM;

	while (err == OK) {
		err = futex_key_get(word, &waiter.sleeper.key);
		if (err != OK)
			break;
		err = begin(&waiter, tries);
		if (err == OK && waiter.sleeper.queued)
			err = pi_sleep(&waiter, deadline_ns);
		futex_key_put(&waiter.sleeper.key);
		if (err != ERR_FAULT)
			break;
		err = futex_fault_in(word.at);
	}
	kfree(waiter.fresh);
	return err;
}

/* --- giving back --- */

/* The word is @value; it is the next one's from here on. */
static enum err hand_over(struct futex_pi *pi, struct uaddr at, uint32_t value,
			  struct futex_pi **free)
{
	struct pi_waiter *next = pi_of(inherit_first(&pi->lock));
	uint32_t old;
	enum err err = cmpxchg_user_u32_nofault(at, value, next->number | FUTEX_WAITERS, &old);

	if (err != OK)
		return err;
	if (old != value)
		return (old ^ value) & FUTEX_TID_MASK ? ERR_INVAL : ERR_AGAIN;
	pi->number = next->number;
	inherit_pass(&next->inherit);
	*free = dequeue(next);
	(void)thread_wake(next->sleeper.thread);
	return OK;
}

/* ERR_AGAIN: the word has changed. */
static enum err unlock_alone(struct uaddr at, uint32_t value)
{
	uint32_t old;
	enum err err = cmpxchg_user_u32_nofault(at, value, 0, &old);

	return err == OK && old != value ? ERR_AGAIN : err;
}

static enum err unlock_key(const struct futex_key *key, struct uaddr at, uint32_t value)
{
	struct futex_bucket *bucket = futex_bucket_of(key);
	struct futex_pi *free = NULL;
	enum err err;

	spin_lock(&bucket->lock);
	struct futex_waiter *sleeper = find_sleeper(bucket, key);
	if (!sleeper)
		err = unlock_alone(at, value);
	else if (!sleeper->pi || READ_ONCE(sleeper->pi->lock.owner) != thread_self())
		err = ERR_INVAL;
	else
		err = hand_over(sleeper->pi, at, value, &free);
	spin_unlock(&bucket->lock);
	kfree(free);
	return err;
}

enum err futex_pi_unlock(struct futex_word word, uint32_t number)
{
	struct futex_key key;
	uint32_t value;
	enum err err;

	do {
		err = get_user_u32(&value, word.at);
		if (err != OK)
			return err;
		if ((value & FUTEX_TID_MASK) != number)
			return ERR_PERM;
		err = futex_key_get(word, &key);
		if (err != OK)
			return err;
		err = unlock_key(&key, word.at, value);
		futex_key_put(&key);
	} while (err == ERR_AGAIN || (err == ERR_FAULT && futex_fault_in(word.at) == OK));
	return err;
}
