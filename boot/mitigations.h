/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/* Reads mitigations=, pti=, spectre_v2=, mds= and spec_store_bypass_disable= and has the CPU's
 * defects treated accordingly. Context: boot, once, before M1. */
void mitigations_begin(const char *cmdline);
