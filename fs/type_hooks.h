/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* File systems stand in folders above fs/: each of these is defined there once. */
#include "fs/fs_type.h"
#include "fs/inode.h"

/** An empty tmpfs for @page_limit pages (0: half of the memory) and as many files. */
enum err tmpfs_create(uint64_t page_limit, struct superblock **out);

/** The one /proc. */
enum err procfs_create(struct superblock **out);

/** The one /dev/pts. */
enum err devpts_create(struct superblock **out);

extern struct fs_type tmpfs_type, procfs_type, devpts_type;
