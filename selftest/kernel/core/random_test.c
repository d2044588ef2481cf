/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/core/random.h"
#include "kernel/core/random_internal.h"
#include "kernel/x86/cpu.h"
#include "selftest/selftest.h"

/* RFC 8439, 2.3.2: key 00..1f, this nonce, counter 1. */
static const uint8_t rfc_nonce[CHACHA20_NONCE_BYTES] = {0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0};
static const uint8_t rfc_block[CHACHA20_BLOCK_BYTES] = {
	0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
	0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
	0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
	0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
	0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
};
/* RFC 8439, A.1, test vector 1: key and nonce all zero, counter 0. */
static const uint8_t zero_block[16] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90,
				       0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28};

SELFTEST(M13, 7, cipher_known_answers, .needs = M2)
{
	uint8_t key[CHACHA20_KEY_BYTES], nonce[CHACHA20_NONCE_BYTES] = {0};
	uint8_t block[CHACHA20_BLOCK_BYTES];
	struct chacha20 cipher;

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	chacha20_init(&cipher, key, rfc_nonce, 1);
	chacha20_block(&cipher, block);
	CHECK(memcmp(block, rfc_block, sizeof(block)) == 0);
	memset(key, 0, sizeof(key));
	chacha20_init(&cipher, key, nonce, 0);
	chacha20_block(&cipher, block);
	CHECK(memcmp(block, zero_block, sizeof(zero_block)) == 0);
	return true;
}

/* A cheap sequence that passes for random words. */
static uint64_t mixed_word(uint64_t i)
{
	i = (i + 1) * 0x9e3779b97f4a7c15;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9;
	i = (i ^ i >> 27) * 0x94d049bb133111eb;
	return i ^ i >> 31;
}

SELFTEST(M13, 7, sick_sources_refused, .needs = M2)
{
	uint64_t words[RANDOM_HEALTH_SAMPLES];
	uint32_t deltas[RANDOM_HEALTH_SAMPLES];

	for (unsigned i = 0; i < RANDOM_HEALTH_SAMPLES; i++) {
		words[i] = mixed_word(i);
		deltas[i] = 100 + (uint32_t)(mixed_word(i) & 63);
	}
	CHECK(random_words_healthy(words, RANDOM_HEALTH_SAMPLES));
	CHECK(random_jitter_bits(deltas, RANDOM_HEALTH_SAMPLES) == RANDOM_HEALTH_SAMPLES / 16);
	words[11] = words[10];
	words[12] = words[10];
	CHECK(!random_words_healthy(words, RANDOM_HEALTH_SAMPLES)); /* stuck for three words */
	for (unsigned i = 0; i < RANDOM_HEALTH_SAMPLES; i++)
		words[i] = mixed_word(i) | (i % 16 ? 4 : 0);
	CHECK(!random_words_healthy(words, RANDOM_HEALTH_SAMPLES)); /* one bit biased */
	for (unsigned i = 0; i < RANDOM_HEALTH_SAMPLES; i++)
		words[i] = i & 1 ? mixed_word(i) : mixed_word(0);
	CHECK(!random_words_healthy(words, RANDOM_HEALTH_SAMPLES)); /* one value too often */
	for (unsigned i = 0; i < RANDOM_HEALTH_SAMPLES; i++)
		deltas[i] = 40 + 2 * (i & 1);
	CHECK(random_jitter_bits(deltas, RANDOM_HEALTH_SAMPLES) == 0); /* a short cycle */
	return true;
}

SELFTEST(M13, 7, unseeded_gives_nothing, .needs = M2)
{
	struct random_state state = {.lock = SPINLOCK_INIT(LOCK_RANDOM)};
	uint64_t word = 0x5a5a5a5a5a5a5a5a;

	CHECK(random_state_take(&state, &word, sizeof(word)) == ERR_AGAIN);
	CHECK(word == 0x5a5a5a5a5a5a5a5a);
	random_state_add(&state, "stuck", 5, 0); /* what a sick source is worth */
	random_state_add(&state, "nonce", 5, RANDOM_SEED_BITS - 1);
	CHECK(random_state_take(&state, &word, sizeof(word)) == ERR_AGAIN);
	random_state_add(&state, "x", 1, 1);
	CHECK(random_state_take(&state, &word, sizeof(word)) == OK);
	CHECK(word != 0x5a5a5a5a5a5a5a5a);
	CHECK(random_seeded()); /* this boot's generator, which the canaries were drawn from */
	return true;
}

