/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/**
 * The few files of /sys that there are: which CPUs take part, as C libraries ask, and cpuN/online,
 * by which root takes one out and brings it back. Context: boot, behind the root; all CPUs run.
 */
void sys_populate(void);
