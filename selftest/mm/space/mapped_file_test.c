/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that ring 3 has mapped: which rights go together, and what a shorter file takes away. */
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M9, 6, files_have_no_writable_twin, .needs = M12)
{
	CHECK_PROGRAM("file_twins");
	return true;
}

SELFTEST(M9, 7, opened_rights_bound_mappings, .needs = M12)
{
	CHECK_PROGRAM("file_rights");
	return true;
}

SELFTEST(M9, 11, shorter_files_leave_every_mapping, .needs = M12)
{
	CHECK_PROGRAM("file_truncate");
	return true;
}
