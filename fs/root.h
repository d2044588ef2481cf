/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The kernel's own view of the tree: root's rights, no umask. */
#include "fs/walk.h"

/** The root of everything; no reference. */
const struct path *fs_root_path(void);

/** @name as root sees it from "/". */
struct path_at fs_root_at(const char *name);
