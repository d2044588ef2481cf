/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/width.h"

#include "kernel/lib/compiler.h"

struct range {
	uint32_t first;
	uint32_t last;
};

static const struct range wide[] = {
#define WIDE(first_, last_) {first_, last_},
#include "drv/screen/width.def"
#undef WIDE
};

static const struct range zero[] = {
#define ZERO(first_, last_) {first_, last_},
#include "drv/screen/width.def"
#undef ZERO
};

#define FIRST_SPECIAL 0x300u /* below, all take one cell */

static bool within(const struct range *ranges, size_t count, uint32_t code)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code < ranges[middle].first)
			high = middle;
		else if (code > ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

unsigned width_of(uint32_t code)
{
	if (code < FIRST_SPECIAL)
		return 1;
	if (within(zero, ARRAY_SIZE(zero), code))
		return 0;
	return within(wide, ARRAY_SIZE(wide), code) ? 2 : 1;
}
