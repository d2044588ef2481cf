/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/layout.h"

#include "kernel/lib/compiler.h"

__ro_after_init struct layout layout = {
	.image = 0xffffffff80000000ull,
	.physmap = 0xffff800000000000ull,
	.frames = 0xffffa00000000000ull,
	.heap = 0xffffb00000000000ull,
	.stacks = 0xffffff0000000000ull,
	.devices = 0xffffc00000000000ull,
};
