/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "mm/space/area.h"
#include "selftest/selftest.h"

#define PAGES 128
#define BASE  0x100000ull
#define PAGE  4096ull

/* Page i is owner[i] - 1's; areas come from a pool with one for each page. */
static struct area pool[PAGES];
static uint8_t owner[PAGES];
static struct area_tree areas;

static uint64_t address_of(unsigned page)
{
	return BASE + page * PAGE;
}

static unsigned page_of(uint64_t address)
{
	return (unsigned)((address - BASE) / PAGE);
}

/* An area of the pool that is in no tree: one that owns no page. */
static struct area *unused_area(void)
{
	for (unsigned i = 0; i < PAGES; i++) {
		if (memchr(owner, (int)i + 1, PAGES) == NULL)
			return &pool[i];
	}
	return NULL;
}

static void own(const struct area *area)
{
	memset(owner + page_of(area->start), (int)(area - pool) + 1,
	       page_of(area->end) - page_of(area->start));
}

static bool range_is_free(unsigned page, unsigned count)
{
	for (unsigned i = page; i < page + count; i++) {
		if (owner[i] != 0)
			return false;
	}
	return true;
}

static bool map_pages(unsigned page, unsigned count)
{
	struct area *area = unused_area();
	enum err expected = range_is_free(page, count) ? OK : ERR_EXIST;

	if (area == NULL)
		return true;
	*area = (struct area){.start = address_of(page), .end = address_of(page + count)};
	area->offset = area->start;
	if (area_insert(&areas, area) != expected)
		return false;
	if (expected == OK)
		own(area);
	return true;
}

static bool cut_at(unsigned page)
{
	struct area *area = area_find(&areas, address_of(page));
	struct area *upper = unused_area();

	if (area == NULL || area->start == address_of(page) || upper == NULL)
		return true;
	area_split(&areas, area, address_of(page), upper);
	own(upper);
	return upper->offset == upper->start;
}

static bool join_at(unsigned page)
{
	struct area *upper = area_find(&areas, address_of(page));
	struct area *lower = upper != NULL ? area_prev(upper) : NULL;

	if (lower == NULL || lower->end != upper->start)
		return true;
	if (!area_can_merge(lower, upper))
		return false;
	area_merge(&areas, lower, upper);
	own(lower);
	return true;
}

static void unmap_pages(unsigned page)
{
	struct area *area = area_find(&areas, address_of(page));

	if (area == NULL)
		return;
	area_erase(&areas, area);
	memset(owner + page_of(area->start), 0, page_of(area->end) - page_of(area->start));
}

static bool placement_agrees(unsigned count)
{
	unsigned low = 0;
	unsigned high = PAGES - count;
	uint64_t at[2] = {0, 0};
	enum err expected;

	while (low + count <= PAGES && !range_is_free(low, count))
		low++;
	expected = low + count <= PAGES ? OK : ERR_NOMEM;
	while (expected == OK && !range_is_free(high, count))
		high--;
	if (area_gap_lowest(&areas, count * PAGE, PAGE, BASE, address_of(PAGES), &at[0]) !=
	    expected)
		return false;
	if (area_gap_highest(&areas, count * PAGE, PAGE, BASE, address_of(PAGES), &at[1]) !=
	    expected)
		return false;
	return expected != OK || (at[0] == address_of(low) && at[1] == address_of(high));
}

static bool finding_agrees(void)
{
	for (unsigned i = 0; i < PAGES; i++) {
		const struct area *area = area_find(&areas, address_of(i));

		if (owner[i] == 0 ? area != NULL : area != &pool[owner[i] - 1])
			return false;
	}
	return true;
}

static bool step(uint64_t random)
{
	unsigned page = (unsigned)(random >> 8) % PAGES;
	unsigned count = 1 + (unsigned)(random >> 16) % 16;

	count = MIN(count, PAGES - page);
	switch (random >> 40 & 7) {
	case 0:
	case 1:
	case 2:
		return map_pages(page, count);
	case 3:
	case 4:
		return cut_at(page);
	case 5:
		return join_at(page);
	case 6:
		unmap_pages(page);
		return true;
	default:
		return placement_agrees(count);
	}
}

SELFTEST(M9, 9, area_tree_equals_model)
{
	uint64_t random = 0x9e3779b97f4a7c15;

	area_tree_init(&areas);
	memset(owner, 0, sizeof(owner));
	for (unsigned i = 0; i < selftest_scaled(2000); i++) {
		random ^= random >> 12;
		random ^= random << 25;
		random ^= random >> 27;
		CHECK(step(random * 0x2545f4914f6cdd1d));
		if (i % 32 == 0)
			CHECK(finding_agrees());
	}
	CHECK(finding_agrees());
	return true;
}
