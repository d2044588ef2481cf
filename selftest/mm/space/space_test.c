/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces, driven from the kernel: the boot thread runs on a space of its own. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/log.h"
#include "mm/init.h"
#include "mm/slab.h"
#include "mm/space/commit.h"
#include "mm/space/fault.h"
#include "mm/space/mman.h"
#include "mm/space/space.h"
#include "mm/space/space_internal.h"
#include "mm/usercopy.h"
#include "selftest/selftest.h"

#define AT 0x10000000ull

static struct uaddr user(uint64_t raw)
{
	return (struct uaddr){raw};
}

static enum err map_at(struct space *space, uint64_t addr, uint64_t len, uint32_t prot,
		       uint32_t flags)
{
	struct map_request request = {
		.addr = addr, .len = len, .prot = prot, .flags = flags | MAP_ANONYMOUS};
	uint64_t at;

	return space_map(space, &request, &at);
}

static enum err map_rw(struct space *space, uint64_t pages)
{
	return map_at(space, AT, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_FIXED);
}

/* What must be as before when a test has given everything back. */
struct totals {
	uint64_t frames, objects, committed;
};

static struct totals totals_now(void)
{
	mm_drain();
	return (struct totals){frame_free_count(), slab_used_count(), commit_total()};
}

static bool totals_equal(struct totals a)
{
	struct totals b = totals_now();

	return a.frames == b.frames && a.objects == b.objects && a.committed == b.committed;
}

static bool byte_is(uint64_t addr, char wanted)
{
	char byte;

	return copy_from_user(&byte, user(addr), 1) == OK && byte == wanted;
}

static bool put_byte(uint64_t addr, char byte)
{
	return copy_to_user(user(addr), &byte, 1) == OK;
}

SELFTEST(M9, 1, first_touch_gives_one_zero_page)
{
	struct totals before = totals_now();
	struct space *space = space_create(NULL);
	struct space_stats stats;
	bool zero, kept;

	CHECK(space != NULL && map_rw(space, 4) == OK);
	space_activate(space);
	zero = byte_is(AT, 0) && byte_is(AT + 4095, 0);
	kept = put_byte(AT + PAGE_SIZE, 'x') && byte_is(AT + PAGE_SIZE, 'x') &&
	       byte_is(AT + PAGE_SIZE + 1, 0);
	space_stats(space, &stats);
	space_activate(NULL);
	space_put(space);
	CHECK(zero && kept);
	CHECK(stats.anon_pages == 2 && stats.mapped_pages == 4 && stats.charged_pages == 4);
	CHECK(totals_equal(before));
	return true;
}

SELFTEST(M9, 1, outside_of_areas_nothing_is_made)
{
	struct space *space = space_create(NULL);
	uint64_t frames;
	bool refused;

	CHECK(space != NULL && map_rw(space, 1) == OK);
	space_activate(space);
	CHECK(put_byte(AT, 1));
	frames = frame_free_count();
	refused = !put_byte(AT + PAGE_SIZE, 1) && fault_last_result() == FAULT_MAPERR &&
		  !put_byte(AT - 1, 1) && frame_free_count() == frames;
	space_activate(NULL);
	space_put(space);
	CHECK(refused);
	return true;
}

/* Writes on one side of a fork, and looks on the other. */
static bool forks_apart(struct space *parent, struct space *child)
{
	bool apart;

	space_activate(parent);
	apart = put_byte(AT, 'p');
	space_activate(child);
	apart = apart && byte_is(AT, 'o') && put_byte(AT, 'c') && put_byte(AT + PAGE_SIZE, 'c');
	space_activate(parent);
	apart = apart && byte_is(AT, 'p') && byte_is(AT + PAGE_SIZE, 'o');
	space_activate(NULL);
	return apart;
}

/* The kernel writes to another space, as for CLONE_CHILD_SETTID: to that one alone. */
static bool kernel_writes_apart(struct space *parent, struct space *child)
{
	const uint64_t at = AT + 3 * PAGE_SIZE;
	char own = 0, there = 0;

	return space_write(child, at, "k", 1) == OK && space_read(parent, at, &own, 1) == OK &&
	       space_read(child, at, &there, 1) == OK && own == 'o' && there == 'k';
}

