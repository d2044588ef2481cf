/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What a PC keyboard's scan codes (set 1) type: the bytes that Linux's console would give with its
 * default map, a US keyboard. Pure.
 */
#include "kernel/lib/types.h"

#define KEYMAP_BYTES_MAX 8u

struct keymap {
	uint8_t held;    /* modifiers, KEY_HELD_… of keymap.c */
	bool caps, num;  /* the locks */
	uint8_t prefix;  /* 0xe0 came; or 0xe1, the pause key */
	uint8_t skip;    /* bytes of the pause key to come */
	bool app_cursor; /* arrows send ESC O: the owner keeps it up to date */
};

enum keymap_event {
	KEYMAP_TYPED,  /* none or more bytes */
	KEYMAP_REBOOT, /* Ctrl-Alt-Del */
};

/** Take one byte from the keyboard; @count bytes in @to are typed. */
enum keymap_event keymap_take(struct keymap *map, uint8_t code, uint8_t to[KEYMAP_BYTES_MAX],
			      unsigned *count);
