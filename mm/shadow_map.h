/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* SAN builds: memory for the shadow, and its marks for what mm hands out. */
#include "kernel/lib/errors.h"

#include "kernel/x86/shadow.h"
#include "mm/addr.h"

struct frame;

/**
 * See that a range of the kernel half has shadow. What is new says that all may be accessed.
 *
 * Return: OK or ERR_NOMEM. Context: as table_map_kernel(). It is never taken away.
 */
enum err shadow_cover(uint64_t va, uint64_t len) __must_check;

/** The marks of the stacks that are usual: their shadow must not look like memory that programs
 * have lost. Context: boot, before the final tables are loaded. */
void shadow_cover_stacks(void);

/** 2^@order frames are free from now on: freed by who returns to @from. */
void shadow_free_frames(struct frame *frame, unsigned order, const void *from);
/** 2^@order frames are somebody's. */
void shadow_give_frames(const struct frame *frame, unsigned order);

/** Of @room bytes at @va only @len from @offset on may be accessed. */
void shadow_window(uint64_t va, uint64_t room, uint64_t offset, uint64_t len);

/** The frames of this thread that a longjmp of a selftest left: no variable below the caller. */
void shadow_forget_frames(void);
