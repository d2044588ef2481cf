/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Page tables of a root. Entries 256 to 511 of the top level are filled once by mm_init() and
 * shared by all roots; user leaves are 4 KiB, kernel leaves may be 2 MiB and 1 GiB.
 *
 * Leaves are changed under the owner's lock (the space's for writing, or for reading together with
 * its leaf lock; the kernel table lock inside table_map_kernel()). A table without entries is
 * freed at once.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"

#include "mm/addr.h"

struct frame;
struct root;

typedef uint64_t pte_t;

/** A root of one reference with the kernel half filled in and an empty user half, or NULL.
 *  root_put() gives it back; its user half must be empty again by then. */
struct root *table_root_create(void) __must_check;

/**
 * The 4 KiB leaf entry for a user address, its tables made where they are missing. Several threads
 * may do so at a time; tables are taken away only by who holds the owner's lock for writing.
 *
 * Return: the entry, or NULL when no frame is left. What was made without an entry being set in
 *         it is given back by table_trim(), in both cases.
 */
pte_t *table_leaf_create(struct root *root, uint64_t address);
/** The leaf entry, or NULL when there is no table for it. */
pte_t *table_leaf_find(const struct root *root, uint64_t address);

/**
 * Walk a range table by table: where the lowest table that holds @address ends, in *@end.
 *
 * Return: the entry of @address in it (entries go on up to *@end), or NULL when nothing is
 *         mapped from @address up to *@end.
 */
pte_t *table_chunk(const struct root *root, uint64_t address, uint64_t *end);

/** Fill an empty user leaf: asserts U set, no W and X at once, a frame that is not a table. */
void table_leaf_set(pte_t *leaf, pte_t value);
/** Change rights or frame of a present user leaf; the same asserts. The caller flushes. */
void table_leaf_change(pte_t *leaf, pte_t value);
/** Another frame for a present leaf: the old one's translations are gone from every CPU before any
 *  CPU can use the new one. */
void table_leaf_replace(struct root *root, uint64_t address, pte_t *leaf, pte_t value);
/** @count leaves in the table of @leaf were set to 0 by the caller, or set to something. */
void table_leaves_cleared(pte_t *leaf, uint32_t count);
void table_leaves_added(pte_t *leaf, uint32_t count);
/** Free the table that holds @address, and those above it, as far as they have no entries. */
void table_trim(struct root *root, uint64_t address);

/* Tables between the top one and a leaf. */
#define TABLES_PER_LEAF 3u

/**
 * The first half of table_trim(): take the tables out, into @empty (TABLES_PER_LEAF at most). The
 * caller flushes any address of the root, then gives them to table_frame_free().
 *
 * Return: how many there are.
 */
unsigned table_unlink(struct root *root, uint64_t address, struct frame **empty);
/** Takes an empty table (all entries zero) back that no CPU can see any more. */
void table_frame_free(struct frame *frame);

/** Give the tables that CPUs keep for reuse back to the frame allocator (exact tests). */
void table_drain(void);

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
/** Give the 4 KiB kernel leaves of a mapped range other rights, and flush. */
void table_protect_kernel(uint64_t va, uint64_t len, pte_t rights);
/** Frames that have become tables of the kernel half since boot: as its regions grow, for ever. */
uint64_t table_kernel_count(void);
/** The same for frames that stay behind other pages of the kernel half for ever. */
void table_kernel_grown(uint64_t frames);
/** The physical address behind a mapped kernel address, or ERR_FAULT. */
enum err table_kernel_phys(uint64_t va, phys_addr_t *pa);
