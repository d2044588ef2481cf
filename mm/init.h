/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Bringing memory up: the calls of boot/main.c for milestone 1, in this order. */
#include "mm/addr.h"

struct boot_info;

/**
 * Build the frame database, the allocators and the final page tables of the kernel, and switch
 * to them. After it nothing but the layout of mm/addr.h and the image is mapped.
 *
 * Context: boot, once, interrupts off. Panics when the machine has too little memory.
 */
void mm_init(const struct boot_info *boot);

/** Make what is written during boot only read-only: .data.ro_after_init. */
void mm_seal_ro_after_init(void);

/** Let the GDTs be written, or not, behind that: while a further CPU loads its TR. */
void mm_protect_gdts(bool writable);

/** Unmap [start, end) of the image (page aligned) and free its frames: init sections. */
void mm_release_image(char *start, char *end);

/** Give everything that allocators keep for reuse, on all CPUs, back, so that counts are exact
 *  (selftests). Context: thread, no spinlock held. */
void mm_drain(void);
/** The same when frames are short. Return: whether they are not any more. Context: likewise. */
bool mm_relieve(void);
