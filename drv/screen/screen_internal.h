/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* For the selftests of the screen. */
#include "kernel/lib/errors.h"

#include "drv/screen/cell.h"

#define SCREEN_GRIDS 3u /* main, alternate, what is painted */

/** Memory for each grid; all or none. Return: OK or ERR_NOMEM. */
enum err screen_alloc_grids(size_t bytes, struct cell *grids[SCREEN_GRIDS]);
void screen_free_grids(struct cell *grids[SCREEN_GRIDS]);
