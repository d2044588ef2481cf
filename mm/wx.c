/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/wx.h"

#include "kernel/lib/compiler.h"

static bool allowed __ro_after_init;

void wx_allow(void)
{
	allowed = true;
}

bool wx_allowed(void)
{
	return allowed;
}
