/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/chacha20.h"
#include "kernel/lib/hash.h"
#include "kernel/lib/rbtree.h"
#include "kernel/lib/siphash.h"
#include "kernel/lib/word.h"

#include "tests/unit/check.h"

/* The reference's own vectors: key 00..0f, message 00, 00 01, … */
static void test_siphash(void)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} vector[] = {
		{0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {8, 0x93f5f5799a932462},
		{15, 0xa129ca6149be45e5}, {63, 0x958a324ceb064572},
	};
	uint8_t key[16];
	uint8_t message[64];

	for (unsigned i = 0; i < 64; i++)
		message[i] = (uint8_t)i;
	memcpy(key, message, sizeof(key));
	for (unsigned i = 0; i < sizeof(vector) / sizeof(vector[0]); i++)
		CHECK(siphash(key, message, vector[i].len) == vector[i].hash);
	/* Cut anywhere, and asked half-way: the same. */
	for (size_t cut = 0; cut <= 63; cut++) {
		struct siphash s;

		siphash_init(&s, key);
		siphash_update(&s, message, cut);
		CHECK(siphash_final(&s) == siphash(key, message, cut));
		siphash_update(&s, message + cut, 63 - cut);
		CHECK(siphash_final(&s) == 0x958a324ceb064572);
	}
}

/* RFC 8439, 2.3.2. */
static void test_chacha20(void)
{
	static const uint8_t nonce[12] = {0, 0, 0, 9, 0, 0, 0, 0x4a};
	static const uint8_t first[64] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
		0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
		0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
		0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
		0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e};
	static const uint8_t nonce_2[12] = {0, 0, 0, 0, 0, 0, 0, 0x4a};
	struct chacha20 state;
	uint8_t key[32];
	uint8_t out[64];

	for (unsigned i = 0; i < 32; i++)
		key[i] = (uint8_t)i;
	chacha20_init(&state, key, nonce, 1);
	chacha20_block(&state, out);
	CHECK(memcmp(out, first, 64) == 0);
	CHECK_EQ(state.word[12], 2);
	/* The counter's step equals a fresh start at that counter. */
	for (uint32_t counter = 1; counter < 5; counter++) {
		struct chacha20 stepped;
		uint8_t a[64];
		uint8_t b[64];

		chacha20_init(&stepped, key, nonce_2, 1);
		for (uint32_t i = 1; i <= counter; i++)
			chacha20_block(&stepped, a);
		chacha20_init(&state, key, nonce_2, counter);
		chacha20_block(&state, b);
		CHECK(memcmp(a, b, 64) == 0);
	}
}

__noinline static uint64_t rest_of(const char *text, size_t len)
{
	char *copy = check_copy(text, len);
	uint64_t rest = word_load_rest(copy, len);

	free(copy);
	return rest;
}

/* What each function says by the plain rule; exact heap copies. */
static void test_words(void)
{
	uint64_t seed = 4;

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t bytes[8] = {0};
		size_t len = check_random(&seed) % 8;
		size_t zero = 0;
		uint64_t marks;

		for (size_t i = 0; i < 8; i++)
			bytes[i] =
				(uint8_t)(check_random(&seed) % 3 ? 0x7f + check_random(&seed) % 4
								  : check_random(&seed) % 2);
		CHECK_EQ(rest_of((const char *)bytes, len),
			 len ? word_load(bytes) << (64 - 8 * len) >> (64 - 8 * len) : 0);
		while (zero < 8 && bytes[zero])
			zero++;
		marks = word_zero_bytes(word_load(bytes));
		CHECK_EQ(marks != 0, zero < 8);
		if (!marks)
			continue;
		CHECK_EQ(word_bytes_before(marks), zero);
		CHECK_EQ(word_cut(word_load(bytes) | WORD_OF(1), marks),
			 zero ? (word_load(bytes) | WORD_OF(1)) << (64 - 8 * zero) >>
					 (64 - 8 * zero)
			      : 0);
	}
}

static void test_hashes(void)
{
	const char *text = "component";

	for (size_t len = 0; len <= 9; len++) {
		char *copy = check_copy(text, len);

		CHECK(hash_name(1, copy, len) == hash_name(1, text, len));
		CHECK(hash_name(1, copy, len) != hash_name(2, text, len));
		CHECK(len == 0 || hash_name(1, copy, len) != hash_name(1, text, len - 1));
		free(copy);
	}
	CHECK(hash_name(5, "a\0", 1) != hash_name(5, "a\0", 2));
	CHECK(hash_u64(1) != hash_u64(2));
	/* A word that wipes out what came before does so under one secret only. */
	CHECK(hash_word(7, 5, 7) == hash_word(7, 6, 7));
	CHECK(hash_word(8, 5, 7) != hash_word(8, 6, 7));
}

struct item {
	struct rb_node node;
	unsigned key;
	unsigned sum; /* of the subtree */
};

static struct item *item_of(struct rb_node *node)
{
	return (struct item *)node;
}

static void update_sum(struct rb_node *node)
{
	struct item *item = item_of(node);

	item->sum = item->key;
	for (int side = 0; side < 2; side++)
		item->sum += node->child[side] ? item_of(node->child[side])->sum : 0;
}

static void insert(struct rb_tree *tree, struct item *item)
{
	struct rb_node *parent = NULL;
	struct rb_node *node = tree->root;
	unsigned side = 0;

	while (node != NULL) {
		parent = node;
		side = item->key > item_of(node)->key;
		node = node->child[side];
	}
	rb_insert(tree, &item->node, parent, side);
}

/* Insert and erase in random order: always sorted, both ways, with the right sums. */
static void test_rbtree(bool with_sums)
{
	static struct item item[300];
	static bool in[300];
	struct rb_tree tree = {.update = with_sums ? update_sum : NULL};
	uint64_t seed = 99;

	memset(in, 0, sizeof(in));
	for (unsigned step = 0; step < 20000; step++) {
		unsigned key = (unsigned)(check_random(&seed) >> 33) % 300;
		unsigned sum = 0;
		unsigned next = 0;

		item[key].key = key;
		if (in[key])
			rb_erase(&tree, &item[key].node);
		else
			insert(&tree, &item[key]);
		in[key] = !in[key];
		if (step % 64 != 0)
			continue;
		for (struct rb_node *node = rb_first(&tree); node != NULL; node = rb_next(node)) {
			while (!in[next])
				next++;
			CHECK_EQ(item_of(node)->key, next);
			CHECK(rb_next(node) == NULL ? rb_last(&tree) == node
						    : rb_prev(rb_next(node)) == node);
			sum += next++;
		}
		while (next < 300)
			CHECK(!in[next++]);
		CHECK(!with_sums || tree.root == NULL || item_of(tree.root)->sum == sum);
	}
}

int main(void)
{
	test_siphash();
	test_chacha20();
	test_words();
	test_hashes();
	test_rbtree(false);
	test_rbtree(true);
	return check_done("lib");
}
