/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* SHA-256 (FIPS 180-4) of bytes in memory. */
#include <stddef.h>
#include <stdint.h>

enum { SHA256_LEN = 32 };

void sha256(const void *data, size_t len, uint8_t digest[SHA256_LEN]);
