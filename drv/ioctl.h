/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The numbers of drv/ioctl.def. */

#define IOCTL_MAX_BYTES 64 /* no structure in the table is larger */

enum ioctl_number {
#define IOCTL(number, name, direction, bytes) name = (number),
#include "drv/ioctl.def"
#undef IOCTL
};
