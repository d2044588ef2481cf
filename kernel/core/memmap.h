/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Turns the memory map a boot door was given, however hostile, into sorted, disjoint ranges of
 * whole frames with exactly one class each (P-M1-13). Pure: no allocation, no globals; n log n.
 *
 * Order of use: memmap_add() for every entry of the door's map, memmap_normalise() once, then
 * memmap_reserve() for the kernel, the initrd and what the loader left.
 *
 * Context of all functions: any; they touch only the caller's array.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

/* More entries than firmware makes; a door drops what is beyond and says so. */
#define MEMMAP_INPUT_MAX 1024
/* Room in which normalising that many entries and 30 reservations cannot fail. */
#define MEMMAP_CAPACITY (4 * MEMMAP_INPUT_MAX + 256)
/* What page tables can address: nothing above is memory for us. */
#define MEMMAP_ADDRESS_END (1ull << 52)

/* The first five are the E820 types. */
enum mem_class {
	MEM_USABLE = 1,
	MEM_RESERVED,
	MEM_ACPI_RECLAIM,
	MEM_ACPI_NVS,
	MEM_BAD,
	MEM_KERNEL, /* the kernel image: never given back as a whole */
	MEM_INITRD, /* given back once unpacked */
	MEM_BOOT,   /* what the door left that is needed until the end of boot */
	MEM_CLASS_COUNT,
};

/* [base, end) in bytes; after normalising both are frame aligned and base < end. */
struct mem_range {
	uint64_t base;
	uint64_t end;
	uint32_t class;
	uint32_t pad; /* scratch of memmap_normalise; 0 in its result */
};

/** The class of an E820 (multiboot2, PVH) type; what is unknown is reserved. */
enum mem_class memmap_class_of_e820(uint32_t type);

/**
 * Append one raw entry. Empty entries and such that begin above MEMMAP_ADDRESS_END are dropped,
 * longer ones clipped there.
 *
 * Return: OK; ERR_INVAL for one that wraps around 2^64 or has no class; ERR_NOSPC when @capacity
 *         is reached. Nothing is changed on error.
 */
enum err memmap_add(struct mem_range *ranges, size_t *count, size_t capacity, uint64_t base,
		    uint64_t len, enum mem_class class);

/**
 * Sort, make disjoint, merge neighbours of one class, round to frames: usable memory inwards,
 * all else outwards. Where entries overlap the worse class wins: bad, reserved, NVS, kernel,
 * initrd, boot, ACPI tables, usable.
 *
 * Return: OK; ERR_NOSPC unless @capacity is at least twice *@count; ERR_INVAL for an entry with
 *         end < base or an unknown class. Nothing is changed on error.
 */
enum err memmap_normalise(struct mem_range *ranges, size_t *count, size_t capacity);

/**
 * Give [base, end), widened to frames, of a normalised map a worse class; parts that are worse
 * already stay so. Needs room for 2 * (*@count + 1) entries.
 *
 * Return: OK, ERR_INVAL for an empty or reversed range or one beyond MEMMAP_ADDRESS_END,
 *         ERR_NOSPC. Nothing is changed on error.
 */
enum err memmap_reserve(struct mem_range *ranges, size_t *count, size_t capacity, uint64_t base,
			uint64_t end, enum mem_class class);

/**
 * Take memory that the kernel would use (usable, the initrd, what the door left) and that lies at
 * @end or above out of a normalised map; all else stays. @end: whole frames. Return: how many bytes
 * are gone.
 */
uint64_t memmap_cut(struct mem_range *ranges, size_t *count, uint64_t end);

/** The range of a normalised map that holds @address, or NULL. */
const struct mem_range *memmap_find(const struct mem_range *ranges, size_t count, uint64_t address);

/** Bytes of one class in a normalised map. */
uint64_t memmap_total(const struct mem_range *ranges, size_t count, enum mem_class class);
