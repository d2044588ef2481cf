/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects of one size in blocks of one to eight frames. Each CPU keeps a magazine of free
 * objects per cache, so that most calls touch nothing shared; slabs are filled and emptied by
 * halves of a magazine under the cache's lock.
 */
#include "mm/slab.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/limits.h"
#include "kernel/core/state_digest.h"
#include "kernel/x86/percpu.h"
#include "mm/inject.h"
#include "mm/slab_internal.h"
#include "mm/slab_san.h"

struct slab_cpu slab_cpus[LIMIT_CPUS];

void slab_cpu_init(struct cpu *cpu)
{
	cpu->slabs = &slab_cpus[cpu->id];
	cpu->slabs->in_use = 1;
}

/* One object for the caller, and half a magazine of them for later. */
static __noinline void *refill(struct slab_cache *cache, struct slab_cpu *cpu)
{
	struct slab_magazine more = {0};
	struct slab_magazine *magazine;
	void *first, *last = NULL;
	uint32_t wanted;

	if (cache->id == 0)
		slab_cache_open(cache);
	wanted = MIN(SLAB_MAGAZINE / 2, cache->per_slab);
	spin_lock(&cache->lock);
	first = slab_take(cache);
	while (first != NULL && more.count + 1 < wanted) {
		void *object = slab_take(cache);

		if (object == NULL)
			break;
		slab_set_next(object, more.free);
		last = last != NULL ? last : object;
		more.free = object;
		more.count++;
	}
	spin_unlock(&cache->lock);
	if (last == NULL)
		return first;
	magazine = &cpu->magazine[cache->id];
	claim_take(&cpu->claim);
	slab_set_next(last, magazine->free);
	magazine->free = more.free;
	magazine->count += more.count;
	claim_drop(&cpu->claim);
	return first;
}

/* All but @keep objects of a CPU's magazine back to their slabs. */
static void flush(struct slab_cache *cache, struct slab_cpu *cpu, uint32_t keep, bool keep_slab)
{
	struct slab_magazine *magazine = &cpu->magazine[cache->id];
	void *object, *next;
	uint32_t count = 0;

	claim_take(&cpu->claim);
	object = magazine->free;
	for (next = object; magazine->count > keep; magazine->count--, count++)
		next = slab_next_of(next);
	magazine->free = next;
	claim_drop(&cpu->claim);
	spin_lock(&cache->lock);
	for (; count > 0; count--, object = next) {
		next = slab_next_of(object);
		slab_give(cache, object, keep_slab);
	}
	spin_unlock(&cache->lock);
}

/* From the magazine; *@bad: it was written to since it was freed, and stays there. */
static inline void *pop(struct slab_cache *cache, struct slab_cpu *cpu, uint64_t *bad)
{
	struct slab_magazine *magazine = &cpu->magazine[cache->id];
	void *object = NULL;

	claim_take(&cpu->claim);
	if (likely(magazine->count != 0)) {
		object = magazine->free;
		*bad = slab_damage(cache, object);
		if (likely(*bad == 0)) {
			magazine->free = slab_next_of(object);
			magazine->count--;
		}
	}
	claim_drop(&cpu->claim);
	return object;
}

void *slab_alloc(struct slab_cache *cache)
{
	struct slab_cpu *cpu = cpu_self()->slabs;
	uint64_t bad = 0;
	void *object;

	if (inject_fails())
		return NULL;
	object = pop(cache, cpu, &bad);
	if (unlikely(object == NULL)) {
		object = refill(cache, cpu);
		if (object == NULL)
			return NULL;
		bad = slab_damage(cache, object);
	}
	ASSERT(bad == 0);
	*slab_cookie_at(cache, object) = slab_cookie(object);
	if (CONFIG_SAN)
		slab_san_give(cache, object);
	cpu->used++;
	return object;
}

void *slab_alloc_zero(struct slab_cache *cache)
{
	void *object = slab_alloc(cache);

	return object != NULL ? memset(object, 0, cache->size) : NULL;
}

static inline bool push(struct slab_cache *cache, struct slab_cpu *cpu, void *object)
{
	struct slab_magazine *magazine = &cpu->magazine[cache->id];
	bool room;

	claim_take(&cpu->claim);
	room = magazine->count < SLAB_MAGAZINE;
	if (likely(room)) {
		slab_set_next(object, magazine->free);
		magazine->free = object;
		magazine->count++;
	}
	claim_drop(&cpu->claim);
	return room;
}

void slab_free(struct slab_cache *cache, void *object)
{
	struct slab_cpu *cpu = cpu_self()->slabs;
	struct slab_cache *owner = NULL;

	if (object == NULL)
		return;
	if (CONFIG_SAN)
		slab_san_check_free(cache, object, __builtin_return_address(0));
	ASSERT(slab_page_of(object, &owner) != NULL && owner == cache);
	/* Neither overwritten nor free already, and the start of an object. */
	ASSERT(*slab_cookie_at(cache, object) == slab_cookie(object));
	slab_mark_free(cache, object);
	/* Another one comes in its place, perhaps none. */
	if (CONFIG_SAN)
		object = slab_san_free(&cache, object);
	while ((!CONFIG_SAN || object != NULL) && unlikely(!push(cache, cpu, object)))
		flush(cache, cpu, SLAB_MAGAZINE / 2, true);
	cpu->used--;
}

void slab_end_waiting(void)
{
	struct slab_cache *cache = NULL;
	void *object;

	while (CONFIG_SAN && (object = slab_san_next_waiting(&cache)) != NULL)
		while (!push(cache, cpu_self()->slabs, object))
			flush(cache, cpu_self()->slabs, SLAB_MAGAZINE / 2, true);
}

uint64_t slab_used_count(void)
{
	int64_t used = 0;

	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		used += READ_ONCE(slab_cpus[i].used);
	return (uint64_t)used;
}

void slab_drain(void)
{
	if (CONFIG_SAN)
		slab_end_waiting();
	for (unsigned i = 0; i < LIMIT_CPUS; i++) {
		if (READ_ONCE(slab_cpus[i].in_use) == 0)
			continue;
		slab_for_each_cache(cache)
		{
			if (READ_ONCE(slab_cpus[i].magazine[cache->id].count) != 0)
				flush(cache, &slab_cpus[i], 0, false);
		}
	}
	slab_for_each_cache(cache) slab_drain_pages(cache);
}

STATE_COUNTER(slab_used_count);
