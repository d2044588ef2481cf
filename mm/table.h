/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Page tables of a root. Entries 256 to 511 of the top level are filled once by mm_init() and
 * shared by all roots; user leaves are 4 KiB, kernel leaves may be 2 MiB and 1 GiB.
 *
 * Leaves are changed under the owner's lock (the space's, or the kernel table lock inside
 * table_map_kernel()). A table without entries is freed at once.
 */
#include "kernel/lib/errors.h"
#include "mm/addr.h"

struct root;

typedef uint64_t pte_t;

/** A new root with the kernel half filled in and an empty user half; ERR_NOMEM. */
enum err table_root_init(struct root *root);
/** Free the top-level table; the user half must be empty. */
void table_root_destroy(struct root *root);

/**
 * The 4 KiB leaf entry for a user address, its tables made where they are missing.
 *
 * Return: the entry, or NULL when no frame is left. A table made here without an entry being
 *         set is given back by table_trim().
 */
pte_t *table_leaf_create(struct root *root, uint64_t address);
/** The leaf entry, or NULL when there is no table for it. */
pte_t *table_leaf_find(const struct root *root, uint64_t address);
/** Fill an empty user leaf: asserts U set, no W and X at once, a frame that is not a table. */
void table_leaf_set(pte_t *leaf, pte_t value);
/** Change rights or frame of a present user leaf. The caller flushes. */
void table_leaf_change(pte_t *leaf, pte_t value);
/** Empty a present leaf and return what it held. The caller flushes and puts the frame. */
pte_t table_leaf_clear(pte_t *leaf);
/** Free the tables that hold no entry in [start, end). */
void table_trim(struct root *root, uint64_t start, uint64_t end);

/**
 * Map [@va, @va + @len) of the kernel half to [@pa, …) with @rights (PTE_W, PTE_NX, cache
 * bits, PTE_G…); large pages where alignment allows when @large.
 *
 * Return: OK, ERR_NOMEM (nothing mapped), ERR_INVAL (unaligned, user half, W and X at once),
 *         ERR_EXIST (something mapped there).
 */
enum err table_map_kernel(uint64_t va, phys_addr_t pa, uint64_t len, pte_t rights, bool large);
/** Take kernel leaves away and flush; the frames stay the caller's. */
void table_unmap_kernel(uint64_t va, uint64_t len);
