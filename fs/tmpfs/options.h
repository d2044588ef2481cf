/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* mount(2)'s options of a tmpfs. */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

struct tmpfs_options {
	uint64_t page_limit, inode_limit; /* UINT64_MAX: none */
	uint32_t mode, uid, gid;          /* of the root directory */
};

/**
 * Read "size=8m,nr_inodes=1k,mode=700,…" over what stands in *@options; sizes in bytes, with k, m,
 * g, t behind, or in per cent of the memory's @page_count. Pure.
 *
 * Return: ERR_INVAL for an unknown word or a bad value.
 */
enum err tmpfs_parse_options(const char *text, uint64_t page_count, struct tmpfs_options *options);
