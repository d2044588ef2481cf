/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The only instructions that touch user memory, with AC set around them (usercopy.asm). They do
 * NOT check ranges: mm/usercopy.c does, and is the only caller. Context: as mm/usercopy.h says.
 */
#include "kernel/lib/types.h"

/* Copies n bytes in either direction. Return: bytes NOT copied (0 = all), exact. */
size_t usercopy_raw(void *to, const void *from, size_t n);
/* Writes n zero bytes to user memory. Return: bytes NOT written. */
size_t usercopy_clear(void *to, size_t n);
/*
 * Copies bytes up to and including the first NUL, at most `size`; up to 7 more of the same page may
 * come along, inside `size`.
 * Return: length without the NUL; `size` = no NUL among the first `size` bytes; -14 = fault.
 */
int64_t usercopy_string(char *to, const char *from, size_t size);
/* Single accesses. Return: 0, or -14 with nothing stored. */
int usercopy_get_u32(uint32_t *to, const uint32_t *user);
int usercopy_get_u64(uint64_t *to, const uint64_t *user);
int usercopy_put_u32(uint32_t *user, uint32_t value);
int usercopy_put_u64(uint64_t *user, uint64_t value);
/* Locked compare and exchange; *found = the value before. Return: 0 or -14. */
int usercopy_cmpxchg_u32(uint32_t *user, uint32_t expected, uint32_t desired, uint32_t *found);
