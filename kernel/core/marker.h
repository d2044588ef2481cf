/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The markers: what the harness reads. KTAP lines on debugcon (port 0xE9), written by this module
 * only. A boot under the harness is sealed: SipHash-2-4 of every byte from the version line to the
 * newline before the seal, keyed with the nonce of this start.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#define MARKER_NONCE_BYTES 16

/* Context: once, early in boot. nonce NULL = unsealed. on_com1: for machines without debugcon. */
void marker_init(const uint8_t *nonce, bool on_com1);

/* Writes one line; the newline is added. Context: any; lines are at most 255 bytes. */
void marker_line(const char *format, ...) __printf(1, 2);

/* Writes the seal line; later lines are not part of it. */
void marker_seal(void);
