/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Hashes for tables. Both are fast, not cryptographic: tables that strangers can fill give a
 * random @seed, so that nobody can compute colliding names beforehand.
 */
#include "kernel/lib/types.h"

/** Mix two words into one: the two halves of their 128-bit product. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** Spread a 64-bit key over all bits (a bijection: the finaliser of MurmurHash3). */
static inline uint64_t hash_u64(uint64_t key)
{
	key ^= key >> 33;
	key *= 0xff51afd7ed558ccd;
	key ^= key >> 33;
	key *= 0xc4ceb9fe1a85ec53;
	return key ^ key >> 33;
}

/** Hash @len bytes of a name under a seed; reads exactly these bytes. */
static inline uint64_t hash_name(uint64_t seed, const char *name, size_t len)
{
	uint64_t hash = seed ^ 0xa0761d6478bd642f ^ len;
	uint64_t word = 0;

	for (; len >= 8; len -= 8, name += 8) {
		__builtin_memcpy(&word, name, 8);
		hash = hash_mix(word ^ 0xe7037ed1a0b428db, hash);
	}
	word = 0;
	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)(uint8_t)name[i] << (8 * i);
	return hash_mix(word ^ 0x8ebc6af09c88c6e3, hash ^ 0x589965cc75374cc3);
}
