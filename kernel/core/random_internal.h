/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The inside of the generator, for random.c, random_source.c and their selftests. */
#include "kernel/lib/chacha20.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "kernel/core/spinlock.h"

struct random_state {
	struct spinlock lock;
	uint8_t key[CHACHA20_KEY_BYTES];
	unsigned credit; /* bits, saturating */
};

/** Mix @len bytes into the key. Context: the state's lock, or a state nobody else knows. */
void random_state_mix(struct random_state *state, const void *data, size_t len);

/** Make @len bytes and erase the key they came from. Context: as random_state_mix. */
void random_state_fill(struct random_state *state, void *to, size_t len);

#define RANDOM_SPARE_BYTES 96u /* what two blocks give beside the next key */

/* A generator with key stream at hand, from the end on. */
struct random_batch {
	struct random_state state; /* without its lock */
	uint32_t left;
	uint8_t spare[RANDOM_SPARE_BYTES];
};

/** Mix @len bytes in; what was made of the old key is forgotten. Context: nobody else uses it. */
void random_batch_mix(struct random_batch *batch, const void *data, size_t len);

/** Make @len bytes, which are nowhere else then. Context: as random_batch_mix. */
void random_batch_draw(struct random_batch *batch, void *to, size_t len);

/** Mix in and credit @bits, under the lock. */
void random_state_add(struct random_state *state, const void *data, size_t len, unsigned bits);

/** Fill @to, under the lock; ERR_AGAIN and nothing written while the state is not seeded. */
enum err random_state_take(struct random_state *state, void *to, size_t len);

bool random_state_seeded(const struct random_state *state);

typedef void (*random_sink)(const void *data, size_t len, unsigned bits);

/** Offer every source of this machine to @sink, each with the credit its health test allows. */
void random_collect(random_sink sink);

/** A little of what is there without waiting: for a state that is seeded. Context: any. */
void random_collect_again(random_sink sink);

/**
 * random_bytes_try() at @now_ns of the clock that never goes back: at the time that
 * random_reseed_due() tells, and each RANDOM_RESEED_NS, sources are mixed in anew.
 */
enum err random_bytes_at(void *to, size_t len, uint64_t now_ns);

/** When the next draw reseeds; @additions: how often something was mixed in. */
uint64_t random_reseed_due(uint64_t *additions);

#define RANDOM_RESEED_NS 60000000000ull

/** The jitter of computing, and that of port reads (slow), alone. */
void random_collect_jitter(random_sink sink);
void random_collect_ports(random_sink sink);

#define RANDOM_HEALTH_SAMPLES 64u

/**
 * The health test of a source of 64-bit words: refuses a stuck source (one value more than twice in
 * a row) and a biased one (one value in more than a quarter of the samples, or a bit of the low
 * byte that is the same in more than seven of eight).
 */
bool random_words_healthy(const uint64_t *words, size_t count);

/**
 * The bits that jitter samples (deltas of the time-stamp counter around a fixed piece of work) are
 * worth: one per 16 samples, nothing for a stuck or strongly repeating source.
 */
unsigned random_jitter_bits(const uint32_t *deltas, size_t count);
