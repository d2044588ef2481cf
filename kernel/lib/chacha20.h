/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The ChaCha20 block function of RFC 8439: the one primitive below the random generator.
 */
#include "kernel/lib/types.h"

#define CHACHA20_KEY_BYTES   32
#define CHACHA20_NONCE_BYTES 12
#define CHACHA20_BLOCK_BYTES 64

/* Sixteen words as in RFC 8439, 2.3: constants, key, block counter, nonce. */
struct chacha20 {
	uint32_t word[16];
};

/** Fill the state from key, nonce and first block counter. */
void chacha20_init(struct chacha20 *state, const uint8_t key[CHACHA20_KEY_BYTES],
		   const uint8_t nonce[CHACHA20_NONCE_BYTES], uint32_t counter);

/**
 * Write the next 64 bytes of key stream and step the block counter.
 * The counter wraps after 256 GiB; the caller changes the key long before.
 */
void chacha20_block(struct chacha20 *state, uint8_t out[CHACHA20_BLOCK_BYTES]);
