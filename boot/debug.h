/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** DEBUG builds: set the detectors going as the command line says. Context: boot. */
void debug_begin(const char *cmdline);
