/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The only way to user memory. Each call checks the range first (user half, not below 64 KiB,
 * no wrap): a bad range is refused without touching anything. What passes is copied with faults
 * allowed: pages are brought in by the fault handler, what cannot be resolved ends the copy.
 *
 * Context: may sleep (faults): no spinlocks held, but for the *_nofault calls, which end at the
 *          first page that is not there as needed.
 * Security: the kernel side must lie inside one object (heap object, frame block, stack, static
 *          data): a length beyond it stops the kernel; kernel text is never a target.
 */
#include "kernel/lib/errors.h"

#include "mm/addr.h"

/** All or ERR_FAULT; on ERR_FAULT the rest of @to is zeroed: no stale bytes. */
enum err copy_from_user(void *to, struct uaddr from, size_t n);
/** All or ERR_FAULT (bytes before the fault were written). */
enum err copy_to_user(struct uaddr to, const void *from, size_t n);

/** The same, returning the bytes NOT copied; exact. from: the rest of @to is zeroed. */
size_t copy_from_user_partial(void *to, struct uaddr from, size_t n) __must_check;
size_t copy_to_user_partial(struct uaddr to, const void *from, size_t n) __must_check;

struct frame;

/** The same with the page @frame, which the caller holds, from @offset on. */
size_t copy_page_from_user(struct frame *frame, size_t offset, struct uaddr from,
			   size_t n) __must_check;
size_t copy_page_to_user(struct uaddr to, struct frame *frame, size_t offset,
			 size_t n) __must_check;

/**
 * A NUL-terminated string into @to of @size bytes (> 0).
 *
 * Return: its length without the NUL; ERR_NAMETOOLONG without a NUL in the first @size bytes;
 *         ERR_FAULT. @to is always NUL-terminated.
 */
int64_t string_from_user(char *to, struct uaddr from, size_t size) __must_check;

/** Length of a user string without the NUL; ERR_NAMETOOLONG above @max bytes, ERR_FAULT. */
int64_t string_length_user(struct uaddr from, size_t max) __must_check;

/* Single values; any alignment unless said. Nothing is written half: ERR_FAULT changes nothing. */
enum err get_user_u32(uint32_t *to, struct uaddr from);
enum err get_user_u64(uint64_t *to, struct uaddr from);
enum err put_user_u32(struct uaddr to, uint32_t value);
enum err put_user_u64(struct uaddr to, uint64_t value);

/**
 * Compare and exchange, 4-aligned or ERR_INVAL. *@old gets what was there; the exchange happened
 * when it equals @expected.
 */
enum err cmpxchg_user_u32(struct uaddr at, uint32_t expected, uint32_t value, uint32_t *old);

/* Under spinlocks: what is not mapped with the needed rights right now is ERR_FAULT. */
enum err get_user_u32_nofault(uint32_t *to, struct uaddr from);
enum err put_user_u32_nofault(struct uaddr to, uint32_t value);
enum err cmpxchg_user_u32_nofault(struct uaddr at, uint32_t expected, uint32_t value,
				  uint32_t *old);

/** As copy_from_user_partial, but the rest of @to stays as it is: bytes NOT copied. */
size_t copy_from_user_nofault_partial(void *to, struct uaddr from, size_t n) __must_check;

/** Zero @n bytes; bytes NOT cleared. */
size_t clear_user_partial(struct uaddr to, size_t n) __must_check;
enum err clear_user(struct uaddr to, size_t n);

/** Copies of this CPU that ended at a fault so far: a refusal by the range check leaves it alone.
 */
uint64_t usercopy_fault_count(void);

/** Structures and single values that this CPU has read from user memory so far: P-M4-16 counts how
 *  often a call reads each of its own. Strings and bytes of files are not among them. */
uint64_t usercopy_fetch_count(void);
