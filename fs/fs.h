/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Bringing the file systems up, and what the first process starts from. */
#include "fs/context.h"

/**
 * Name cache, root tmpfs, /dev and /proc with what is registered so far.
 * Context: boot, once, after drivers registered their character devices. Panics if memory is short.
 */
void fs_init(void);

/** The context of the first process: root and working directory "/"; NULL without memory. */
struct fs_context *fs_context_initial(void);

/** Unpack a (concatenated) newc cpio archive over the root file system; logs what it refuses. */
enum err initramfs_unpack(const void *archive, size_t size);
