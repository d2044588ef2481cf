/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** The few files of /sys that C libraries read, as plain files. Context: boot, behind the root. */
void sys_populate(unsigned cpus);
