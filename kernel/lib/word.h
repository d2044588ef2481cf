/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Text by words: eight bytes at once, the first in the lowest byte. Each function reads exactly
 * the bytes that it is given.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

/* A word of eight times the same byte. */
#define WORD_OF(byte) (0x0101010101010101ull * (uint8_t)(byte))

static inline uint64_t word_load(const void *at)
{
	uint64_t word;

	__builtin_memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint32_t word_load_half(const void *at)
{
	uint32_t half;

	__builtin_memcpy(&half, at, sizeof(half));
	return half;
}

/** Load the last @len < 8 bytes of a text, zeroes behind them. Pieces overlap: no loop, few
 * branches. */
static inline uint64_t word_load_rest(const void *at, size_t len)
{
	const uint8_t *bytes = at;

	if (len >= 4)
		return word_load_half(bytes) | (uint64_t)word_load_half(bytes + len - 4)
						       << (8 * (len - 4));
	if (len == 0)
		return 0;
	return bytes[0] | (uint64_t)bytes[len / 2] << (8 * (len / 2)) |
	       (uint64_t)bytes[len - 1] << (8 * (len - 1));
}

/** The lowest set bit is the top bit of the first byte that is 0; no bit set: none is. */
static inline uint64_t word_zero_bytes(uint64_t word)
{
	/* Else gcc makes another large constant out of the caller's and the complement. */
	word = HIDE_VALUE(word);
	return (word - WORD_OF(1)) & ~word & WORD_OF(0x80);
}

/** How many bytes stand before the one whose top bit is the lowest set in @marks, not 0. */
static inline unsigned word_bytes_before(uint64_t marks)
{
	return (unsigned)__builtin_ctzll(marks) / 8;
}

/** @word with zeroes from that byte on. */
static inline uint64_t word_cut(uint64_t word, uint64_t marks)
{
	return word & (marks ^ (marks - 1)) >> 8;
}
