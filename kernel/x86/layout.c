/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/layout.h"

#include "kernel/lib/compiler.h"

#include "kernel/x86/sections.h"

__ro_after_init struct layout layout = {
#define REGION(name, unmoved, window, gib, step, holds) .name = (unmoved),
#include "kernel/x86/layout.def"
#undef REGION
};
