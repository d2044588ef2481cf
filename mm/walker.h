/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The page-table walker: reads a root as the CPU does (rights ANDed over all levels) and calls a
 * visitor for every leaf. Used by the selftests after each milestone and after exec; it shares
 * no code with mm/table.c, so that one can judge the other.
 */
#include "mm/addr.h"

struct root;

struct walk_leaf {
	uint64_t va;    /* canonical address of the leaf's first byte */
	uint64_t pa;    /* physical address */
	uint64_t size;  /* 4 KiB, 2 MiB or 1 GiB */
	uint64_t entry; /* the leaf entry as it stands */
	bool write;     /* effective rights over all levels */
	bool user;
	bool execute;
};

/* Return false to stop the walk. */
typedef bool walk_visit(const struct walk_leaf *leaf, void *arg);

/** Visit every present leaf of [start, end) in order; true when no visitor stopped it. */
bool walk_root(const struct root *root, uint64_t start, uint64_t end, walk_visit *visit, void *arg);
/** The effective leaf of one address; false when nothing is mapped there. */
bool walk_address(const struct root *root, uint64_t va, struct walk_leaf *leaf);

/** What walk_check() found first. */
struct walk_violation {
	const char *rule; /* "W and X", "supervisor leaf in the user half", … */
	struct walk_leaf leaf;
};

/**
 * Judge one root by the rules of P-M1-05, 09, 10 and P-M4-11: no W and X, nothing in the first
 * 64 KiB, no user leaf over a table frame, kernel entries without U, Global only there, no
 * reserved bit, no supervisor leaf in the user half.
 *
 * Return: true when all holds; else *@found says what does not.
 */
bool walk_check(const struct root *root, struct walk_violation *found);

/** A hash over all present entries of the user half (state digest). */
uint64_t walk_hash(const struct root *root);
