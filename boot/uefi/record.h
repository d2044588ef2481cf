/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Which files the stub starts: the SHA-256 of each, in one record of 128 bytes inside the stub,
 * which ci/vm/image.py fills in when it assembles an image (and before anybody signs the stub).
 */
#include <stdbool.h>
#include <stdint.h>

#include "boot/uefi/sha256.h"

enum record_file {
	RECORD_KERNEL,
	RECORD_INITRAMFS,
	RECORD_SECOND,
	RECORD_FILES,
};

/* Whether such a file may be there at all: its hash is not zero. */
bool record_allows(enum record_file file);

/* Whether these are the file's bytes. Never true for a file which may not be there. */
bool record_matches(enum record_file file, const void *data, uint64_t len);
