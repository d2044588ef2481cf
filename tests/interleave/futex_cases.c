/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc/futex: a mutex as the C library makes it of a futex, and a wake that frees two. */
#include "ipc/futex.h"
#include "ipc/futex_internal.h"
#include "kernel/core/time.h"
#include "mm/usercopy.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/machine.h"

static struct futex_bucket bucket;
static uint32_t word; /* 0 free, 1 taken, 2 taken and perhaps waited for */
static const struct futex_word futex = {.at = {0x10000}};
static unsigned inside, entries;

enum err futex_key_get(struct futex_word at, struct futex_key *key)
{
	*key = (struct futex_key){.scope = 1, .offset = at.at.raw};
	return OK;
}

void futex_key_put(const struct futex_key *key)
{
	(void)key;
}

struct futex_bucket *futex_bucket_of(const struct futex_key *key)
{
	(void)key;
	return &bucket;
}

enum err get_user_u32_nofault(uint32_t *to, struct uaddr from)
{
	(void)from;
	*to = __atomic_load_n(&word, __ATOMIC_SEQ_CST);
	return OK;
}

enum err get_user_u32(uint32_t *to, struct uaddr from)
{
	return get_user_u32_nofault(to, from);
}

static void setup(void)
{
	spin_init(&bucket.lock, LOCK_FUTEX);
	list_init(&bucket.waiters);
	word = 0;
	inside = entries = 0;
}

static void lock(void)
{
	uint32_t expected = 0;

	if (__atomic_compare_exchange_n(&word, &expected, 1, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return;
	while (__atomic_exchange_n(&word, 2, __ATOMIC_SEQ_CST) != 0) {
		enum err err = futex_wait(futex, 2, FUTEX_ANY, TIME_NEVER);

		MUST(err == OK || err == ERR_AGAIN);
	}
}

static void unlock(void)
{
	if (__atomic_exchange_n(&word, 0, __ATOMIC_SEQ_CST) == 2)
		MUST(futex_wake(futex, 1, FUTEX_ANY) >= 0);
}

static void take(unsigned cpu)
{
	(void)cpu;
	lock();
	MUST(inside++ == 0);
	WRITE_ONCE(entries, entries + 1);
	MUST(--inside == 0);
	unlock();
}

static void wake_two(unsigned cpu)
{
	if (cpu) {
		while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 0)
			(void)futex_wait(futex, 0, FUTEX_ANY, TIME_NEVER);
		__atomic_fetch_add(&entries, 1, __ATOMIC_SEQ_CST);
		return;
	}
	__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
	MUST(futex_wake(futex, 2, FUTEX_ANY) >= 0);
	__atomic_fetch_add(&entries, 1, __ATOMIC_SEQ_CST);
}

static void check(void)
{
	MUST(entries == 3 && list_empty(&bucket.waiters) && !bucket.lock.held);
}

const struct scenario futex_mutex = {"futex mutex", 3, 2, setup, take, check};
const struct scenario futex_wake_all = {"futex wake", 3, 2, setup, wake_two, check};
