/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The frame database: one record for every 4 KiB frame of RAM, a buddy allocator below and a
 * cache of single frames for each CPU above.
 *
 * Context: threads and boot, with or without spinlocks below LOCK_FRAME; never interrupt
 *          handlers. Nothing here sleeps.
 * Exhausted memory is NULL, always to be unwound; a caller's bug (double free, freeing what is
 * not ours, wrong type) stops the kernel.
 */
#include "kernel/lib/list.h"
#include "kernel/lib/refcount.h"

#include "mm/addr.h"

enum frame_type {
#define FRAME_TYPE(type, name, holds) type,
#include "mm/frame_types.def"
#undef FRAME_TYPE
	FRAME_TYPE_COUNT,
};

struct slab_cache;
struct mem_object;

struct frame {
	struct refcount count; /* 0 while free; otherwise the owners: page-table leaves, objects… */
	uint8_t type;          /* enum frame_type */
	uint8_t order;         /* of the block that this frame begins */
	uint8_t flags;         /* FRAME_F_… */
	uint8_t spare;
	union {
		struct list_node link; /* free: in its order's list */
		struct {               /* slab */
			struct slab_cache *cache;
			void *free; /* first free object of this slab */
		} slab;
		struct { /* page cache */
			struct mem_object *object;
			uint64_t index;
		} page;
		struct frame *head; /* tail: the block's first frame */
		uint64_t size;      /* kernel: bytes asked for */
	};
	union {
		uint32_t live;      /* table: entries in use */
		uint32_t slab_used; /* slab: objects handed out */
		uint32_t spare_word;
	};
	uint32_t slab_total; /* slab: objects that fit */
};
static_assert(sizeof(struct frame) == 32, "frame numbers are found by a shift");
#define FRAME_SHIFT 5

#define FRAME_F_BUDDY  0x01 /* first frame of a block in a free list */
#define FRAME_F_POISON 0x02 /* poisoned when it was freed: compared when handed out again */

#define FRAME_ORDER_MAX 10 /* blocks of up to 4 MiB */

/* Flags of the allocation calls. */
#define FRAME_ZERO    0x1u /* the contents are zero; without it they are undefined */
#define FRAME_RESERVE 0x2u /* may take the last frames, kept for unwinding */

/** One frame of @type with a count of 1, or NULL. */
struct frame *frame_alloc(enum frame_type type, unsigned flags);

/** 2^@order frames in one piece, aligned to their size; the first has the count. NULL if none. */
struct frame *frame_alloc_order(unsigned order, enum frame_type type, unsigned flags);

/** Give back a block whose caller is the only owner (count 1), of @order as it was allocated. */
void frame_free_order(struct frame *frame, unsigned order);

/** Give back one frame whose caller is the only owner. */
void frame_free(struct frame *frame);

/** Take one more reference to a frame in use. */
static inline void frame_get(struct frame *frame)
{
	refcount_get(&frame->count);
}

/** Drop a reference; the last one frees the frame. */
static inline void frame_put(struct frame *frame)
{
	if (likely(refcount_is_last(&frame->count)))
		frame_free(frame);
	else if (refcount_put(&frame->count))
		frame_free(frame);
}

/* The record of a frame of RAM; the address must be RAM (frame_lookup() when in doubt). */
static inline struct frame *frame_of(phys_addr_t address)
{
	uint64_t at = layout.frames + (address.raw >> PAGE_SHIFT << FRAME_SHIFT);

	return (struct frame *)at; /* NOLINT(performance-no-int-to-ptr) */
}

static inline phys_addr_t frame_phys(const struct frame *frame)
{
	return phys(((uint64_t)frame - layout.frames) >> FRAME_SHIFT << PAGE_SHIFT);
}

static inline void *frame_virt(const struct frame *frame)
{
	return phys_to_virt(frame_phys(frame));
}

/* The record behind a physmap pointer. */
static inline struct frame *frame_of_virt(const void *pointer)
{
	return frame_of(virt_to_phys(pointer));
}

/** The record of any physical address, or NULL where no RAM is. Slower than frame_of(). */
struct frame *frame_lookup(phys_addr_t address);

const char *frame_type_name(enum frame_type type);

/** Frames of RAM that this kernel manages (free, used and image). */
uint64_t frame_total_count(void);
/** Free frames, the CPUs' caches included. */
uint64_t frame_free_count(void);
/** Whether only FRAME_RESERVE gets more frames than the CPUs keep. */
bool frame_is_short(void);
/** Frames in use as @type. */
uint64_t frame_type_count(enum frame_type type);

/**
 * Make boot memory allocatable: frames of FRAME_IMAGE, FRAME_INITRD or FRAME_BOOT in
 * [base, end), whole frames only; others in the range are left alone.
 */
void frame_release_range(uint64_t base, uint64_t end);

/** Move the frames of all CPUs' caches back to the buddy allocator. Return: how many there were. */
uint32_t frame_drain_cache(void);
