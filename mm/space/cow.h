/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include "mm/space/fault.h"
#include "mm/space/space_internal.h"

/**
 * Make the present, read-only leaf at @addr writable: as it is where nobody else has the frame
 * or the area is shared, else with a copy of its own.
 *
 * Context: the space locked for reading; @area allows writing.
 */
enum fault_result cow_break(struct space *space, const struct area *area, pte_t *leaf,
			    uint64_t addr);
