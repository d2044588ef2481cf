/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The kernel's random generator: ChaCha20 with key erasure (each request's first 32 bytes of key
 * stream become the next key, so yesterday's output cannot be computed from today's state). Each
 * CPU draws from a key of its own, made from the one that the sources are mixed into, again after
 * each addition. Each minute that something is drawn the sources are mixed in anew, so who has seen a
 * state does not know those of later. Short requests share a piece of key stream, which each wipes where it took from.
 *
 * Seeded means: sources that passed their health test have been credited with at least
 * RANDOM_SEED_BITS bits. Credits: RDSEED or RDRAND 256 after a repetition test; the entropy a door
 * handed over (UEFI's RNG protocol) 8 per byte; the harness's fw_cfg nonce 128; jitter of the time
 * stamp counter one bit per 16 samples whose deltas vary. So without RDRAND a boot is seeded by
 * jitter, or by a nonce; a stuck or biased source is credited nothing, and when none is left the
 * generator stays unseeded and the boot stops with a clear line.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#define RANDOM_SEED_BITS 128u

/**
 * Collect from all sources that this machine has; panics when they are not worth RANDOM_SEED_BITS.
 * Context: boot, before the first consumer.
 */
void random_init(void);

/**
 * Fill @to from all sources that this machine has, before anything else is set up but boot_info and
 * the CPU's features. What it was made of is forgotten: random_init() collects anew.
 * Context: boot, once. A machine without a source gets through, to random_init()'s panic.
 */
void random_early(void *to, size_t len);

/** Whether enough has been collected. */
bool random_seeded(void);

/**
 * Mix @len bytes in and credit @bits. Bytes are mixed in whatever their credit.
 * Context: any.
 */
void random_add(const void *data, size_t len, unsigned bits);

/** Fill @to. Context: any. The generator must be seeded (ASSERT). */
void random_bytes(void *to, size_t len);

/** Fill @to if the generator is seeded, else ERR_AGAIN and nothing is written. */
enum err random_bytes_try(void *to, size_t len);

/** A random word. */
uint64_t random_u64(void);

/** A number below @bound (not 0), without bias. */
uint64_t random_below(uint64_t bound);
