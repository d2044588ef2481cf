/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * W^X for programs: no page is writable and executable at once, and no page that one mapping
 * executes is written through another. The boot word wx=allow gives this up for the whole machine;
 * it does not concern the kernel's own memory.
 *
 * Context: any.
 */
#include "kernel/lib/types.h"

/** Allow it from now on. Context: boot, before what is read-only after init is sealed. */
void wx_allow(void);

/** Whether programs may have memory that is writable and executable. */
bool wx_allowed(void);
