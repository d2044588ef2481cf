/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A little memory for mm/frame.c to hand out. */
#include "mm/frame.h"

/* @count frames (at most 64), all free, no CPU has any; and the CPUs' caches. */
void frames_reset(unsigned count);
