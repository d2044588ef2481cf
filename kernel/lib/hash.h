/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Hashes for tables. They are fast, not cryptographic: tables that strangers can fill take random
 * secrets, so that nobody can compute colliding names beforehand.
 */
#include "kernel/lib/types.h"
#include "kernel/lib/word.h"

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

/**
 * Take a text's next word into @hash. @secret goes into every word: a word that was chosen to make
 * the product 0 would make all that came before forgotten, the table's random start with it.
 */
static inline uint64_t hash_word(uint64_t secret, uint64_t hash, uint64_t word)
{
	return hash_mix(word ^ secret, hash);
}

/** Hash @len bytes of a name under a seed; reads exactly these bytes. */
static inline uint64_t hash_name(uint64_t seed, const char *name, size_t len)
{
	uint64_t hash = seed ^ 0xa0761d6478bd642f ^ len;

	for (; len >= 8; len -= 8, name += 8)
		hash = hash_word(seed, hash, word_load(name));
	return hash_word(seed, hash ^ 0x589965cc75374cc3, word_load_rest(name, len));
}
