/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* libFuzzer calls this with one input after the other; a defect ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
