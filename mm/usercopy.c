/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks before the primitives of kernel/x86/usercopy.asm: the user side against the user half,
 * the kernel side against the object that it lies in. The primitives never see a bad range, so a
 * fault inside them is a missing page and nothing else.
 */
#include "mm/usercopy.h"

#include "kernel/lib/san.h"
#include "kernel/lib/string.h"

#include "kernel/sched/thread.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/sections.h"
#include "kernel/x86/usercopy_raw.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define STRING_FAULT (-14)

/* A CPU that runs ahead of the range check gets address 0 for one of the kernel half, and nothing
 * from there. Three instructions and no branch. */
static inline void *user_pointer(struct uaddr at)
{
	uint64_t raw = HIDE_VALUE(at.raw);

	return (void *)(raw & ~(uint64_t)((int64_t)raw >> 63));
}

static inline bool within(uint64_t at, size_t n, const void *start, const void *end)
{
	return at >= (uint64_t)start && at < (uint64_t)end && n <= (uint64_t)end - at;
}

/* Static data; constants only as a source. Text is in neither. */
static bool in_image(uint64_t at, size_t n, bool write)
{
	if (within(at, n, ro_after_init_end, data_end) ||
	    within(at, n, init_data_start, init_data_end))
		return true;
	return !write && (within(at, n, rodata_start, rodata_end) ||
			  within(at, n, init_rodata_start, init_rodata_end) ||
			  within(at, n, data_start, ro_after_init_end));
}

/* Pages of files and processes, the most frequent case. */
static inline bool in_one_page(const void *kernel, size_t n)
{
	return n <= PAGE_SIZE - ((uint64_t)kernel & PAGE_MASK) &&
	       frame_of_virt(kernel)->type >= FRAME_ANON;
}

/* The kernel side stays inside one object, or the caller's length is wrong: stop (P-M3-08). */
static inline void assert_kernel_side(const void *kernel, size_t n, bool write)
{
	const struct thread *self = thread_self();

	if (likely(self != NULL) &&
	    within((uint64_t)kernel, n, __builtin_frame_address(0), self->stack_top))
		return;
	if (likely(virt_in_physmap(kernel))) {
		ASSERT(in_one_page(kernel, n) || n <= slab_room(kernel));
		return;
	}
	/* The vector state stands above a user thread's stack; signal frames are made of it. */
	if (self != NULL && (uint64_t)kernel == (uint64_t)self->context.fpu) {
		ASSERT(n <= fpu_state_size());
		return;
	}
	ASSERT(in_image((uint64_t)kernel, n, write));
}

size_t copy_from_user_partial(void *to, struct uaddr from, size_t n)
{
	size_t left = n;

	if (n == 0)
		return 0;
	assert_kernel_side(to, n, true);
	san_write(to, n);
	cpu_self()->fetch_count++;
	if (likely(user_range_ok(from, n)))
		left = usercopy_raw(to, user_pointer(from), n);
	if (unlikely(left != 0))
		memset((char *)to + (n - left), 0, left);
	return left;
}

size_t copy_to_user_partial(struct uaddr to, const void *from, size_t n)
{
	if (n == 0)
		return 0;
	assert_kernel_side(from, n, false);
	san_read(from, n);
	return likely(user_range_ok(to, n)) ? usercopy_raw(user_pointer(to), from, n) : n;
}

/* What assert_kernel_side() finds out, where the page is known. */
static inline void *inside_page(struct frame *frame, size_t offset, size_t n)
{
	ASSERT(n <= PAGE_SIZE && offset <= PAGE_SIZE - n && frame->type >= FRAME_ANON);
	return (char *)frame_virt(frame) + offset;
}

size_t copy_page_from_user(struct frame *frame, size_t offset, struct uaddr from, size_t n)
{
	void *to = inside_page(frame, offset, n);
	size_t left = n;

	san_write(to, n);
	if (likely(n != 0 && user_range_ok(from, n)))
		left = usercopy_raw(to, user_pointer(from), n);
	if (unlikely(left != 0))
		memset((char *)to + (n - left), 0, left);
	return left;
}

size_t copy_page_to_user(struct uaddr to, struct frame *frame, size_t offset, size_t n)
{
	const void *from = inside_page(frame, offset, n);

	san_read(from, n);
	if (unlikely(n == 0 || !user_range_ok(to, n)))
		return n;
	return usercopy_raw(user_pointer(to), from, n);
}

enum err copy_from_user(void *to, struct uaddr from, size_t n)
{
	san_write(to, n);
	if (unlikely(n == 0))
		return user_range_ok(from, 0) ? OK : ERR_FAULT;
	return copy_from_user_partial(to, from, n) == 0 ? OK : ERR_FAULT;
}

enum err copy_to_user(struct uaddr to, const void *from, size_t n)
{
	san_read(from, n);
	if (unlikely(n == 0))
		return user_range_ok(to, 0) ? OK : ERR_FAULT;
	return copy_to_user_partial(to, from, n) == 0 ? OK : ERR_FAULT;
}

