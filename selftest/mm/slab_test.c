/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel objects: neighbours stay intact, wrong frees and stray writes are caught. */
#include "kernel/lib/string.h"

#include "kernel/core/limits.h"
#include "kernel/x86/percpu.h"
#include "mm/slab_internal.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

struct thing {
	uint64_t words[6];
};

static SLAB_CACHE(thing_cache, struct thing);
static SLAB_CACHE(other_cache, struct thing);

/* An object may end on another CPU than it began; a drain empties what each of them keeps. */
SELFTEST(M1, 2, objects_that_others_keep_are_drained)
{
	struct slab_cpu *mine = cpu_self()->slabs;
	struct slab_cpu *other = &slab_cpus[LIMIT_CPUS - 1];
	uint64_t used = slab_used_count();
	struct thing *thing = slab_alloc(&thing_cache);

	CHECK(thing != NULL && slab_used_count() == used + 1);
	other->in_use = 1;
	cpu_self()->slabs = other;
	slab_free(&thing_cache, thing);
	if (CONFIG_SAN)
		slab_end_waiting();
	cpu_self()->slabs = mine;
	CHECK(slab_used_count() == used && other->magazine[thing_cache.id].count == 1);
	slab_drain();
	CHECK(other->magazine[thing_cache.id].count == 0 && list_empty(&thing_cache.partial));
	return true;
}

static void do_free(void *object)
{
	slab_free(&thing_cache, object);
}

static void do_free_as_other(void *object)
{
	slab_free(&other_cache, object);
}

static void do_kfree(void *object)
{
	kfree(object);
}

SELFTEST(M1, 3, wrong_frees_of_objects_are_caught)
{
	uint64_t used = slab_used_count();
	struct thing *thing = slab_alloc(&thing_cache);
	char *bytes = kmalloc(100);
	uint64_t on_stack = 0;

	CHECK(thing != NULL && bytes != NULL);
	/* The other cache is in use, so that the place of the cookie is not what gives it away. */
	slab_free(&other_cache, slab_alloc(&other_cache));
	CHECK(expect_assert(do_free_as_other, thing));
	CHECK(expect_assert(do_free, (char *)thing + 16));
	CHECK(expect_assert(do_kfree, bytes + 16));
	CHECK(expect_assert(do_kfree, &on_stack));
	CHECK(expect_assert(do_kfree, &thing_cache));
	slab_free(&thing_cache, thing);
	CHECK(expect_assert(do_free, thing));
	kfree(bytes);
	CHECK(expect_assert(do_kfree, bytes)); /* NOLINT: that is the test */
	CHECK(slab_used_count() == used);
	return true;
}

SELFTEST(M1, 3, overflow_of_an_object_is_caught)
{
	struct thing *thing = slab_alloc(&thing_cache);
	uint8_t *past = (uint8_t *)thing + sizeof(*thing);

	CHECK(thing != NULL);
	flip_unchecked(past);
	CHECK(expect_assert(do_free, thing));
	flip_unchecked(past);
	slab_free(&thing_cache, thing);
	return true;
}

static void do_alloc(void *out)
{
	*(void **)out = slab_alloc(&thing_cache);
}

SELFTEST(M1, 3, write_to_a_free_object_is_caught)
{
	struct thing *thing = slab_alloc(&thing_cache);
	void *again = NULL;

	CHECK(thing != NULL);
	slab_free(&thing_cache, thing);
	if (CONFIG_SAN)
		slab_end_waiting();
	flip_unchecked(&thing->words[2]);
	CHECK(expect_assert(do_alloc, &again) && again == NULL);
	flip_unchecked(&thing->words[2]);
	again = slab_alloc(&thing_cache);
	CHECK(again == thing);
	slab_free(&thing_cache, again);
	return true;
}

/* Sizes up to a megabyte: filled to the last byte, the neighbours' patterns stay. */
SELFTEST(M1, 3, sizes_are_as_asked)
{
	uint64_t used = slab_used_count();

	for (size_t size = 1; size <= 1 << 20; size = size * 3 / 2 + 1) {
		uint8_t *objects[3];

		for (unsigned i = 0; i < 3; i++) {
			objects[i] = kmalloc(size);
			CHECK(objects[i] != NULL && slab_room(objects[i]) >= size);
			memset(objects[i], (int)i + 1, size);
		}
		for (unsigned i = 0; i < 3; i++) {
			CHECK(objects[i][0] == i + 1 && objects[i][size - 1] == i + 1);
			kfree(objects[i]);
		}
	}
	CHECK(kcalloc(1ull << 33, 1ull << 33) == NULL);
	CHECK(slab_used_count() == used);
	return true;
}
