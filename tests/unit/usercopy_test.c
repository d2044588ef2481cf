/* SPDX-License-Identifier: BSD-2-Clause */
/* Which user addresses get to the primitives, and what the caller is told. */
#include "tests/unit/usercopy_fake.h"

static void test_range(void)
{
	static const uint64_t edges[] = {0,         1,          USER_START, USER_END / 2,
					 USER_END,  1ull << 47, 1ull << 63, -(1ull << 47),
					 -USER_END, ~0ull};
	enum { EDGES = sizeof(edges) / sizeof(*edges) };

	for (unsigned i = 0; i < EDGES * EDGES; i++) {
		for (unsigned k = 0; k < 25; k++) {
			uint64_t at = edges[i % EDGES] + k % 5 - 2;
			uint64_t len = edges[i / EDGES] + k / 5 - 2;

			CHECK_EQ(user_range_ok(user(at), len), may_be_user(at, len));
			CHECK_EQ(user_range_ok(user(at), USER_END - at),
				 may_be_user(at, USER_END - at));
			CHECK_EQ(user_range_ok(user(at), USER_END - at + 1), false);
		}
	}
}

/* @n bytes at @at: how many are not copied, and that nothing is touched that may not be. */
static void check_copies(uint64_t at, size_t n)
{
	struct frame *frame = &frames[1];
	uint8_t *page = ram + 4096, *to = page + 4096 - n;
	bool may = may_be_user(at, n) && n;
	size_t there = !may || at < base || at >= end ? 0 : n < end - at ? n : end - at;
	uint64_t fetched = cpu.fetch_count;

	for (unsigned way = 0; way < 2; way++) {
		memset(page, 0xee, 4096);
		touched = 0;
		CHECK_EQ(way ? copy_page_from_user(frame, 4096 - n, user(at), n)
			     : copy_from_user_partial(to, user(at), n),
			 n - there);
		CHECK_EQ(touched, may);
		CHECK(page[4095 - n] == 0xee && memcmp(to, place(at), there) == 0);
		for (size_t i = there; i < n; i++)
			CHECK_EQ(to[i], 0);
	}
	CHECK_EQ(cpu.fetch_count - fetched, n != 0);
	CHECK_EQ(copy_from_user(to, user(at), n), n == 0       ? may_be_user(at, 0) ? OK : ERR_FAULT
						  : there == n ? OK
							       : ERR_FAULT);
	is_nofault = true;
	memset(page, 0xee, 4096);
	CHECK_EQ(copy_from_user_nofault_partial(to, user(at), n), n - there);
	CHECK(is_set || !may);
	CHECK(memcmp(to, place(at), there) == 0 && (there == n || to[there] == 0xee));
	is_nofault = false;
	CHECK_EQ(cpu.nofault_depth, 0);
}

static void check_writes(uint64_t at, size_t n)
{
	struct frame *frame = &frames[1];
	uint8_t *page = ram + 4096, *from = page + 4096 - n;
	bool may = may_be_user(at, n) && n;
	size_t there = !may || at < base || at >= end ? 0 : n < end - at ? n : end - at;
	enum err whole = n == 0 ? may_be_user(at, 0) ? OK : ERR_FAULT : there == n ? OK : ERR_FAULT;
	static uint8_t copy[WINDOW];

	for (unsigned way = 0; way < 3; way++) {
		memset(page, way == 2 ? 0 : 0xee, 4096);
		set_window(base, end - base);
		touched = 0;
		CHECK_EQ(way == 2   ? clear_user_partial(user(at), n)
			 : way == 1 ? copy_page_to_user(user(at), frame, 4096 - n, n)
				    : copy_to_user_partial(user(at), from, n),
			 n - there);
		CHECK_EQ(touched, may);
		CHECK(memcmp(place(at), from, there) == 0);
		memcpy(copy, window, WINDOW);
		set_window(base, end - base);
		memcpy(place(at), from, there);
		CHECK(memcmp(copy, window, WINDOW) == 0);
	}
	CHECK_EQ(copy_to_user(user(at), from, n), whole);
	CHECK_EQ(clear_user(user(at), n), whole);
}

/* Single values; @at need not be aligned. */
static void check_values(uint64_t at)
{
	bool has4 = may_be_user(at, 4) && at >= base && at <= end - 4;
	bool has8 = may_be_user(at, 8) && at >= base && at <= end - 8;
	uint64_t fetched = cpu.fetch_count, eight = 1, four_there = 0;
	uint32_t four = 1;

	if (has4)
		memcpy(&four_there, place(at), 4);
	touched = 0;
	CHECK_EQ(get_user_u32(&four, user(at)), has4 ? OK : ERR_FAULT);
	CHECK_EQ(four, has4 ? four_there : 1);
	CHECK_EQ(touched, may_be_user(at, 4));
	CHECK_EQ(cpu.fetch_count - fetched, touched);
	CHECK_EQ(get_user_u64(&eight, user(at)), has8 ? OK : ERR_FAULT);
	CHECK(eight != 1 || !has8);
	CHECK_EQ(cpu.fetch_count - fetched, touched);
	CHECK_EQ(touched, may_be_user(at, 4) + may_be_user(at, 8));
	touched = 0;
	CHECK_EQ(put_user_u32(user(at), 0x01020304), has4 ? OK : ERR_FAULT);
	CHECK(!has4 || window[at - base] == 4);
	CHECK_EQ(touched, may_be_user(at, 4));
	CHECK_EQ(put_user_u64(user(at), 0x0102030405060708), has8 ? OK : ERR_FAULT);
	CHECK(!has8 || window[at - base] == 8);
	CHECK_EQ(touched, may_be_user(at, 4) + may_be_user(at, 8));
}

