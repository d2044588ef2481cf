/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* UTF-8, one byte at a time. Pure. What is not well-formed becomes U+FFFD, Unicode 15, 3.9 (D93b).
 */
#include "kernel/lib/types.h"

#define UTF8_REPLACEMENT 0xfffdu
#define UTF8_CODES_MAX   2u

struct utf8 {
	uint32_t code;    /* the bits so far */
	uint8_t left;     /* bytes still to come; 0: between characters */
	uint8_t low;      /* bounds of the next byte: no overlong form, no surrogate, no code */
	uint8_t high;     /* above U+10FFFF */
	uint8_t reserved; /* zero */
};

/**
 * Take one byte. Return: how many characters are complete (0 to 2, in @codes): a byte that breaks
 * a sequence completes its replacement and may be a character itself.
 */
unsigned utf8_take(struct utf8 *utf8, uint8_t byte, uint32_t codes[UTF8_CODES_MAX]);
