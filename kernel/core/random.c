/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/random.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/limits.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"
#include "kernel/core/random_internal.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"

/* What all sources are mixed into, and how often; CPUs take keys from it, nothing else. */
static struct random_state random_state = {.lock = SPINLOCK_INIT(LOCK_RANDOM)};
static uint64_t mixes __aligned(64);
static uint64_t reseed_at = RANDOM_RESEED_NS;

/* Each CPU's own generator, used with interrupts off: draws touch nothing shared until more has
 * been mixed in. */
static struct random_cpu {
	uint64_t mixes; /* what its key has seen; 0: nothing yet */
	struct random_batch batch;
} __aligned(64) of_cpu[LIMIT_CPUS];

void random_state_mix(struct random_state *state, const void *data, size_t len)
{
	const uint8_t *byte = data;
	uint8_t block[CHACHA20_BLOCK_BYTES];
	const uint8_t nonce[CHACHA20_NONCE_BYTES] = {0};
	struct chacha20 cipher;

	/* Each 32 bytes are XORed into the key and the key is replaced by its own key stream: a
	 * one-way step, so that what is added can neither be taken out nor cancel what was there.
	 */
	do {
		size_t now = MIN(len, (size_t)CHACHA20_KEY_BYTES);

		for (size_t i = 0; i < now; i++)
			state->key[i] ^= byte[i];
		chacha20_init(&cipher, state->key, nonce, 0);
		chacha20_block(&cipher, block);
		memcpy(state->key, block, sizeof(state->key));
		byte += now;
		len -= now;
	} while (len);
	memzero_secret(block, sizeof(block));
	memzero_secret(&cipher, sizeof(cipher));
}

void random_state_fill(struct random_state *state, void *to, size_t len)
{
	uint8_t block[CHACHA20_BLOCK_BYTES];
	const uint8_t nonce[CHACHA20_NONCE_BYTES] = {0};
	struct chacha20 cipher;
	uint8_t *out = to;
	size_t spare = CHACHA20_BLOCK_BYTES - CHACHA20_KEY_BYTES;
	size_t now = MIN(len, spare);

	/* The first half block is the next key: from here on the old one is gone (key erasure). */
	chacha20_init(&cipher, state->key, nonce, 0);
	chacha20_block(&cipher, block);
	memcpy(state->key, block, CHACHA20_KEY_BYTES);
	memcpy(out, block + CHACHA20_KEY_BYTES, now);
	for (out += now, len -= now; len; out += now, len -= now) {
		now = MIN(len, (size_t)CHACHA20_BLOCK_BYTES);
		chacha20_block(&cipher, block);
		memcpy(out, block, now);
	}
	memzero_secret(block, sizeof(block));
	memzero_secret(&cipher, sizeof(cipher));
}

void random_batch_mix(struct random_batch *batch, const void *data, size_t len)
{
	random_state_mix(&batch->state, data, len);
	memzero_secret(batch->spare, sizeof(batch->spare));
	batch->left = 0;
}

void random_batch_draw(struct random_batch *batch, void *to, size_t len)
{
	uint8_t *from;

	if (len > sizeof(batch->spare) / 3) {
		random_state_fill(&batch->state, to, len);
		return;
	}
	if (batch->left < len) {
		random_state_fill(&batch->state, batch->spare, sizeof(batch->spare));
		batch->left = sizeof(batch->spare);
	}
	batch->left -= (uint32_t)len;
	from = batch->spare + batch->left;
	memcpy(to, from, len);
	memzero_secret(from, len);
}

bool random_state_seeded(const struct random_state *state)
{
	return READ_ONCE(state->credit) >= RANDOM_SEED_BITS;
}

enum err random_state_take(struct random_state *state, void *to, size_t len)
{
	uint64_t flags;

	if (!random_state_seeded(state))
		return ERR_AGAIN;
	flags = spin_lock_irqsave(&state->lock);
	random_state_fill(state, to, len);
	spin_unlock_irqrestore(&state->lock, flags);
	return OK;
}

void random_state_add(struct random_state *state, const void *data, size_t len, unsigned bits)
{
	uint64_t flags = spin_lock_irqsave(&state->lock);

	random_state_mix(state, data, len);
	state->credit = MIN(state->credit + MIN(bits, 4096u), 4096u);
	spin_unlock_irqrestore(&state->lock, flags);
}

void random_add(const void *data, size_t len, unsigned bits)
{
	random_state_add(&random_state, data, len, bits);
	__atomic_fetch_add(&mixes, 1, __ATOMIC_RELEASE);
}

/* Interrupts off. */
static __noinline void take_key(struct random_cpu *cpu)
{
	uint8_t key[CHACHA20_KEY_BYTES];

	cpu->mixes = __atomic_load_n(&mixes, __ATOMIC_ACQUIRE);
	spin_lock(&random_state.lock);
	random_state_fill(&random_state, key, sizeof(key));
	spin_unlock(&random_state.lock);
	random_batch_mix(&cpu->batch, key, sizeof(key));
	memzero_secret(key, sizeof(key));
}

bool random_seeded(void)
{
	return random_state_seeded(&random_state);
}

/*
 * Who meets a state that nothing was mixed into for long mixes in anew. One CPU does; the others go
 * on meanwhile.
 */
static __noinline void reseed(uint64_t now_ns)
{
	uint64_t due = READ_ONCE(reseed_at);

	if (now_ns >= due &&
	    __atomic_compare_exchange_n(&reseed_at, &due, now_ns + RANDOM_RESEED_NS, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		random_collect_again(random_add);
}

uint64_t random_reseed_due(uint64_t *additions)
{
	*additions = READ_ONCE(mixes);
	return READ_ONCE(reseed_at);
}

enum err random_bytes_at(void *to, size_t len, uint64_t now_ns)
{
	struct random_cpu *cpu;
	uint64_t flags;

	if (!random_seeded())
		return ERR_AGAIN;
	flags = irq_save();
	cpu = &of_cpu[cpu_id()];
	if (unlikely(now_ns >= READ_ONCE(reseed_at)))
		reseed(now_ns);
	if (unlikely(cpu->mixes != READ_ONCE(mixes)))
		take_key(cpu);
	random_batch_draw(&cpu->batch, to, len);
	irq_restore(flags);
	return OK;
}

enum err random_bytes_try(void *to, size_t len)
{
	return random_bytes_at(to, len, time_now_ns());
}

void random_bytes(void *to, size_t len)
{
	enum err err = random_bytes_try(to, len);

	ASSERT(err == OK);
}

uint64_t random_u64(void)
{
	uint64_t value;

	random_bytes(&value, sizeof(value));
	return value;
}

uint64_t random_below(uint64_t bound)
{
	uint64_t unfair;
	uint64_t value;

	ASSERT(bound);
	unfair = (0 - bound) % bound; /* 2^64 mod bound values too many */
	do {
		value = random_u64();
	} while (value < unfair);
	return value % bound;
}

void random_init(void)
{
	random_collect(random_add);
	if (!random_seeded())
		random_collect_ports(random_add);
	/* No canary, no layout and no key may come from a state that somebody could guess. */
	if (!random_seeded())
		panic("no healthy entropy source: %u of %u bits (RDRAND, firmware, fw_cfg nonce or "
		      "a clock that varies is needed)",
		      random_state.credit, RANDOM_SEED_BITS);
	log_info("random", "seeded with %u bits", random_state.credit);
}
