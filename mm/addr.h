/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The three kinds of addresses. Physical and user addresses are one-field structures, so that
 * mixing them up does not compile; kernel addresses are plain pointers.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#include "kernel/x86/layout.h"
#include "kernel/x86/pte.h"

/* User addresses that may be mapped: [USER_START, USER_END). The last page below the canonical
 * gap stays empty (SYSRET with a return address in the gap, SDM vol 2, SYSRET). */
#define USER_START 0x10000ull
#define USER_END   0x7ffffffff000ull

typedef struct {
	uint64_t raw;
} phys_addr_t;

/* An address in the current user space. Never dereferenced: only mm's copy calls take it. */
struct uaddr {
	uint64_t raw;
};

/** No address: NULL in a Linux structure. */
#define UADDR_NULL ((struct uaddr){0})

static inline phys_addr_t phys(uint64_t raw)
{
	return (phys_addr_t){.raw = raw};
}

/* The first physical address behind the highest RAM; set once by mm_init(). */
extern uint64_t ram_end;

/* The kernel's pointer to a byte of RAM; for RAM only, device memory goes through mm/kmap.h. */
static inline void *phys_to_virt(phys_addr_t address)
{
	return (void *)(layout.physmap + address.raw); /* NOLINT(performance-no-int-to-ptr) */
}

/* The physical address behind a physmap pointer. */
static inline phys_addr_t virt_to_phys(const void *pointer)
{
	return phys((uint64_t)pointer - layout.physmap);
}

/* Whether a pointer lies in the physmap (heap objects and frames do). */
static inline bool virt_in_physmap(const void *pointer)
{
	return (uint64_t)pointer - layout.physmap < ram_end;
}

/* Whether [at, at + len) may be user memory: inside the user half, not below USER_START and not
 * wrapping. Length 0 is within for any base up to USER_END, as on Linux. */
static inline bool user_range_ok(struct uaddr at, uint64_t len)
{
	if (unlikely(len == 0))
		return at.raw <= USER_END;
	return at.raw >= USER_START && len <= USER_END && at.raw <= USER_END - len;
}
