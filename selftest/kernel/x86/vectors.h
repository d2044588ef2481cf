/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* vectors.asm: ring-3 code, as bytes. */
#include "kernel/lib/types.h"

extern const uint8_t vectors_fill_sse[], vectors_fill_sse_end[];
extern const uint8_t vectors_fill_avx[], vectors_fill_avx_end[];
extern const uint8_t vectors_read_sse[], vectors_read_sse_end[];
extern const uint8_t vectors_read_avx[], vectors_read_avx_end[];
