/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * SipHash-2-4 (Aumasson, Bernstein, 2012): a keyed 64-bit hash of a byte stream.
 * The marker seal is made with it, and hash tables that strangers can fill are keyed with it.
 */
#include "kernel/lib/types.h"

#define SIPHASH_KEY_BYTES 16

struct siphash {
	uint64_t v[4];
	uint64_t tail;   /* bytes not yet mixed in, lowest first */
	uint64_t length; /* bytes seen so far */
};

/**
 * Start a stream under a key of SIPHASH_KEY_BYTES bytes.
 *
 * Context: any; touches only @s.
 */
void siphash_init(struct siphash *s, const uint8_t key[SIPHASH_KEY_BYTES]);

/**
 * Add @len bytes; any cutting of a message into calls gives the same result.
 *
 * Context: any; touches only @s.
 */
void siphash_update(struct siphash *s, const void *data, size_t len);

/**
 * The hash of everything added. @s itself is left as it was, so a running stream can be
 * asked more than once.
 */
uint64_t siphash_final(const struct siphash *s);

/** Hash one whole message. */
uint64_t siphash(const uint8_t key[SIPHASH_KEY_BYTES], const void *data, size_t len);
