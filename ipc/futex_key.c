/* SPDX-License-Identifier: BSD-2-Clause */
/* What a futex word is known by, and the bucket that its sleepers stand in. */
#include "kernel/lib/bits.h"
#include "kernel/lib/hash.h"

#include "ipc/futex_internal.h"
#include "kernel/core/random.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space/object.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"

/* A bucket for so many pages of memory: a thread that sleeps takes more than that. */
#define PAGES_A_BUCKET 64u
#define BUCKETS_MIN    256u
#define BUCKETS_MAX    65536u

/* Calls that say "private" and calls that do not never meet on a space's own memory, as on Linux.
 */
#define SHARED_CALL 1u

static struct futex_bucket *buckets __ro_after_init;
static uint64_t bucket_mask __ro_after_init;
static uint64_t hash_seed __ro_after_init;

enum err futex_init(void)
{
	uint64_t count = frame_total_count() / PAGES_A_BUCKET;

	count = 1ull << log2_floor(MIN(MAX(count, BUCKETS_MIN), BUCKETS_MAX));
	buckets = kcalloc(count, sizeof(*buckets));
	if (!buckets)
		return ERR_NOMEM;
	for (uint64_t i = 0; i < count; i++) {
		spin_init(&buckets[i].lock, LOCK_FUTEX);
		list_init(&buckets[i].waiters);
	}
	bucket_mask = count - 1;
	hash_seed = random_u64();
	return OK;
}

/* Memory that is shared has the key of what is shared; all other, that of its space. */
static enum err shared_key(struct space *space, struct uaddr at, struct futex_key *key)
{
	uint64_t offset;
	uint32_t value;

	/* As on Linux the page must be there, also for a call that does not look at it. */
	if (get_user_u32(&value, at) != OK)
		return ERR_FAULT;
	enum err err = space_shared_at(space, at.raw, &key->object, &offset);

	if (err == OK && key->object) {
		key->scope = (uint64_t)(uintptr_t)key->object;
		key->offset = offset;
	} else {
		key->offset |= SHARED_CALL;
	}
	return err;
}

enum err futex_key_get(struct futex_word word, struct futex_key *key)
{
	struct space *space = space_current();

	if (word.at.raw % sizeof(uint32_t))
		return ERR_INVAL;
	if (!user_range_ok(word.at, sizeof(uint32_t)))
		return ERR_FAULT;
	*key = (struct futex_key){.scope = (uint64_t)(uintptr_t)space, .offset = word.at.raw};
	return word.is_shared ? shared_key(space, word.at, key) : OK;
}

void futex_key_put(const struct futex_key *key)
{
	if (key->object)
		mem_object_put(key->object);
}

struct futex_bucket *futex_bucket_of(const struct futex_key *key)
{
	uint64_t hash = hash_mix(key->scope ^ hash_seed, key->offset ^ 0xa0761d6478bd642f);

	return &buckets[hash & bucket_mask];
}

uint64_t futex_waiter_count(void)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i <= bucket_mask; i++) {
		spin_lock(&buckets[i].lock);
		list_for_each(node, &buckets[i].waiters) count++;
		spin_unlock(&buckets[i].lock);
	}
	return count;
}
