/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Numbers of the features in features.def, each a bit of one word. */
#include "kernel/lib/types.h"

enum cpu_feature {
#define FEATURE(name, leaf, subleaf, reg, bit) CPU_##name,
#include "kernel/x86/features.def"
#undef FEATURE
	CPU_FEATURE_COUNT
};
static_assert(CPU_FEATURE_COUNT <= 64, "cpu_feature_bits is one word");
