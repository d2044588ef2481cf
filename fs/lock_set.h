/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Who has which ranges of a file locked: a tree of all ranges for "who is in my way", and one for
 * each owner for "what do I have there". Finding either is O(log n); what is walked over beyond
 * that is replaced by the same call.
 *
 * Context: any; the caller's lock guards the set. Ranges are [start, end).
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"
#include "kernel/lib/types.h"

#define LOCK_END_OF_FILE (1ull << 63) /* the end of a range without end */

struct lock_set {
	struct rb_tree ranges; /* by start; augmented */
	struct rb_tree owners; /* by key */
};

/* One owner's locks in one set. */
struct lock_owner {
	struct rb_node node;
	struct lock_set *set;
	const void *key;
	uint32_t pid;          /* shown by F_GETLK */
	struct list_node link; /* of whoever must find it again: guarded by the caller's lock */
	struct rb_tree ranges; /* disjoint, by start */
};

struct lock_range {
	struct rb_node by_start, by_owner;
	struct lock_owner *owner;
	uint64_t start, end;
	uint64_t last_end, last_write_end; /* of the subtree: all ranges, write locks; 0: none */
	bool write;
	struct list_node waiters; /* to be told when it shrinks or goes */
};

struct lock_span {
	uint64_t start, end;
	bool write;
};

void lock_set_init(struct lock_set *set);

static inline bool lock_set_is_empty(const struct lock_set *set)
{
	return !set->owners.root;
}

/** The owner with this key, or NULL. */
struct lock_owner *lock_owner_find(const struct lock_set *set, const void *key);
/** Add an owner whose key, pid and link are set. */
void lock_owner_add(struct lock_set *set, struct lock_owner *owner);
/** Take an owner without ranges out. */
void lock_owner_remove(struct lock_owner *owner);

/** One of the owner's ranges; it has some. */
static inline struct lock_range *lock_owner_range(const struct lock_owner *owner)
{
	return container_of(owner->ranges.root, struct lock_range, by_owner);
}

/** The first range of another owner that @span cannot be had beside, or NULL. */
struct lock_range *lock_set_conflict(const struct lock_set *set, const void *key,
				     const struct lock_span *span);

/** Whether freeing @span makes two ranges of one. */
bool lock_owner_splits(const struct lock_owner *owner, const struct lock_span *span);

/**
 * Make [start, end) of the owner's what @span says, or free it (@lock false). @spare: two ranges
 * to use; those used are set to NULL. Ranges that shrink or go are handed to @changed, which wakes
 * who waits for them; those that go are on *@gone afterwards, linked by waiters, for the caller to
 * free.
 */
void lock_set_change(struct lock_owner *owner, const struct lock_span *span, bool lock,
		     struct lock_range *spare[2], void (*changed)(struct lock_range *range),
		     struct list_node *gone);