SELFTEST(M13, 8, state_is_erased, .needs = M2)
{
	struct random_state state = {.lock = SPINLOCK_INIT(LOCK_RANDOM)};
	struct random_state twin;
	uint8_t before[CHACHA20_KEY_BYTES], first[96], again[96];

	random_state_add(&state, "seed", 4, RANDOM_SEED_BITS);
	memcpy(before, state.key, sizeof(before));
	CHECK(random_state_take(&state, first, sizeof(first)) == OK);
	CHECK(memcmp(before, state.key, sizeof(before)) != 0);
	/* The key that is kept was never given out, and makes something new. */
	for (unsigned i = 0; i + sizeof(before) <= sizeof(first); i++)
		CHECK(memcmp(first + i, state.key, sizeof(before)) != 0);
	CHECK(random_state_take(&state, again, sizeof(again)) == OK);
	CHECK(memcmp(first, again, sizeof(first)) != 0);
	/* Two states part ways as soon as their inputs differ in one bit. */
	twin = state;
	random_state_add(&twin, "\1", 1, 0);
	random_state_add(&state, "\0", 1, 0);
	CHECK(random_state_take(&state, first, sizeof(first)) == OK);
	CHECK(random_state_take(&twin, again, sizeof(again)) == OK);
	CHECK(memcmp(first, again, sizeof(first)) != 0);
	return true;
}

static bool has_word(const void *at, size_t len, uint64_t word)
{
	const uint8_t *bytes = at;

	for (size_t i = 0; i + sizeof(word) <= len; i++)
		if (memcmp(bytes + i, &word, sizeof(word)) == 0)
			return true;
	return false;
}

SELFTEST(M13, 8, words_are_wiped_where_taken, .needs = M2)
{
	static struct random_batch batch, twin;
	uint64_t word, other;

	random_batch_mix(&batch, "seed", 4);
	for (unsigned i = 0; i < 3 * RANDOM_SPARE_BYTES / sizeof(word); i++) {
		random_batch_draw(&batch, &word, sizeof(word));
		CHECK(word != 0 && !has_word(&batch, sizeof(batch), word));
	}
	random_batch_draw(&batch, &word, 1); /* more is at hand now */
	twin = batch;
	random_batch_draw(&batch, &word, sizeof(word));
	random_batch_draw(&twin, &other, sizeof(other));
	CHECK(word == other);
	/* What is added is in the next word already. */
	random_batch_mix(&twin, "more", 4);
	random_batch_draw(&batch, &word, sizeof(word));
	CHECK(!has_word(&twin, sizeof(twin), word));
	random_batch_draw(&twin, &other, sizeof(other));
	CHECK(other != 0 && word != other);
	return true;
}

SELFTEST(M13, 8, outputs_never_repeat, .needs = M2)
{
	uint64_t last = random_u64();
	unsigned ones = 0;

	for (unsigned i = 0; i < 64; i++) {
		uint64_t word = random_u64();

		CHECK(word != last);
		CHECK(random_below(10) < 10);
		last = word;
		for (; word; word &= word - 1)
			ones++;
	}
	/* 4096 fair bits: six deviations around 2048. */
	CHECK(ones > 2048 - 192 && ones < 2048 + 192);
	return true;
}

static uint64_t offered;

static void count_offer(const void *data, size_t len, unsigned bits)
{
	(void)data;
	(void)bits;
	offered += len;
}

SELFTEST(M13, 8, sources_are_mixed_in_again, .needs = M2)
{
	uint64_t word, before, after, due = random_reseed_due(&before);

	CHECK(random_bytes_at(&word, sizeof(word), due - 1) == OK);
	CHECK(random_reseed_due(&after) == due && after == before);
	CHECK(random_bytes_at(&word, sizeof(word), due) == OK);
	CHECK(random_reseed_due(&after) == due + RANDOM_RESEED_NS && after > before);
	random_collect_again(count_offer);
	CHECK(offered > 0);
	return true;
}

#define SCAN_BYTES 2048

/* Whether a word of @key stands in the dead part of the stack, below this function's caller. */
static __noinline bool stack_holds(const volatile uint64_t *key)
{
	uint64_t top = (uint64_t)__builtin_frame_address(0) - 16;

	for (uint64_t at = top - SCAN_BYTES; at < top; at += 8)
		for (unsigned i = 0; i < CHACHA20_KEY_BYTES / 8; i++)
			if (*(volatile uint64_t *)at == key[i])
				return true;
	return false;
}

/* Leaves @key on the stack, where a scan must find it. */
static __noinline void spill(const uint64_t *key)
{
	volatile uint64_t copy[112];

	for (unsigned i = 0; i < ARRAY_SIZE(copy); i++)
		copy[i] = key[i % (CHACHA20_KEY_BYTES / 8)];
}

static struct random_state scanned = {.lock = SPINLOCK_INIT(LOCK_RANDOM)};
static uint64_t old_key[CHACHA20_KEY_BYTES / 8];
static uint64_t new_key[CHACHA20_KEY_BYTES / 8];
static uint8_t scanned_out[32];

SELFTEST(M13, 10, no_key_left_on_the_stack, .needs = M2)
{
	uint64_t flags = irq_save();

	random_state_add(&scanned, "seed", 4, RANDOM_SEED_BITS);
	memcpy(old_key, scanned.key, sizeof(old_key));
	enum err err = random_state_take(&scanned, scanned_out, sizeof(scanned_out));
	bool old_left = stack_holds(old_key);
	memcpy(new_key, scanned.key, sizeof(new_key));
	bool new_left = stack_holds(new_key);

	spill(old_key);
	bool scan_works = stack_holds(old_key);

	irq_restore(flags);
	CHECK(err == OK && scan_works);
	CHECK(!old_left && !new_left);
	return true;
}
