/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The isolation suite on the copy calls: each bad pointer with every call, each beside a neighbour
 * that must succeed. A refusal by the range check leaves the fault counter alone; one by the
 * hardware raises it: both are told apart.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/boot_info.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/sections.h"
#include "mm/io_iter.h"
#include "mm/usercopy.h"
#include "selftest/mm/scratch.h"
#include "selftest/selftest.h"

#define BUFFER 64u
#define USER_R (PTE_P | PTE_U | PTE_NX)

enum refusal { BY_CHECK, BY_HARDWARE };

static struct uaddr user(uint64_t raw)
{
	return (struct uaddr){raw};
}

/* Every call with a length, up to the buffer; true when each refused it in this way. */
static bool lengths_refused(uint64_t at, size_t n)
{
	char buffer[BUFFER];
	struct io_iter it;

	if (copy_from_user(buffer, user(at), n) != ERR_FAULT ||
	    copy_to_user(user(at), buffer, n) != ERR_FAULT || clear_user(user(at), n) != ERR_FAULT)
		return false;
	io_iter_init_user(&it, user(at), n);
	return io_iter_write(&it, buffer, n) == 0 && io_iter_left(&it) == n;
}

static bool values_refused(uint64_t at)
{
	uint32_t small = 5;
	uint64_t large = 5;
	char text[8];

	return get_user_u32(&small, user(at)) == ERR_FAULT &&
	       get_user_u64(&large, user(at)) == ERR_FAULT &&
	       put_user_u32(user(at), 1) == ERR_FAULT && put_user_u64(user(at), 1) == ERR_FAULT &&
	       string_from_user(text, user(at), sizeof(text)) == ERR_FAULT && small == 5 &&
	       large == 5;
}

static bool refused(uint64_t at, enum refusal by)
{
	uint64_t faults = usercopy_fault_count();
	bool all = lengths_refused(at, 8) && lengths_refused(at, BUFFER) && values_refused(at);

	return all && (by == BY_CHECK) == (usercopy_fault_count() == faults);
}

static bool accepted(uint64_t at, size_t n)
{
	char buffer[BUFFER];

	return copy_from_user(buffer, user(at), n) == OK && copy_to_user(user(at), buffer, n) == OK;
}

/* Bytes really move, both ways: without this every refusal below would prove nothing. */
static bool bytes_move(const struct scratch *scratch)
{
	char out[16] = "through the wall";
	char in[16] = {0};

	return copy_to_user(user(SCRATCH_BASE + 100), out, 16) == OK &&
	       memcmp(scratch_page(scratch, 0) + 100, out, 16) == 0 &&
	       copy_from_user(in, user(SCRATCH_BASE + 100), 16) == OK && memcmp(in, out, 16) == 0;
}

SELFTEST(M4, 1, null_and_the_first_64_kib)
{
	static const uint64_t places[] = {0, 1, 4088, 4096, 0xfff8, 0xffff, 0xfffe};
	struct scratch scratch;
	size_t held = 0;
	bool good;

	CHECK(scratch_begin(&scratch, 1));
	while (held < ARRAY_SIZE(places) && refused(places[held], BY_CHECK))
		held++;
	good = bytes_move(&scratch) && accepted(SCRATCH_BASE, 8);
	scratch_end(&scratch);
	CHECK(held == ARRAY_SIZE(places));
	CHECK(good);
	return true;
}

SELFTEST(M4, 2, kernel_addresses)
{
	static char in_data[BUFFER];
	struct scratch scratch;
	char on_stack[BUFFER];
	size_t held = 0;
	bool untouched;

	memset(in_data, 'd', sizeof(in_data));
	memset(on_stack, 's', sizeof(on_stack));
	CHECK(scratch_begin(&scratch, 1));
	memset(scratch_page(&scratch, 0), 'p', BUFFER);
	const uint64_t places[] = {
		(uint64_t)text_start,       (uint64_t)in_data,  (uint64_t)scratch_page(&scratch, 0),
		(uint64_t)cpu_self(),       (uint64_t)on_stack, KERNEL_HALF_START,
		UINT64_MAX - PAGE_SIZE + 1, UINT64_MAX - 7,
	};
	while (held < ARRAY_SIZE(places) && refused(places[held], BY_CHECK))
		held++;
	untouched = in_data[0] == 'd' && on_stack[0] == 's' && scratch_page(&scratch, 0)[0] == 'p';
	scratch_end(&scratch);
	CHECK(held == ARRAY_SIZE(places));
	CHECK(untouched);
	return true;
}