SELFTEST(M9, 2, writes_after_fork_are_private)
{
	struct totals before = totals_now();
	struct space *parent = space_create(NULL);
	struct space *child = NULL;
	bool apart;

	CHECK(parent != NULL && map_rw(parent, 4) == OK);
	space_activate(parent);
	CHECK(put_byte(AT, 'o') && put_byte(AT + PAGE_SIZE, 'o') &&
	      put_byte(AT + 3 * PAGE_SIZE, 'o'));
	CHECK(space_fork(parent, &child) == OK);
	apart = forks_apart(parent, child) && kernel_writes_apart(parent, child);
	space_put(parent);
	space_activate(child);
	apart = apart && byte_is(AT, 'c') && byte_is(AT + 2 * PAGE_SIZE, 0);
	space_activate(NULL);
	space_put(child);
	CHECK(apart);
	CHECK(totals_equal(before));
	return true;
}

SELFTEST(M9, 5, changes_take_effect_at_once)
{
	struct space *space = space_create(NULL);
	bool ok;

	CHECK(space != NULL && map_rw(space, 3) == OK);
	space_activate(space);
	ok = put_byte(AT, 'a') && put_byte(AT + PAGE_SIZE, 'b') &&
	     put_byte(AT + 2 * PAGE_SIZE, 'c');
	ok = ok && space_protect(space, AT, PAGE_SIZE, PROT_READ) == OK && !put_byte(AT, 'x') &&
	     fault_last_result() == FAULT_ACCERR && byte_is(AT, 'a');
	ok = ok && space_protect(space, AT, PAGE_SIZE, PROT_NONE) == OK && !byte_is(AT, 'a');
	ok = ok && space_protect(space, AT, PAGE_SIZE, PROT_READ | PROT_WRITE) == OK &&
	     byte_is(AT, 'a') && put_byte(AT, 'y');
	ok = ok && space_unmap(space, AT + PAGE_SIZE, PAGE_SIZE) == OK &&
	     !byte_is(AT + PAGE_SIZE, 'b') && byte_is(AT + 2 * PAGE_SIZE, 'c');
	space_activate(NULL);
	space_put(space);
	CHECK(ok);
	return true;
}

SELFTEST(M9, 6, never_writable_and_executable)
{
	struct space *space = space_create(NULL);
	struct mem_object *object = mem_object_create(NULL, PAGE_SIZE);
	struct map_request request = {.len = PAGE_SIZE, .object = object};
	uint64_t at;
	bool ok;

	CHECK(space != NULL && object != NULL);
	log_mute(true);
	ok = map_at(space, AT, PAGE_SIZE, PROT_WRITE | PROT_EXEC, MAP_PRIVATE) == ERR_ACCES &&
	     map_rw(space, 1) == OK &&
	     space_protect(space, AT, PAGE_SIZE, PROT_WRITE | PROT_EXEC) == ERR_ACCES &&
	     space_protect(space, AT, PAGE_SIZE, PROT_READ | PROT_EXEC) == OK;
	request.flags = MAP_SHARED;
	request.prot = PROT_READ | PROT_WRITE;
	ok = ok && space_map(space, &request, &at) == OK;
	request.prot = PROT_READ | PROT_EXEC; /* the twin */
	ok = ok && space_map(space, &request, &at) == ERR_ACCES;
	request.prot = PROT_READ;
	ok = ok && space_map(space, &request, &at) == OK &&
	     space_protect(space, at, PAGE_SIZE, PROT_EXEC) == ERR_ACCES;
	log_mute(false);
	space_put(space);
	mem_object_put(object);
	CHECK(ok);
	return true;
}

SELFTEST(M9, 7, maximum_rights_hold)
{
	struct space *space = space_create(NULL);
	struct mem_object *object = mem_object_create(NULL, PAGE_SIZE);
	struct map_request request = {.len = PAGE_SIZE,
				      .object = object,
				      .flags = MAP_SHARED,
				      .prot = PROT_READ | PROT_WRITE,
				      .max_prot = PROT_READ};
	uint64_t at;
	bool ok;

	CHECK(space != NULL && object != NULL);
	ok = space_map(space, &request, &at) == ERR_ACCES;
	request.prot = PROT_READ;
	ok = ok && space_map(space, &request, &at) == OK &&
	     space_protect(space, at, PAGE_SIZE, PROT_READ | PROT_WRITE) == ERR_ACCES;
	space_activate(space);
	ok = ok && byte_is(at, 0) && !put_byte(at, 'x');
	space_activate(NULL);
	space_put(space);
	mem_object_put(object);
	CHECK(ok);
	return true;
}

