/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler calls before an access: gcc's names, for -fsanitize=kernel-address. */
#include "kernel/core/kasan_internal.h"

static bool checking;

void kasan_begin(void)
{
	kasan_mark_globals();
	WRITE_ONCE(checking, true);
}

bool kasan_is_on(void)
{
	return READ_ONCE(checking);
}

void kasan_stop(void)
{
	WRITE_ONCE(checking, false);
}

/* Whether the byte may be accessed. */
static bool open_at(uint64_t at)
{
	uint8_t mark = *shadow_of(at);

	return mark == 0 || (at & (SHADOW_GRANULE - 1)) < (mark < SHADOW_GRANULE ? mark : 0);
}

static uint64_t marks_of_eight(const uint8_t *shadow)
{
	uint64_t marks;

	__builtin_memcpy(&marks, shadow, sizeof(marks));
	return marks;
}

/* The first byte of [at, end) that may not be accessed, or end. */
static uint64_t first_closed(uint64_t at, uint64_t end)
{
	while (at < end) {
		if (!open_at(at))
			return at;
		/* An open byte's granule is open up to its mark: one look at the last byte of it.
		 */
		uint64_t next = (at | (SHADOW_GRANULE - 1)) + 1;

		if (next > end)
			next = end;
		if (!open_at(next - 1))
			return (at & ~(SHADOW_GRANULE - 1)) + *shadow_of(at);
		at = next;
		while (at % (SHADOW_GRANULE * 8) == 0 && end - at >= SHADOW_GRANULE * 8 &&
		       marks_of_eight(shadow_of(at)) == 0)
			at += SHADOW_GRANULE * 8;
	}
	return end;
}

static __noinline void check_long(uint64_t at, size_t len, bool write, const void *from)
{
	uint64_t end = at + len;

	if (len == 0)
		return;
	if (at < KERNEL_HALF_START || end - 1 < at)
		kasan_report_access(at, at, len, write, from);
	uint64_t closed = first_closed(at, end);
	if (closed != end)
		kasan_report_access(closed, at, len, write, from);
}

static __always_inline void check(uint64_t at, size_t len, bool write, const void *from)
{
	uint8_t mark;

	if (unlikely(!READ_ONCE(checking)))
		return;
	if (unlikely(at < KERNEL_HALF_START ||
		     (at & (SHADOW_GRANULE - 1)) + len > SHADOW_GRANULE)) {
		check_long(at, len, write, from);
		return;
	}
	mark = *shadow_of(at);
	if (unlikely(mark != 0 &&
		     (at & (SHADOW_GRANULE - 1)) + len > (mark < SHADOW_GRANULE ? mark : 0)))
		kasan_report_access(at, at, len, write, from);
}

void san_check(const void *at, size_t len, bool write, const void *from)
{
	if (READ_ONCE(checking))
		check_long((uint64_t)at, len, write, from);
}

/* NOLINTBEGIN: the compiler's names */
#define CHECKS(size)                                                 \
	void __asan_load##size##_noabort(uint64_t at);               \
	void __asan_load##size##_noabort(uint64_t at)                \
	{                                                            \
		check(at, size, false, __builtin_return_address(0)); \
	}                                                            \
	void __asan_store##size##_noabort(uint64_t at);              \
	void __asan_store##size##_noabort(uint64_t at)               \
	{                                                            \
		check(at, size, true, __builtin_return_address(0));  \
	}

CHECKS(1)
CHECKS(2)
CHECKS(4)
CHECKS(8)
CHECKS(16)

void __asan_loadN_noabort(uint64_t at, size_t len);
void __asan_loadN_noabort(uint64_t at, size_t len)
{
	if (READ_ONCE(checking))
		check_long(at, len, false, __builtin_return_address(0));
}

void __asan_storeN_noabort(uint64_t at, size_t len);
void __asan_storeN_noabort(uint64_t at, size_t len)
{
	if (READ_ONCE(checking))
		check_long(at, len, true, __builtin_return_address(0));
}
/* NOLINTEND */
