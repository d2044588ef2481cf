/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Which milestones' tests are built: all, unless CFLAGS_EXTRA says otherwise. */

#ifndef M1_SELFTEST_ENABLE
#define M1_SELFTEST_ENABLE 1
#endif

#ifndef M2_SELFTEST_ENABLE
#define M2_SELFTEST_ENABLE 1
#endif

#ifndef M3_SELFTEST_ENABLE
#define M3_SELFTEST_ENABLE 1
#endif

#ifndef M4_SELFTEST_ENABLE
#define M4_SELFTEST_ENABLE 1
#endif

#ifndef M5_SELFTEST_ENABLE
#define M5_SELFTEST_ENABLE 1
#endif

#ifndef M6_SELFTEST_ENABLE
#define M6_SELFTEST_ENABLE 1
#endif

#ifndef M7_SELFTEST_ENABLE
#define M7_SELFTEST_ENABLE 1
#endif

#ifndef M8_SELFTEST_ENABLE
#define M8_SELFTEST_ENABLE 1
#endif

#ifndef M9_SELFTEST_ENABLE
#define M9_SELFTEST_ENABLE 1
#endif

#ifndef M10_SELFTEST_ENABLE
#define M10_SELFTEST_ENABLE 1
#endif

#ifndef M11_SELFTEST_ENABLE
#define M11_SELFTEST_ENABLE 1
#endif

#ifndef M12_SELFTEST_ENABLE
#define M12_SELFTEST_ENABLE 1
#endif

#ifndef M13_SELFTEST_ENABLE
#define M13_SELFTEST_ENABLE 1
#endif

#ifndef M14_SELFTEST_ENABLE
#define M14_SELFTEST_ENABLE 1
#endif