SELFTEST(M9, 8, bad_addresses)
{
	struct space *space = space_create(NULL);
	const uint32_t rw = PROT_READ | PROT_WRITE;
	const uint32_t fixed = MAP_PRIVATE | MAP_FIXED;
	bool ok;

	CHECK(space != NULL);
	ok = map_at(space, 0, PAGE_SIZE, rw, fixed) == ERR_PERM &&
	     map_at(space, AT + 1, PAGE_SIZE, rw, fixed) == ERR_INVAL &&
	     map_at(space, USER_END - PAGE_SIZE, 2 * PAGE_SIZE, rw, fixed) == ERR_NOMEM &&
	     map_at(space, USER_END - PAGE_SIZE, PAGE_SIZE, rw, fixed) == OK &&
	     map_at(space, AT, 0, rw, fixed) == ERR_INVAL &&
	     map_at(space, AT, UINT64_MAX - 100, rw, fixed) == ERR_NOMEM &&
	     map_at(space, AT, PAGE_SIZE, rw, 0) == ERR_INVAL &&
	     map_at(space, AT, PAGE_SIZE, rw, fixed) == OK &&
	     map_at(space, AT, 2 * PAGE_SIZE, rw, MAP_PRIVATE | MAP_FIXED_NOREPLACE) == ERR_EXIST;
	ok = ok && space_unmap(space, AT + 1, PAGE_SIZE) == ERR_INVAL &&
	     space_unmap(space, AT, 0) == ERR_INVAL &&
	     space_unmap(space, AT, UINT64_MAX - PAGE_SIZE) == ERR_INVAL &&
	     space_protect(space, AT + PAGE_SIZE, PAGE_SIZE, PROT_READ) == ERR_NOMEM &&
	     space_protect(space, AT, UINT64_MAX, PROT_READ) == ERR_NOMEM;
	space_put(space);
	CHECK(ok);
	return true;
}

SELFTEST(M9, 10, stack_grows_within_bounds)
{
	struct space *space = space_create(NULL);
	const uint64_t top = 0x20000000;
	struct space_limits limits = {UINT64_MAX, UINT64_MAX, MIB(4)};
	bool ok;

	CHECK(space != NULL && space_map_stack(space, top, 4 * PAGE_SIZE, false) == OK);
	space_set_limits(space, &limits);
	ok = map_at(space, top - MIB(3), PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED) == OK;
	space_activate(space);
	ok = ok && put_byte(top - 8, 1) && put_byte(top - MIB(1), 1);
	ok = ok && put_byte(top - MIB(2) + PAGE_SIZE, 1); /* one MiB away: allowed */
	ok = ok && !put_byte(top - MIB(2) - 1, 1);        /* nearer: not */
	ok = ok && space_unmap(space, top - MIB(3), PAGE_SIZE) == OK;
	ok = ok && put_byte(top - MIB(4), 1) && !put_byte(top - MIB(4) - 1, 1);
	space_activate(NULL);
	space_put(space);
	CHECK(ok);
	return true;
}

SELFTEST(M9, 11, truncated_pages_leave_every_space)
{
	struct totals before = totals_now();
	struct space *space = space_create(NULL);
	struct mem_object *object = mem_object_create(NULL, 2 * PAGE_SIZE);
	struct map_request request = {.len = 3 * PAGE_SIZE,
				      .object = object,
				      .flags = MAP_SHARED,
				      .prot = PROT_READ | PROT_WRITE};
	uint64_t at;
	bool ok;

	CHECK(space != NULL && object != NULL && space_map(space, &request, &at) == OK);
	space_activate(space);
	ok = put_byte(at, 'a') && put_byte(at + PAGE_SIZE, 'b') && put_byte(at + 100, 'z') &&
	     !put_byte(at + 2 * PAGE_SIZE, 'c') && fault_last_result() == FAULT_BUS;
	mem_object_truncate(object, 50);
	ok = ok && !byte_is(at + PAGE_SIZE, 'b') && fault_last_result() == FAULT_BUS &&
	     byte_is(at, 'a') && byte_is(at + 100, 0) && object->page_count == 1;
	mem_object_truncate(object, 2 * PAGE_SIZE);
	ok = ok && byte_is(at + PAGE_SIZE, 0);
	space_activate(NULL);
	space_put(space);
	mem_object_put(object);
	CHECK(ok);
	CHECK(totals_equal(before));
	return true;
}