static bool ends_checked(uint64_t at, size_t n, bool allowed)
{
	uint64_t faults = usercopy_fault_count();
	char buffer[BUFFER];
	enum err got = copy_from_user(buffer, user(at), n);

	/* Nothing is mapped there: what the check lets through ends at a fault. */
	return got == ERR_FAULT && (usercopy_fault_count() != faults) == allowed;
}

SELFTEST(M4, 3, ranges_across_the_end)
{
	CHECK(ends_checked(USER_END - 8, 8, true));
	CHECK(ends_checked(USER_END - 8, 9, false));
	CHECK(ends_checked(USER_END - 8, 10, false));
	CHECK(ends_checked(USER_END - 1, 1, true));
	CHECK(ends_checked(USER_END, 1, false));
	CHECK(!user_range_ok(user(USER_END - 8), 8 + 4096));
	CHECK(user_range_ok(user(USER_END - 4096), 4096));
	CHECK(user_range_ok(user(USER_START), USER_END - USER_START));
	CHECK(!user_range_ok(user(USER_START), USER_END - USER_START + 1));
	return true;
}

/* A length that no buffer has: it is refused by the check, not by what is mapped there. */
SELFTEST(M4, 4, ranges_that_wrap)
{
	uint64_t faults = usercopy_fault_count();

	CHECK(!user_range_ok(user(SCRATCH_BASE), UINT64_MAX));
	CHECK(!user_range_ok(user(SCRATCH_BASE), UINT64_MAX - SCRATCH_BASE + 1));
	CHECK(!user_range_ok(user(UINT64_MAX), 2));
	CHECK(!user_range_ok(user(UINT64_MAX - 7), 16));
	CHECK(user_range_ok(user(SCRATCH_BASE), 16));
	CHECK(clear_user(user(SCRATCH_BASE), UINT64_MAX - SCRATCH_BASE + 1) == ERR_FAULT);
	CHECK(usercopy_fault_count() == faults);
	return true;
}

SELFTEST(M4, 5, length_zero)
{
	uint64_t faults = usercopy_fault_count();
	char byte = 'x';

	CHECK(copy_from_user(&byte, user(SCRATCH_BASE), 0) == OK);
	CHECK(copy_to_user(user(0), &byte, 0) == OK);
	CHECK(copy_to_user(user(USER_END), &byte, 0) == OK);
	CHECK(clear_user(user(SCRATCH_BASE + 5), 0) == OK);
	CHECK(copy_from_user(&byte, user(KERNEL_HALF_START), 0) == ERR_FAULT);
	CHECK(copy_to_user(user(UINT64_MAX), &byte, 0) == ERR_FAULT);
	CHECK(byte == 'x' && usercopy_fault_count() == faults);
	return true;
}

SELFTEST(M4, 6, huge_lengths)
{
	static const uint64_t lengths[] = {1ull << 31, (1ull << 32) + 1, 1ull << 47, 1ull << 63,
					   UINT64_MAX};
	struct scratch scratch;
	size_t held = 0;

	CHECK(scratch_begin(&scratch, 1));
	while (held < ARRAY_SIZE(lengths)) {
		uint64_t left = clear_user_partial(user(SCRATCH_BASE), lengths[held]);
		bool in_range = lengths[held] <= USER_END - SCRATCH_BASE;

		/* One page is there; of what the check refuses nothing is touched. */
		if (left != lengths[held] - (in_range ? PAGE_SIZE : 0))
			break;
		held++;
	}
	scratch_end(&scratch);
	CHECK(held == ARRAY_SIZE(lengths));
	return true;
}