/* How many of @max bytes from @from on can be user memory at all. */
static inline size_t user_room(struct uaddr from, size_t max)
{
	if (from.raw < USER_START || from.raw >= USER_END)
		return 0;
	return USER_END - from.raw < max ? USER_END - from.raw : max;
}

int64_t string_from_user(char *to, struct uaddr from, size_t size)
{
	size_t room = user_room(from, size);
	int64_t len;

	ASSERT(size != 0);
	assert_kernel_side(to, size, true);
	san_write(to, size);
	to[0] = '\0';
	if (room == 0)
		return ERR_FAULT;
	len = usercopy_string(to, user_pointer(from), room);
	if (likely(len >= 0 && (size_t)len < room))
		return len;
	to[size - 1] = '\0';
	if (len == STRING_FAULT)
		to[0] = '\0';
	return len != STRING_FAULT && room == size ? ERR_NAMETOOLONG : ERR_FAULT;
}

int64_t string_length_user(struct uaddr from, size_t max)
{
	char piece[256];
	size_t len = 0;

	while (len <= max) {
		int64_t got =
			string_from_user(piece, (struct uaddr){from.raw + len}, sizeof(piece));

		if (got >= 0)
			return len + (size_t)got <= max ? (int64_t)(len + (size_t)got)
							: ERR_NAMETOOLONG;
		if (got != ERR_NAMETOOLONG)
			return got;
		len += sizeof(piece);
	}
	return ERR_NAMETOOLONG;
}

enum err get_user_u32(uint32_t *to, struct uaddr from)
{
	san_write(to, sizeof(*to));
	if (!user_range_ok(from, sizeof(*to)))
		return ERR_FAULT;
	cpu_self()->fetch_count++;
	return usercopy_get_u32(to, user_pointer(from)) == 0 ? OK : ERR_FAULT;
}

enum err get_user_u64(uint64_t *to, struct uaddr from)
{
	san_write(to, sizeof(*to));
	if (!user_range_ok(from, sizeof(*to)))
		return ERR_FAULT;
	cpu_self()->fetch_count++;
	return usercopy_get_u64(to, user_pointer(from)) == 0 ? OK : ERR_FAULT;
}

enum err put_user_u32(struct uaddr to, uint32_t value)
{
	if (!user_range_ok(to, sizeof(value)))
		return ERR_FAULT;
	return usercopy_put_u32(user_pointer(to), value) == 0 ? OK : ERR_FAULT;
}

enum err put_user_u64(struct uaddr to, uint64_t value)
{
	if (!user_range_ok(to, sizeof(value)))
		return ERR_FAULT;
	return usercopy_put_u64(user_pointer(to), value) == 0 ? OK : ERR_FAULT;
}

enum err cmpxchg_user_u32(struct uaddr at, uint32_t expected, uint32_t value, uint32_t *old)
{
	uint32_t found;

	if (at.raw % sizeof(value) != 0)
		return ERR_INVAL;
	if (!user_range_ok(at, sizeof(value)) ||
	    usercopy_cmpxchg_u32(user_pointer(at), expected, value, &found) != 0)
		return ERR_FAULT;
	*old = found;
	return OK;
}

/* The fault handler is not asked while the depth is above 0 (kernel/x86/trap.c). */
static inline void nofault_begin(void)
{
	cpu_self()->nofault_depth++;
	compiler_barrier();
}

static inline enum err nofault_end(enum err err)
{
	compiler_barrier();
	cpu_self()->nofault_depth--;
	return err;
}

enum err get_user_u32_nofault(uint32_t *to, struct uaddr from)
{
	nofault_begin();
	return nofault_end(get_user_u32(to, from));
}

enum err put_user_u32_nofault(struct uaddr to, uint32_t value)
{
	nofault_begin();
	return nofault_end(put_user_u32(to, value));
}

enum err cmpxchg_user_u32_nofault(struct uaddr at, uint32_t expected, uint32_t value, uint32_t *old)
{
	nofault_begin();
	return nofault_end(cmpxchg_user_u32(at, expected, value, old));
}

size_t copy_from_user_nofault_partial(void *to, struct uaddr from, size_t n)
{
	size_t left = n;

	assert_kernel_side(to, n, true);
	san_write(to, n);
	if (user_range_ok(from, n)) {
		nofault_begin();
		left = usercopy_raw(to, user_pointer(from), n);
		(void)!nofault_end(OK);
	}
	return left;
}

size_t clear_user_partial(struct uaddr to, size_t n)
{
	if (n == 0)
		return 0;
	return user_range_ok(to, n) ? usercopy_clear(user_pointer(to), n) : n;
}

enum err clear_user(struct uaddr to, size_t n)
{
	if (unlikely(n == 0))
		return user_range_ok(to, 0) ? OK : ERR_FAULT;
	return clear_user_partial(to, n) == 0 ? OK : ERR_FAULT;
}

uint64_t usercopy_fault_count(void)
{
	return cpu_self()->fixup_count;
}

uint64_t usercopy_fetch_count(void)
{
	return cpu_self()->fetch_count;
}
