/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A linear frame buffer as a loader describes it: not yet judged (drv/screen/fb.h does). */
#include "kernel/lib/types.h"

/* Where a colour stands within a pixel: the lowest of @bits bits is bit @shift. */
struct boot_channel {
	uint8_t shift;
	uint8_t bits;
};

struct boot_framebuffer {
	uint64_t phys; /* 0 = none */
	uint32_t width;
	uint32_t height;
	uint32_t pitch; /* bytes a line */
	uint32_t bits_per_pixel;
	struct boot_channel red, green, blue;
};