SELFTEST(M9, 8, break_moves_as_asked)
{
	struct totals before = totals_now();
	struct space *space = space_create(NULL);
	bool ok;

	CHECK(space != NULL);
	space_set_brk_start(space, AT);
	space_activate(space);
	ok = space_brk(space, 0) == AT && space_brk(space, AT + 100) == AT + 100 &&
	     put_byte(AT + 99, 'h') && space_brk(space, AT + 5 * PAGE_SIZE) == AT + 5 * PAGE_SIZE &&
	     put_byte(AT + 5 * PAGE_SIZE - 1, 'i') && byte_is(AT + 99, 'h') &&
	     space_brk(space, AT + PAGE_SIZE) == AT + PAGE_SIZE && !put_byte(AT + PAGE_SIZE, 1) &&
	     space_brk(space, AT - 1) == AT + PAGE_SIZE &&
	     space_brk(space, USER_END) == AT + PAGE_SIZE && space_brk(space, AT) == AT;
	space_activate(NULL);
	space_put(space);
	CHECK(ok);
	CHECK(totals_equal(before));
	return true;
}

SELFTEST(M9, 9, moved_pages_keep_their_bytes)
{
	struct totals before = totals_now();
	struct space *space = space_create(NULL);
	uint64_t at = 0;
	bool ok;

	CHECK(space != NULL && map_rw(space, 4) == OK);
	space_activate(space);
	ok = put_byte(AT, 'a') && put_byte(AT + 3 * PAGE_SIZE, 'd') &&
	     map_at(space, AT + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED) == OK;
	ok = ok && space_remap(space, AT, 4 * PAGE_SIZE, 8 * PAGE_SIZE, 0, 0, &at) == ERR_NOMEM;
	ok = ok &&
	     space_remap(space, AT, 4 * PAGE_SIZE, 8 * PAGE_SIZE, MREMAP_MAYMOVE, 0, &at) == OK;
	ok = ok && at != AT && byte_is(at, 'a') && byte_is(at + 3 * PAGE_SIZE, 'd') &&
	     byte_is(at + 7 * PAGE_SIZE, 0) && !byte_is(AT, 'a') &&
	     !byte_is(AT + 3 * PAGE_SIZE, 'd');
	ok = ok && space_remap(space, at, 8 * PAGE_SIZE, PAGE_SIZE, 0, 0, &at) == OK &&
	     byte_is(at, 'a') && !byte_is(at + PAGE_SIZE, 0);
	space_activate(NULL);
	space_put(space);
	CHECK(ok);
	CHECK(totals_equal(before));
	return true;
}

SELFTEST(M9, 8, growing_asks_the_limits)
{
	const struct space_limits none = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
	struct space *space = space_create(NULL);
	struct space_limits limits = none;
	uint64_t at;
	bool ok;

	CHECK(space != NULL && map_rw(space, 4) == OK);
	limits.address_space = (space->mapped_pages + 1) << PAGE_SHIFT;
	space_set_limits(space, &limits);
	ok = space_remap(space, AT, 4 * PAGE_SIZE, 6 * PAGE_SIZE, MREMAP_MAYMOVE, 0, &at) ==
		     ERR_NOMEM &&
	     space_remap(space, AT, 4 * PAGE_SIZE, 5 * PAGE_SIZE, MREMAP_MAYMOVE, 0, &at) == OK;
	limits = none;
	limits.data = space->data_pages << PAGE_SHIFT;
	space_set_limits(space, &limits);
	ok = ok && space_remap(space, at, 5 * PAGE_SIZE, 6 * PAGE_SIZE, MREMAP_MAYMOVE, 0, &at) ==
			   ERR_NOMEM;
	space_set_limits(space, &none);
	ok = ok &&
	     space_remap(space, at, 5 * PAGE_SIZE, 6 * PAGE_SIZE, MREMAP_MAYMOVE, 0, &at) == OK;
	space_put(space);
	CHECK(ok);
	return true;
}
