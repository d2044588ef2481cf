/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/chacha20.h"

#include "kernel/lib/string.h"

static inline uint32_t rotate_left(uint32_t x, unsigned bits)
{
	return (x << bits) | (x >> (32 - bits));
}

static inline void quarter_round(uint32_t x[16], unsigned a, unsigned b, unsigned c, unsigned d)
{
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 7);
}

static void double_round(uint32_t x[16])
{
	quarter_round(x, 0, 4, 8, 12);
	quarter_round(x, 1, 5, 9, 13);
	quarter_round(x, 2, 6, 10, 14);
	quarter_round(x, 3, 7, 11, 15);
	quarter_round(x, 0, 5, 10, 15);
	quarter_round(x, 1, 6, 11, 12);
	quarter_round(x, 2, 7, 8, 13);
	quarter_round(x, 3, 4, 9, 14);
}

void chacha20_init(struct chacha20 *state, const uint8_t key[CHACHA20_KEY_BYTES],
		   const uint8_t nonce[CHACHA20_NONCE_BYTES], uint32_t counter)
{
	/* "expand 32-byte k" */
	state->word[0] = 0x61707865;
	state->word[1] = 0x3320646e;
	state->word[2] = 0x79622d32;
	state->word[3] = 0x6b206574;
	memcpy(&state->word[4], key, CHACHA20_KEY_BYTES);
	state->word[12] = counter;
	memcpy(&state->word[13], nonce, CHACHA20_NONCE_BYTES);
}

void chacha20_block(struct chacha20 *state, uint8_t out[CHACHA20_BLOCK_BYTES])
{
	uint32_t x[16];

	for (unsigned i = 0; i < 16; i++)
		x[i] = state->word[i];
	for (unsigned i = 0; i < 10; i++)
		double_round(x);
	for (unsigned i = 0; i < 16; i++)
		x[i] += state->word[i];
	memcpy(out, x, CHACHA20_BLOCK_BYTES);
	/* The key must not survive on the stack: what comes out is derived from it. */
	memzero_secret(x, sizeof(x));
	state->word[12]++;
}
