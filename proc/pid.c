/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/pid.h"

#include "kernel/lib/compiler.h"

#include "ipc/futex_hooks.h"
#include "kernel/core/state_digest.h"
#include "mm/slab.h"
#include "proc/process.h"

#define WORD_BITS 64u
#define WORDS     (PID_MAX / WORD_BITS)

static SLAB_CACHE(pid_cache, struct pid);
/* All of this is under process_lock. Bit set: the number is in use. 0 never is free, 1 is kept for the first process. */
#define FIRST_NUMBER 1u
#define FIRST_FREE   2u
static uint64_t used[WORDS] = {3};
static struct pid *table[PID_MAX];
static uint32_t next_number = FIRST_FREE;
static uint32_t used_count;

/* The first free number of the word at or above `from`, or 0. */
static uint32_t free_in_word(uint32_t from)
{
	uint64_t free = ~used[from / WORD_BITS] & (~0ull << from % WORD_BITS);

	return free ? from / WORD_BITS * WORD_BITS + (uint32_t)__builtin_ctzll(free) : 0;
}

/* Numbers go round, so that one that was just given back is not used again at once. */
static uint32_t take_number_locked(void)
{
	uint32_t from = next_number;

	for (uint32_t words = 0; words <= WORDS; words++) {
		uint32_t number = free_in_word(from);
		if (number) {
			used[number / WORD_BITS] |= 1ull << number % WORD_BITS;
			next_number = number + 1 < PID_MAX ? number + 1 : FIRST_FREE;
			used_count++;
			return number;
		}
		from = (from / WORD_BITS + 1) % WORDS * WORD_BITS;
	}
	return 0;
}

static enum err create(uint32_t number, struct pid **out)
{
	struct pid *pid = slab_alloc_zero(&pid_cache);

	if (!pid)
		return ERR_NOMEM;
	refcount_init(&pid->count, 1);
	list_init(&pid->group);
	list_init(&pid->session);
	spin_lock(&process_lock);
	pid->number = number ? number : take_number_locked();
	if (pid->number)
		table[pid->number] = pid;
	spin_unlock(&process_lock);
	if (!pid->number) {
		slab_free(&pid_cache, pid);
		return ERR_AGAIN;
	}
	*out = pid;
	return OK;
}

enum err pid_create(struct pid **out)
{
	return create(0, out);
}

enum err pid_create_first(struct pid **out)
{
	return create(FIRST_NUMBER, out);
}

uint32_t pid_last(void)
{
	uint32_t next = READ_ONCE(next_number);

	return next > FIRST_FREE ? next - 1 : PID_MAX - 1;
}

struct pid *pid_find(uint32_t number)
{
	ASSERT(spin_held(&process_lock));
	return number < PID_MAX ? table[number] : NULL;
}

void futex_owners_hold(void)
{
	spin_lock(&process_lock);
}

void futex_owners_release(void)
{
	spin_unlock(&process_lock);
}

struct thread *futex_owner_find(uint32_t number)
{
	const struct pid *pid = pid_find(number);

	return pid && pid->task ? &pid->task->thread : NULL;
}

static void give_number_back_locked(struct pid *pid)
{
	ASSERT(list_empty(&pid->group) && list_empty(&pid->session));
	table[pid->number] = NULL;
	used[pid->number / WORD_BITS] &= ~(1ull << pid->number % WORD_BITS);
	used_count--;
}

void pid_put(struct pid *pid)
{
	bool last;

	if (refcount_put_unless_last(&pid->count))
		return;
	/* Under the lock: whoever found it by its number has let go of it by then. */
	spin_lock(&process_lock);
	last = refcount_put(&pid->count);
	if (last)
		give_number_back_locked(pid);
	spin_unlock(&process_lock);
	if (last)
		slab_free(&pid_cache, pid);
}

void pid_restart(void)
{
	spin_lock(&process_lock);
	next_number = 1;
	spin_unlock(&process_lock);
}

uint32_t pid_count(void)
{
	return READ_ONCE(used_count);
}

static uint64_t pids_in_use(void)
{
	return pid_count();
}

STATE_COUNTER(pids_in_use);
