/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
struct root;

/*
 * mm. The last reference to a root is gone and no CR3 holds it. Context: possibly inside the
 * context switch, interrupts off: must not sleep; long work is queued.
 */
void root_release(struct root *root);
