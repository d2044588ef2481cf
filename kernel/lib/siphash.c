/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/siphash.h"

#include "kernel/lib/string.h"

static inline uint64_t rotate_left(uint64_t x, unsigned bits)
{
	return (x << bits) | (x >> (64 - bits));
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate_left(v[1], 13) ^ v[0];
	v[0] = rotate_left(v[0], 32);
	v[2] += v[3];
	v[3] = rotate_left(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate_left(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate_left(v[1], 17) ^ v[2];
	v[2] = rotate_left(v[2], 32);
}

static inline void mix_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

static inline uint64_t load_le64(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

void siphash_init(struct siphash *s, const uint8_t key[SIPHASH_KEY_BYTES])
{
	uint64_t k0 = load_le64(key);
	uint64_t k1 = load_le64(key + 8);

	s->v[0] = k0 ^ 0x736f6d6570736575;
	s->v[1] = k1 ^ 0x646f72616e646f6d;
	s->v[2] = k0 ^ 0x6c7967656e657261;
	s->v[3] = k1 ^ 0x7465646279746573;
	s->tail = 0;
	s->length = 0;
}

static void add_byte(struct siphash *s, uint8_t byte)
{
	s->tail |= (uint64_t)byte << (8 * (s->length & 7));
	s->length++;
	if ((s->length & 7) == 0) {
		mix_word(s->v, s->tail);
		s->tail = 0;
	}
}

void siphash_update(struct siphash *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0 && (s->length & 7) != 0) {
		add_byte(s, *p++);
		len--;
	}
	while (len >= 8) {
		mix_word(s->v, load_le64(p));
		s->length += 8;
		p += 8;
		len -= 8;
	}
	while (len > 0) {
		add_byte(s, *p++);
		len--;
	}
}

uint64_t siphash_final(const struct siphash *s)
{
	uint64_t v[4] = {s->v[0], s->v[1], s->v[2], s->v[3]};

	mix_word(v, s->tail | s->length << 56);
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t siphash(const uint8_t key[SIPHASH_KEY_BYTES], const void *data, size_t len)
{
	struct siphash s;

	siphash_init(&s, key);
	siphash_update(&s, data, len);
	return siphash_final(&s);
}
