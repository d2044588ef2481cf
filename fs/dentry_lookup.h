/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Inside fs/: looking a name up in the name cache, inline for the walk. A name is hashed and
 * compared by words: its whole words from @name to @tail_at, then its last bytes by value, as
 * word_load_rest() gives them.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/hash.h"

#include "fs/dentry.h"

struct dentry_table {
	struct dentry **buckets;
	uint64_t mask;
	uint64_t secret[2]; /* where a hash starts, and what goes into every word */
};
extern struct dentry_table dentry_table;

static inline uint64_t dentry_hash(const struct dentry *parent, const char *name,
				   const char *tail_at, uint64_t tail)
{
	uint64_t secret = dentry_table.secret[1];
	uint64_t hash = dentry_table.secret[0] ^ (uint64_t)(uintptr_t)parent;

	for (; name != tail_at; name += 8)
		hash = hash_word(secret, hash, word_load(name));
	return hash_word(secret, hash, tail);
}

/*
 * No name has a zero in it, and a dentry's has zeroes behind it up to a whole word: where all
 * words are equal the names are, and no word behind the dentry's last is read. That holds, too,
 * while another CPU renames it; what is found then is not used, as the walk starts again.
 */
static inline bool dentry_is_named(const struct dentry *dentry, const char *name,
				   const char *tail_at, uint64_t tail)
{
	const char *own = READ_ONCE(dentry->name);

	for (; name != tail_at; name += 8, own += 8)
		if (word_load(own) != word_load(name))
			return false;
	return word_load(own) == tail;
}

/** dentry_find(), with what is known of the name. */
static inline struct dentry *dentry_lookup(const struct dentry *parent, const char *name,
					   const char *tail_at, uint64_t tail)
{
	uint64_t hash = dentry_hash(parent, name, tail_at, tail);
	struct dentry *dentry =
		__atomic_load_n(&dentry_table.buckets[hash & dentry_table.mask], __ATOMIC_ACQUIRE);

	for (; dentry; dentry = READ_ONCE(dentry->next)) {
		if (dentry->hash == hash && dentry->parent == parent &&
		    dentry_is_named(dentry, name, tail_at, tail))
			return dentry;
	}
	return NULL;
}
