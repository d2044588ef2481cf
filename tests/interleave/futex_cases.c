/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc/futex: a mutex as the C library makes it of a futex, and a wake that frees two; the same with
 * inheritance, whose owner may die.
 */
#include <string.h>

#include "ipc/futex.h"
#include "ipc/futex_hooks.h"
#include "ipc/futex_internal.h"
#include "kernel/core/time.h"
#include "kernel/sched/inherit.h"
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

/* --- with inheritance: the word is 1 + the owner's CPU --- */

static struct spinlock owners;
static bool is_dead;

void futex_owners_hold(void)
{
	spin_lock(&owners);
}

void futex_owners_release(void)
{
	spin_unlock(&owners);
}

struct thread *futex_owner_find(uint32_t number)
{
	return number == 1 && is_dead ? NULL : machine_thread_of(number - 1);
}

enum err cmpxchg_user_u32_nofault(struct uaddr at, uint32_t expected, uint32_t value, uint32_t *old)
{
	(void)at;
	*old = expected;
	__atomic_compare_exchange_n(&word, old, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return OK;
}

enum err futex_fault_in(struct uaddr at)
{
	(void)at;
	engine_fail("every page is there", __func__);
}

/* The same places in every run. */
static struct {
	uint64_t words[16];
	bool is_used;
} objects[ENGINE_CPUS + 1];

void *kmalloc(size_t size)
{
	unsigned i = 0;

	MUST(size <= sizeof(objects[0].words));
	while (objects[i].is_used)
		i++;
	MUST(i <= ENGINE_CPUS);
	objects[i].is_used = true;
	return objects[i].words;
}

void kfree(void *object)
{
	for (unsigned i = 0; i <= ENGINE_CPUS; i++)
		if (object == objects[i].words)
			objects[i].is_used = false;
}

static bool all_is_free(void)
{
	for (unsigned i = 0; i <= ENGINE_CPUS; i++)
		if (objects[i].is_used)
			return false;
	return true;
}

static void setup_pi(void)
{
	setup();
	spin_init(&owners, LOCK_PROCESS);
	is_dead = false;
	memset(objects, 0, sizeof(objects));
	for (unsigned cpu = 0; cpu < 3; cpu++)
		machine_thread_of(cpu)->own_realtime = (uint8_t)(10 * cpu);
}

static uint32_t change_word(uint32_t from, uint32_t to)
{
	__atomic_compare_exchange_n(&word, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return from;
}

static void pi_lock(uint32_t number)
{
	if (change_word(0, number) != 0)
		MUST(futex_pi_lock(futex, number, TIME_NEVER, false) == OK);
	MUST((READ_ONCE(word) & FUTEX_TID_MASK) == number);
}

static void pi_unlock(uint32_t number)
{
	if (change_word(number, 0) != number)
		MUST(futex_pi_unlock(futex, number) == OK);
}

static void take_pi(unsigned cpu)
{
	pi_lock(cpu + 1);
	MUST(inside++ == 0);
	WRITE_ONCE(entries, entries + 1);
	MUST(--inside == 0);
	pi_unlock(cpu + 1);
}

/* As a thread ends that holds a robust mutex. */
static void die(void)
{
	uint32_t value = READ_ONCE(word), before;

	while ((before = change_word(value, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED)) != value)
		value = before;
	futex_owners_hold();
	is_dead = true;
	inherit_end();
	futex_owners_release();
}

static void take_or_die(unsigned cpu)
{
	if (cpu) {
		take_pi(cpu);
		return;
	}
	pi_lock(1);
	WRITE_ONCE(entries, entries + 1);
	die();
}

static void check_pi(void)
{
	check();
	MUST(!(word & FUTEX_TID_MASK) && all_is_free());
	for (unsigned cpu = 0; cpu < 3; cpu++) {
		const struct thread *thread = machine_thread_of(cpu);

		MUST(!thread->inherit.owned.root && !thread->inherit.waits);
		MUST(!thread->inherited_realtime);
	}
}

const struct scenario futex_pi_mutex = {"futex inherited", 3, 2, setup_pi, take_pi, check_pi};
const struct scenario futex_pi_death = {"futex of the dead", 3, 2, setup_pi, take_or_die, check_pi};
