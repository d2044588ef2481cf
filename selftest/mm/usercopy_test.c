/* SPDX-License-Identifier: BSD-2-Clause */
/* User copies in a scratch root: remainders, strings, the kernel side, single values. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/sched/thread.h"
#include "kernel/x86/sections.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "selftest/expect.h"
#include "selftest/mm/scratch.h"
#include "selftest/selftest.h"

#define USER_R (PTE_P | PTE_U | PTE_NX)

static struct uaddr user(uint64_t raw)
{
	return (struct uaddr){raw};
}

static bool all_bytes(const char *at, size_t len, char byte)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] != byte)
			return false;
	return true;
}

/* @before bytes are mapped, the other 32 - @before are not. */
static bool remainder_exact(const struct scratch *scratch, size_t before)
{
	uint64_t at = scratch_address(1) - before;
	char *page_end = scratch_page(scratch, 0) + PAGE_SIZE;
	char kernel[48];
	uint64_t faults = usercopy_fault_count();

	memset(page_end - 32, 'u', 32);
	memset(kernel, 'k', sizeof(kernel));
	if (copy_from_user_partial(kernel, user(at), 32) != 32 - before ||
	    !all_bytes(kernel, before, 'u') || !all_bytes(kernel + before, 32 - before, 0) ||
	    !all_bytes(kernel + 32, 16, 'k'))
		return false;
	memset(kernel, 'w', sizeof(kernel));
	if (copy_to_user_partial(user(at), kernel, 32) != 32 - before ||
	    !all_bytes(page_end - before, before, 'w') || page_end[-(int64_t)before - 1] != 'u')
		return false;
	if (clear_user_partial(user(at), 32) != 32 - before ||
	    !all_bytes(page_end - before, before, 0))
		return false;
	/* A copy may fault twice: by words, then by bytes for the exact end. */
	return usercopy_fault_count() >= faults + 3;
}

SELFTEST(M3, 6, partial_copy_remainder)
{
	struct scratch scratch;
	bool exact = true;

	CHECK(scratch_begin(&scratch, 1));
	for (size_t before = 1; exact && before <= 31; before++)
		exact = remainder_exact(&scratch, before);
	scratch_end(&scratch);
	CHECK(exact);
	return true;
}

struct string_case {
	uint64_t back;  /* the string begins so many bytes before the hole */
	uint64_t chars; /* before the NUL; larger than back: there is none */
	size_t size;
	int64_t result;
};

static const struct string_case string_cases[] = {
	{100, 0, 10, 0},
	{100, 9, 10, 9},
	{100, 10, 10, ERR_NAMETOOLONG},
	{100, 99, 200, 99},
	{100, 99, 100, 99},
	{100, 99, 99, ERR_NAMETOOLONG},
	{100, 200, 200, ERR_FAULT},
	{100, 200, 100, ERR_NAMETOOLONG},
	{100, 200, 101, ERR_FAULT},
	{100, 7, 8, 7},
	{100, 8, 8, ERR_NAMETOOLONG},
	{8, 7, 100, 7},
	{8, 200, 100, ERR_FAULT},
	{12, 3, 100, 3},
	{15, 14, 100, 14},
	{1, 0, 10, 0},
	{1, 1, 10, ERR_FAULT},
	{0, 0, 10, ERR_FAULT},
};

static bool string_case_holds(const struct scratch *scratch, const struct string_case *wanted)
{
	char *page_end = scratch_page(scratch, 0) + PAGE_SIZE;
	char buffer[208];
	int64_t got;

	memset(page_end - 256, 'a', 256);
	if (wanted->chars < wanted->back)
		page_end[-(int64_t)(wanted->back - wanted->chars)] = '\0';
	memset(buffer, 'k', sizeof(buffer));
	got = string_from_user(buffer, user(scratch_address(1) - wanted->back), wanted->size);
	if (got != wanted->result || !all_bytes(buffer + wanted->size, 208 - wanted->size, 'k'))
		return false;
	return got < 0 || (strlen(buffer) == (size_t)got && all_bytes(buffer, (size_t)got, 'a'));
}

SELFTEST(M3, 7, strings_end_where_they_should)
{
	struct scratch scratch;
	size_t held = 0;

	CHECK(scratch_begin(&scratch, 1));
	while (held < ARRAY_SIZE(string_cases) && string_case_holds(&scratch, &string_cases[held]))
		held++;
	scratch_end(&scratch);
	CHECK(held == ARRAY_SIZE(string_cases));
	return true;
}

/* Begins @back bytes before the second page. */
static bool crossing_string_holds(const struct scratch *scratch, size_t back, size_t chars)
{
	char *first = scratch_page(scratch, 0) + PAGE_SIZE - back;
	char *second = scratch_page(scratch, 1);
	char buffer[64];

	memset(first, 'a', back);
	memset(second, 'b', 64);
	*(chars < back ? first + chars : second + (chars - back)) = '\0';
	return string_from_user(buffer, user(scratch_address(1) - back), sizeof(buffer)) ==
		       (int64_t)chars &&
	       all_bytes(buffer, MIN(chars, back), 'a') &&
	       (chars <= back || all_bytes(buffer + back, chars - back, 'b')) && !buffer[chars];
}