static void check_nofault(uint64_t at)
{
	bool may = may_be_user(at, 4), has4 = may && at >= base && at <= end - 4;
	bool aligned = at % 4 == 0;
	uint32_t four = 1;
	enum err result = has4 ? OK : ERR_FAULT;

	is_nofault = true;
	CHECK_EQ(put_user_u32_nofault(user(at), 77), result);
	CHECK(is_set || !may);
	CHECK_EQ(get_user_u32_nofault(&four, user(at)), result);
	CHECK((is_set || !may) && four == (has4 ? 77 : 1));
	for (uint32_t expected = 76; expected < 78; expected++) {
		four = 1;
		CHECK_EQ(cmpxchg_user_u32_nofault(user(at), expected, 99, &four),
			 aligned ? result : ERR_INVAL);
		CHECK_EQ(four, aligned && has4 ? 77 : 1);
	}
	CHECK_EQ(cpu.nofault_depth, 0);
	is_nofault = false;
	if (aligned && has4) {
		CHECK_EQ(cmpxchg_user_u32(user(at), 99, 100, &four), OK);
		CHECK(four == 99 && window[at - base] == 100 && is_set);
	}
}

static void check_around(uint64_t at)
{
	static const size_t sizes[] = {0, 1, 2, 3, 8, 100, 4095};

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		check_copies(at, sizes[i]);
		check_writes(at, sizes[i]);
	}
	check_values(at);
	check_nofault(at);
}

/* Windows at both ends of user memory, and one that ends in its middle. */
static void test_user_side(void)
{
	static const uint64_t from[] = {USER_START, USER_END - WINDOW, 1ull << 40};

	for (unsigned i = 0; i < 3; i++) {
		set_window(from[i], i == 2 ? WINDOW / 2 + 3 : WINDOW);
		for (int off = -9; off < 10; off++) {
			check_around(base + (uint64_t)off);
			check_around(end + (uint64_t)off);
			check_around(end - 100 + (uint64_t)off);
		}
	}
	set_window(USER_END - WINDOW, WINDOW);
	check_around(0);
	check_around(1ull << 47);
	check_around(~0ull);
	check_around(~0ull - 7);
}

/* A string of @len bytes at @at, or none that ends there. */
static void check_string(uint64_t at, size_t len, size_t size)
{
	char *to = (char *)ram + 4096 + 4096 - size;
	bool may = may_be_user(at, 1), there = may && at >= base && at < end;
	size_t left = there ? end - at : 0;
	int64_t got;

	set_window(base, end - base);
	if (there && len < left)
		window[at - base + len] = '\0';
	memset(to, 0xee, size);
	touched = 0;
	got = string_from_user(to, user(at), size);
	CHECK_EQ(touched, may);
	CHECK(memchr(to, '\0', size) != NULL);
	if (there && len < left && len < size)
		CHECK_EQ(got, len);
	else
		CHECK_EQ(got, left >= size ? ERR_NAMETOOLONG : ERR_FAULT);
	/* What was read of a longer one is there. */
	if (got == ERR_NAMETOOLONG)
		CHECK(memcmp(to, place(at), size - 1) == 0);
	if (got >= 0)
		CHECK(memcmp(to, place(at), len + 1) == 0);
	if (got == ERR_FAULT && left < (may ? USER_END - at : 0))
		CHECK_EQ(to[0], 0);
	for (size_t max = len - 2; len >= 2 && max <= len + 1; max++) {
		got = string_length_user(user(at), max);
		if (there && len < left)
			CHECK_EQ(got, max >= len ? (int64_t)len : ERR_NAMETOOLONG);
		else
			CHECK(got == ERR_FAULT || (got == ERR_NAMETOOLONG && max < left));
	}
}

static void test_strings(void)
{
	static const uint64_t from[] = {USER_START, USER_END - WINDOW, 1ull << 40};
	static const size_t sizes[] = {1, 2, 100, 256, 1000};
	static const size_t lens[] = {0,   1,   2,   99,  100, 101,  255,  256,
				      257, 511, 512, 513, 999, 1000, 1001, 5000};

	for (unsigned i = 0; i < 3; i++) {
		set_window(from[i], WINDOW);
		for (unsigned k = 0; k < 5 * 16; k++) {
			check_string(base, lens[k / 5], sizes[k % 5]);
			check_string(end - lens[k / 5], lens[k / 5], sizes[k % 5]);
			check_string(end - lens[k / 5] - 1, lens[k / 5], sizes[k % 5]);
			check_string(base - 1, lens[k / 5], sizes[k % 5]);
			check_string(end, lens[k / 5], sizes[k % 5]);
			check_string(0, lens[k / 5], sizes[k % 5]);
			check_string(~0ull, lens[k / 5], sizes[k % 5]);
		}
	}
}

static void test_counts(void)
{
	cpu.fixup_count = 33;
	cpu.fetch_count = 44;
	CHECK(usercopy_fault_count() == 33 && usercopy_fetch_count() == 44);
}

int main(void)
{
	usercopy_begin(__builtin_frame_address(0));
	test_range();
	test_user_side();
	test_strings();
	test_counts();
	usercopy_end();
	return check_done("usercopy");
}
