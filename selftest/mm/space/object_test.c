/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory objects: bytes, holes, sizes, pages counted; copies through real spaces. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "mm/init.h"
#include "mm/io_iter.h"
#include "mm/slab.h"
#include "mm/space/mman.h"
#include "mm/space/space_internal.h"
#include "mm/usercopy.h"
#include "selftest/selftest.h"

#define AT 0x10000000ull

static uint64_t write_bytes(struct mem_object *object, uint64_t offset, void *from, uint64_t n)
{
	struct io_iter it;
	uint64_t done = 0;

	io_iter_init_kernel(&it, from, n);
	return mem_object_write(object, offset, &it, &done) == OK ? done : 0;
}

static uint64_t read_bytes(struct mem_object *object, uint64_t offset, void *to, uint64_t n)
{
	struct io_iter it;
	uint64_t done = 0;

	io_iter_init_kernel(&it, to, n);
	return mem_object_read(object, offset, &it, &done) == OK ? done : 0;
}

static bool all_bytes(const char *at, uint64_t len, char byte)
{
	for (uint64_t i = 0; i < len; i++)
		if (at[i] != byte)
			return false;
	return true;
}

SELFTEST(M9, 11, objects_keep_bytes_and_holes)
{
	struct mem_object *object = mem_object_create(NULL, 0);
	char *buffer = kmalloc(4 * PAGE_SIZE);
	uint64_t frames, index;
	bool ok;

	CHECK(object != NULL && buffer != NULL);
	mm_drain();
	frames = frame_free_count();
	memset(buffer, 'x', 4 * PAGE_SIZE);
	ok = write_bytes(object, PAGE_SIZE - 10, buffer, PAGE_SIZE + 20) == PAGE_SIZE + 20 &&
	     object->size == 2 * PAGE_SIZE + 10 && object->page_count == 3;
	ok = ok && write_bytes(object, 1ull << 40, buffer, PAGE_SIZE) == PAGE_SIZE &&
	     object->page_count == 4 && mem_object_next_page(object, 3, &index) == OK &&
	     index == 1ull << 28;
	ok = ok && read_bytes(object, 0, buffer, 4 * PAGE_SIZE) == 4 * PAGE_SIZE &&
	     all_bytes(buffer, PAGE_SIZE - 10, 0) &&
	     all_bytes(buffer + PAGE_SIZE - 10, PAGE_SIZE + 20, 'x') &&
	     all_bytes(buffer + 2 * PAGE_SIZE + 10, PAGE_SIZE, 0);
	mem_object_punch(object, PAGE_SIZE - 5, 2 * PAGE_SIZE + 5);
	ok = ok && object->page_count == 3 &&
	     read_bytes(object, PAGE_SIZE - 10, buffer, PAGE_SIZE + 20) == PAGE_SIZE + 20 &&
	     all_bytes(buffer, 5, 'x') && all_bytes(buffer + 5, PAGE_SIZE + 10, 0) &&
	     all_bytes(buffer + PAGE_SIZE + 15, 5, 'x');
	mem_object_truncate(object, 3);
	ok = ok && object->page_count == 1 && read_bytes(object, 0, buffer, 100) == 3;
	mem_object_truncate(object, 0);
	mm_drain();
	ok = ok && object->page_count == 0 && frame_free_count() == frames;
	mem_object_put(object);
	kfree(buffer);
	CHECK(ok);
	return true;
}

static bool is_walked(struct space *space, const struct mem_object *object)
{
	return vm_area_of(area_first(&space->areas))->seen == object->truncations;
}

/* A walk that takes an object's pages away has begun and has not come to a mapping: it comes to
 * those that get pages of this one, too, but need not come to new ones. */
SELFTEST(M9, 11, copies_during_a_walk_are_walked)
{
	struct space *space = space_create(NULL), *other = space_create(NULL), *child = NULL;
	struct mem_object *object = mem_object_create(NULL, 2 * PAGE_SIZE);
	struct map_request request = {
		.len = 2 * PAGE_SIZE, .object = object, .flags = MAP_SHARED, .prot = PROT_READ};
	uint64_t at;
	bool ok;

	CHECK(space != NULL && other != NULL && object != NULL);
	ok = space_map(space, &request, &at) == OK && is_walked(space, object);
	object->truncations++;
	ok = ok && !is_walked(space, object) && space_fork(space, &child) == OK &&
	     !is_walked(child, object) && space_map(other, &request, &at) == OK &&
	     is_walked(other, object);
	ok = ok &&
	     space_remap(space, at, 2 * PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, AT,
			 &at) == OK &&
	     !is_walked(space, object);
	mem_object_truncate(object, 0);
	ok = ok && is_walked(space, object) && is_walked(child, object);
	space_put(space);
	space_put(other);
	space_put(child);
	mem_object_put(object);
	CHECK(ok);
	return true;
}