SELFTEST(M3, 7, strings_reach_over_pages)
{
	struct scratch scratch;
	bool held = true;

	CHECK(scratch_begin(&scratch, 3));
	for (size_t back = 0; held && back <= 24; back++)
		for (size_t chars = 0; held && chars <= 40; chars++)
			held = crossing_string_holds(&scratch, back, chars);
	scratch_end(&scratch);
	CHECK(held);
	return true;
}

struct copy {
	void *kernel;
	size_t n;
};

static void do_copy_in(void *arg)
{
	const struct copy *copy = arg;

	(void)!copy_from_user(copy->kernel, user(SCRATCH_BASE), copy->n);
}

static void do_copy_out(void *arg)
{
	const struct copy *copy = arg;

	(void)!copy_to_user(user(SCRATCH_BASE), copy->kernel, copy->n);
}

static bool both_stop(void *kernel, size_t n)
{
	struct copy copy = {kernel, n};

	return expect_assert(do_copy_in, &copy) && expect_assert(do_copy_out, &copy);
}

SELFTEST(M3, 8, kernel_side_stays_in_one_object)
{
	static char in_data[16];
	struct scratch scratch;
	char *object = kmalloc(56);
	struct frame *frame = frame_alloc(FRAME_KERNEL, 0);
	char *stack_top = thread_self() != NULL ? thread_self()->stack_top : NULL;
	bool stopped, good;

	CHECK(object != NULL && frame != NULL && slab_room(object) == 56);
	CHECK(scratch_begin(&scratch, 1));
	stopped = both_stop(object, 57) && both_stop(object + 16, 41) &&
		  both_stop((char *)frame_virt(frame) + 1, PAGE_SIZE) && both_stop(text_start, 8) &&
		  both_stop(phys_to_virt(phys(scratch.root->pml4_phys)), 8);
	if (stack_top != NULL)
		stopped = stopped && both_stop(stack_top - 8, 9);
	good = copy_to_user(user(SCRATCH_BASE), object, 56) == OK &&
	       copy_from_user(object + 16, user(SCRATCH_BASE), 40) == OK &&
	       copy_from_user(frame_virt(frame), user(SCRATCH_BASE), PAGE_SIZE) == OK &&
	       copy_from_user(in_data, user(SCRATCH_BASE), sizeof(in_data)) == OK &&
	       copy_to_user(user(SCRATCH_BASE), rodata_start, 8) == OK;
	scratch_end(&scratch);
	frame_free(frame);
	kfree(object);
	CHECK(stopped);
	CHECK(good);
	return true;
}

/* Page 0 writable, page 1 read only, page 2 absent. */
static bool single_values_hold(struct scratch *scratch)
{
	char *page = scratch_page(scratch, 0);
	char *second = scratch_page(scratch, 1);
	uint32_t small = 0;
	uint64_t large = 0;

	memset(page + PAGE_SIZE - 8, 0x11, 8);
	memset(second, 0x22, 8);
	if (get_user_u64(&large, user(scratch_address(1) - 4)) != OK ||
	    large != 0x2222222211111111ull ||
	    get_user_u32(&small, user(scratch_address(2) - 2)) != ERR_FAULT ||
	    get_user_u32(&small, user(scratch_address(0) + 1)) != OK)
		return false;
	/* Across the end of what may be written: not one byte of the first page changes. */
	if (put_user_u64(user(scratch_address(1) - 4), 0) != ERR_FAULT ||
	    put_user_u32(user(scratch_address(1)), 0) != ERR_FAULT ||
	    !all_bytes(page + PAGE_SIZE - 8, 8, 0x11) || !all_bytes(second, 8, 0x22))
		return false;
	if (put_user_u32(user(scratch_address(1) - 4), 7) != OK ||
	    cmpxchg_user_u32(user(scratch_address(1) - 4), 7, 8, &small) != OK || small != 7 ||
	    cmpxchg_user_u32(user(scratch_address(1) - 4), 7, 9, &small) != OK || small != 8)
		return false;
	small = 99;
	return cmpxchg_user_u32(user(scratch_address(0) + 2), 0, 1, &small) == ERR_INVAL &&
	       cmpxchg_user_u32(user(scratch_address(1)), 0x22222222, 1, &small) == ERR_FAULT &&
	       cmpxchg_user_u32(user(scratch_address(2)), 0, 1, &small) == ERR_FAULT &&
	       small == 99 && get_user_u32_nofault(&small, user(scratch_address(1) - 4)) == OK &&
	       small == 8 && put_user_u32_nofault(user(scratch_address(2)), 1) == ERR_FAULT &&
	       all_bytes(second, 8, 0x22);
}

SELFTEST(M3, 9, single_values_are_whole_or_refused)
{
	struct scratch scratch;
	bool held;

	CHECK(scratch_begin(&scratch, 3));
	scratch_protect(&scratch, 1, USER_R);
	held = single_values_hold(&scratch);
	scratch_end(&scratch);
	CHECK(held);
	return true;
}
