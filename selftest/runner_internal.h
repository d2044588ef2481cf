/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The linker arrays that the runner walks. */
#include "selftest/selftest.h"

extern const struct milestone milestones_start[], milestones_end[];
extern const struct selftest selftests_start[], selftests_end[];