SELFTEST(M4, 7, hole_in_the_middle)
{
	struct scratch scratch;
	struct frame *buffer = frame_alloc_order(2, FRAME_KERNEL, FRAME_ZERO);
	size_t left_out, left_in;
	bool third_untouched;

	CHECK(buffer != NULL);
	CHECK(scratch_begin(&scratch, 5));
	memset(scratch_page(&scratch, 2), 'q', PAGE_SIZE);
	left_out = copy_to_user_partial(user(SCRATCH_BASE), frame_virt(buffer), 3 * PAGE_SIZE);
	left_in = copy_from_user_partial(frame_virt(buffer), user(SCRATCH_BASE), 3 * PAGE_SIZE);
	third_untouched = scratch_page(&scratch, 2)[0] == 'q' &&
			  ((char *)frame_virt(buffer))[2 * PAGE_SIZE] == 0;
	scratch_end(&scratch);
	frame_free_order(buffer, 2);
	CHECK(left_out == 2 * PAGE_SIZE && left_in == 2 * PAGE_SIZE);
	CHECK(third_untouched);
	return true;
}

SELFTEST(M4, 8, read_only_destination)
{
	struct scratch scratch;
	uint64_t faults = usercopy_fault_count();
	char byte = 'w';
	bool unchanged, readable;
	enum err got;

	CHECK(scratch_begin(&scratch, 1));
	scratch_page(&scratch, 0)[7] = 'r';
	scratch_protect(&scratch, 0, USER_R);
	got = copy_to_user(user(SCRATCH_BASE + 7), &byte, 1);
	unchanged = scratch_page(&scratch, 0)[7] == 'r';
	readable = copy_from_user(&byte, user(SCRATCH_BASE + 7), 1) == OK && byte == 'r';
	scratch_end(&scratch);
	CHECK(got == ERR_FAULT && usercopy_fault_count() > faults);
	CHECK(unchanged);
	CHECK(readable);
	return true;
}

/* Every offset and length around the border of pages 0 and 1, guarded on both sides. */
static bool crossing_exact(const struct scratch *scratch, size_t before, size_t n)
{
	char *low = scratch_page(scratch, 0) + PAGE_SIZE - 32;
	char *high = scratch_page(scratch, 1);
	char out[32], in[32];

	memset(low, '.', 32);
	memset(high, '.', 32);
	for (size_t i = 0; i < n; i++)
		out[i] = (char)('A' + i);
	if (copy_to_user(user(scratch_address(1) - before), out, n) != OK ||
	    copy_from_user(in, user(scratch_address(1) - before), n) != OK ||
	    memcmp(in, out, n) != 0)
		return false;
	for (size_t i = 0; i < 64; i++) {
		size_t first = 32 - before;
		char wanted = '.';

		if (i >= first && i < first + n)
			wanted = out[i - first];

		if ((i < 32 ? low[i] : high[i - 32]) != wanted)
			return false;
	}
	return true;
}

SELFTEST(M4, 9, page_crossings_are_exact)
{
	struct scratch scratch;
	bool exact = true;

	CHECK(scratch_begin(&scratch, 3));
	for (size_t before = 0; exact && before <= 16; before++)
		for (size_t n = 1; exact && n <= 16; n++)
			exact = crossing_exact(&scratch, before, n);
	scratch_end(&scratch);
	CHECK(exact);
	return true;
}

SELFTEST(M4, 12, non_canonical)
{
	CHECK(refused(0x0000800000000000ull, BY_CHECK));
	CHECK(refused(0xffff7fffffffffc0ull, BY_CHECK));
	CHECK(refused(1ull << 63, BY_CHECK));
	CHECK(refused(1ull << 47, BY_CHECK));
	CHECK(refused(SCRATCH_BASE, BY_HARDWARE));
	return true;
}
