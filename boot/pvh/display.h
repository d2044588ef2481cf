/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* PVH says nothing of screens. QEMU's display adapter has registers of its own: they are used. */
#include "kernel/core/framebuffer.h"

/*
 * Look for QEMU's display on PCI bus 0 and switch it to 1280 x 800. Anything unexpected:
 * *framebuffer stays as it is.
 */
void display_find(struct boot_framebuffer *framebuffer);
