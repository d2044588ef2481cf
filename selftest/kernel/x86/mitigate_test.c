/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done about the CPU's defects: the text and the registers as they are now. The decision
 * itself is tests/unit/bugs_test.c's. */
#include "kernel/lib/string.h"

#include "kernel/x86/mitigate.h"
#include "selftest/selftest.h"

SELFTEST(M3, 11, speculation_as_decided)
{
	const struct mitigations *decided = mitigate_decided();

	CHECK(mitigate_branches_now() == decided->branches);
	CHECK(mitigate_fills_returns_now() == decided->fill_returns);
	CHECK(mitigate_clears_buffers_now() == decided->clear_buffers);
	CHECK(spec_ctrl_now() == spec_ctrl_wanted());
	CHECK(barrier_on == decided->barrier);
	return true;
}

/* Every file of /sys says something, and "Not affected" exactly where that is so. */
SELFTEST(M3, 11, defects_are_told)
{
	for (unsigned bug = 0; bug < BUG_COUNT; bug++) {
		char text[MITIGATE_TEXT];
		size_t len = mitigate_report((enum bug)bug, text, sizeof(text));

		CHECK(len > 8 && len < sizeof(text) && text[len - 1] == '\n');
		CHECK((strcmp(text, "Not affected\n") != 0) == (mitigate_bugs() >> bug & 1));
	}
	return true;
}
