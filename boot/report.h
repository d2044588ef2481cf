/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The first marker lines: version, build id and the nonce of this start. */

/*
 * Asks fw_cfg for the harness's nonce, starts the markers and writes their first two lines.
 * cmdline: marker=com1 sends them to COM1 too.
 */
void report_begin(const char *cmdline);
