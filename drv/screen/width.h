/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* How many cells a character takes on a terminal. Pure. */
#include "kernel/lib/types.h"

/** 0 for combining and invisible characters, 2 for East Asian wide ones and emoji, else 1. */
unsigned width_of(uint32_t code);
