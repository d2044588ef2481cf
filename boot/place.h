/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Where the kernel half's regions are put at this boot. The door maps the image where it was linked
 * for; from there boot/entry64.asm calls, in this order, place_choose() (by kernel_place()),
 * place_relocate(), and goes on at the same place of the moved image. place_leave() ends that
 * neighbourhood: an address that somebody had kept from before would fault.
 */
#include "kernel/lib/types.h"

struct boot_info;

/* In two registers: boot/entry64.asm reads them. */
struct place {
	uint64_t slide; /* added to every address of the image; 0: it stays */
	uint64_t cr3;   /* tables with the image at both places, and the drawn physmap */
};

/** Draw the bases, unless the command line has "nokaslr", and build the tables for them. */
struct place place_choose(const struct boot_info *info);

/** Add @slide to what the words [@first, @end) of .relr.dyn name. Nothing may be protected. */
void place_relocate(const uint64_t *first, const uint64_t *end, uint64_t slide);

/** Take the image's old mapping away. */
void place_leave(void);
