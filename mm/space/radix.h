/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Pages by index: a tree with 64 slots a node, as high as the largest index needs. An object of
 * one page has no node at all.
 *
 * Context: the owner's lock is held for changes; nothing sleeps.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

struct frame;

struct radix {
	void *root;      /* height 0: the frame of index 0 */
	uint32_t height; /* levels of nodes */
};

/** The frame at @index, or NULL. */
struct frame *radix_find(const struct radix *tree, uint64_t index);
/** The frames from @index on, NULL for empty ones. */
void radix_find_run(const struct radix *tree, uint64_t index, struct frame **frames,
		    uint64_t count);
/** Put a frame at an empty index; ERR_NOMEM changes nothing that can be seen. */
enum err radix_insert(struct radix *tree, uint64_t index, struct frame *frame);
/** Take the first frame with an index >= @from out: it, and its index; NULL: none is left. */
struct frame *radix_take_next(struct radix *tree, uint64_t from, uint64_t *index);
/** The first index >= @from that is in use; false: none. */
bool radix_next(const struct radix *tree, uint64_t from, uint64_t *index);