/* The target's first page can be written, its second cannot: a short write, the rest unchanged. */
static struct space *space_with_hole(uint32_t second)
{
	struct space *space = space_create(NULL);
	struct map_request request = {.addr = AT,
				      .len = 3 * PAGE_SIZE,
				      .prot = PROT_READ | PROT_WRITE,
				      .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED};
	uint64_t at;

	if (space == NULL || space_map(space, &request, &at) != OK ||
	    space_populate(space, AT, 3 * PAGE_SIZE) != OK ||
	    space_protect(space, AT + PAGE_SIZE, PAGE_SIZE, second) != OK)
		return NULL;
	return space;
}

static bool copies_stop_at_second(uint32_t prot)
{
	struct space *space = space_with_hole(prot);
	char *buffer = kzalloc(3 * PAGE_SIZE);
	size_t out, in;
	char third = 1;

	if (space == NULL || buffer == NULL)
		return false;
	memset(buffer, 'w', 3 * PAGE_SIZE);
	space_activate(space);
	out = copy_to_user_partial((struct uaddr){AT}, buffer, 3 * PAGE_SIZE);
	in = copy_from_user_partial(buffer, (struct uaddr){AT}, 3 * PAGE_SIZE);
	(void)!copy_from_user(&third, (struct uaddr){AT + 2 * PAGE_SIZE}, 1);
	space_activate(NULL);
	space_put(space);
	kfree(buffer);
	return out == 2 * PAGE_SIZE && third == 0 && in == (prot == PROT_NONE ? 2 * PAGE_SIZE : 0);
}

SELFTEST(M4, 7, protected_page_in_the_middle, .needs = M9)
{
	CHECK(copies_stop_at_second(PROT_NONE));
	return true;
}

SELFTEST(M4, 8, mprotected_page_is_not_written, .needs = M9)
{
	CHECK(copies_stop_at_second(PROT_READ));
	return true;
}

/* Around the border of two 2 MiB ranges, which have tables of their own. */
SELFTEST(M4, 9, table_crossings_are_exact, .needs = M9)
{
	struct space *space = space_create(NULL);
	struct map_request request = {.addr = AT + MIB(2) - PAGE_SIZE,
				      .len = 2 * PAGE_SIZE,
				      .prot = PROT_READ | PROT_WRITE,
				      .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED};
	uint64_t at;
	bool exact = true;

	CHECK(space != NULL && space_map(space, &request, &at) == OK);
	space_activate(space);
	for (uint64_t before = 0; exact && before <= 16; before++) {
		uint64_t start = AT + MIB(2) - before;
		char out[16], in[18];

		memset(out, (int)before + 1, 16);
		exact = clear_user((struct uaddr){start - 1}, 18) == OK &&
			copy_to_user((struct uaddr){start}, out, 16) == OK &&
			copy_from_user(in, (struct uaddr){start - 1}, 18) == OK && in[0] == 0 &&
			in[17] == 0 && memcmp(in + 1, out, 16) == 0;
	}
	space_activate(NULL);
	space_put(space);
	CHECK(exact);
	return true;
}

/* A device's or a hostile reader's iterator: vectors with empty and bad parts. */
SELFTEST(M9, 11, iterators_stop_at_the_first_fault)
{
	struct space *space = space_with_hole(PROT_NONE);
	const struct io_vec vectors[] = {
		{{AT}, 100}, {{AT + 200}, 0}, {{AT + PAGE_SIZE - 50}, 100}, {{AT}, 100}};
	struct io_iter it;
	char buffer[300];
	size_t moved, left;

	CHECK(space != NULL);
	memset(buffer, 'v', sizeof(buffer));
	space_activate(space);
	io_iter_init_vector(&it, vectors, ARRAY_SIZE(vectors));
	moved = io_iter_write(&it, buffer, sizeof(buffer));
	left = io_iter_left(&it);
	space_activate(NULL);
	space_put(space);
	CHECK(moved == 150 && left == 150);
	return true;
}
