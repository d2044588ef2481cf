/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Keys, buckets and the two halves of a wait: between the futex files and their selftests. */
#include "kernel/lib/list.h"

#include "ipc/futex.h"
#include "kernel/core/spinlock.h"
#include "kernel/sched/thread.h"

struct futex_pi;
struct mem_object;

struct futex_key {
	uint64_t scope; /* of the space or the object: its address, for comparing only */
	uint64_t offset;
	struct mem_object *object; /* counted; NULL: of a space, which its thread holds */
};

struct futex_bucket {
	struct spinlock lock; /* LOCK_FUTEX */
	struct list_node waiters;
};

/* A sleeper, on its own stack. Under the lock of its bucket. */
struct futex_waiter {
	struct list_node link;
	struct futex_bucket *bucket; /* another one after a requeue */
	struct futex_key key;        /* its reference is the waiter's */
	struct thread *thread;
	struct futex_pi *pi; /* NULL: on a plain word */
	uint32_t bits;
	bool queued; /* false: woken */
};

/** The key of a word; futex_key_put() gives it back. */
enum err futex_key_get(struct futex_word word, struct futex_key *key);
void futex_key_put(const struct futex_key *key);
struct futex_bucket *futex_bucket_of(const struct futex_key *key);

static inline bool futex_key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->scope == b->scope && a->offset == b->offset;
}

/** Whether anybody may sleep there: a hint, after the word was changed. */
static inline bool futex_bucket_active(const struct futex_bucket *bucket)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !list_empty(&bucket->waiters);
}

/**
 * The first half of a wait: queue @waiter, whose key, bits and thread are set, if the word holds
 * @expected. Return: OK; ERR_AGAIN, ERR_FAULT (the page is not there right now): not queued.
 */
enum err futex_enqueue(struct futex_waiter *waiter, struct uaddr at, uint32_t expected);
/** The second half. Return: as futex_wait. */
enum err futex_sleep(struct futex_waiter *waiter, uint64_t deadline_ns);

/** Wake one. Context: its bucket's lock. */
void futex_waiter_wake(struct futex_waiter *waiter);
/**
 * Wake up to @max sleepers of @key. Context: the bucket's lock. Return: how many, or ERR_INVAL when
 * one waits for a word that is handed over (futex_pi.c).
 */
int32_t futex_wake_locked(struct futex_bucket *bucket, const struct futex_key *key, int32_t max,
			  uint32_t bits);
/** Bring the word's page in for writing, changing nothing. */
enum err futex_fault_in(struct uaddr at);

/** Sleepers of all buckets (leak tests). */
uint64_t futex_waiter_count(void);
