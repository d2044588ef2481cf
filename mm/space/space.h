/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A user address space: areas, page tables, the break and the account that pays. Changes take
 * the space's lock for writing, faults for reading. Errors are Linux's for the same call.
 *
 * Context: threads, may sleep; no spinlock held, no other space locked by the caller.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

struct commit_account;
struct mem_object;
struct root;
struct space;

struct space_limits {
	uint64_t address_space; /* bytes (RLIMIT_AS); UINT64_MAX: none */
	uint64_t data;          /* RLIMIT_DATA */
	uint64_t stack;         /* RLIMIT_STACK */
};

struct space_stats {
	uint64_t mapped_pages;   /* of all areas */
	uint64_t resident_pages; /* leaves: anonymous + object */
	uint64_t anon_pages;
	uint64_t table_pages;
	uint64_t shared_pages; /* of the anonymous objects it shares */
	uint64_t charged_pages;
	uint64_t stack_pages;
	uint64_t area_count;
	uint64_t peak_pages; /* most that were resident at a time */
	uint64_t data_pages; /* private and writable, without stacks */
};

/** Once, after mm_init(). */
void space_init(void);
/** An empty space paid for by @account (NULL: nobody), or NULL. */
struct space *space_create(struct commit_account *account) __must_check;
/**
 * Let @account pay from now on, when nobody else uses the space. Return: whether it does; a shared
 * space stays with who pays for it.
 */
bool space_pay_from(struct space *space, struct commit_account *account);
void space_get(struct space *space);
/** Whether others hold it too. */
bool space_is_shared(const struct space *space);
/** The last reference tears the space down in bounded steps; never the active one. */
void space_put(struct space *space);
/** A copy: private pages are shared until written, in both. ERR_NOMEM changes nothing. */
enum err space_fork(struct space *parent, struct space **child);
/** Run the current thread on @space from now on (NULL: on the kernel's root). */
void space_activate(struct space *space);
/** The current thread's space, or NULL. */
struct space *space_current(void);
struct root *space_root(struct space *space);
void space_set_limits(struct space *space, const struct space_limits *limits);

struct map_request {
	uint64_t addr;             /* hint, or the address with MAP_FIXED */
	uint64_t len;              /* bytes; rounded up to pages */
	uint32_t prot;             /* PROT_… */
	uint32_t flags;            /* MAP_… */
	uint32_t max_prot;         /* what mprotect may ever give; 0: all */
	struct mem_object *object; /* NULL: anonymous. Referenced, not taken over */
	uint64_t offset;           /* in the object, page aligned */
	const char *name;          /* "[heap]", a path…: static or NULL; shown by /proc/N/maps */
	void *file;                /* opaque to mm, see mm/space/file_hooks.h; NULL for none */
	/* The kernel's own pages, never written through: mremap may move them but not make them
	 * more, and a fork's child finds them by faults. */
	bool foreign;
};

/** mmap(2). *@at is the address. */
enum err space_map(struct space *space, const struct map_request *request, uint64_t *at);
/** munmap(2). */
enum err space_unmap(struct space *space, uint64_t addr, uint64_t len);
/** mprotect(2). W and X at once is ERR_ACCES. */
enum err space_protect(struct space *space, uint64_t addr, uint64_t len, uint32_t prot);
/** mremap(2). */
enum err space_remap(struct space *space, uint64_t addr, uint64_t old_len, uint64_t new_len,
		     uint32_t flags, uint64_t new_addr, uint64_t *at);
/** brk(2): the new break, or the old one when it cannot move. */
uint64_t space_brk(struct space *space, uint64_t brk);
/** Where the heap begins (exec: behind .bss, page aligned, with its random gap). */
void space_set_brk_start(struct space *space, uint64_t start);
/** madvise(2), msync(2), mincore(2) (one byte a page into a kernel buffer), mlock's populate. */
enum err space_advise(struct space *space, uint64_t addr, uint64_t len, int advice);
enum err space_msync(struct space *space, uint64_t addr, uint64_t len, uint32_t flags);
enum err space_mincore(struct space *space, uint64_t addr, uint64_t pages, uint8_t *vec);
enum err space_populate(struct space *space, uint64_t addr, uint64_t len);
/** Map the main stack: grows down to the stack limit, its top at or below @top. @exec: see mm/wx.h.
 */
enum err space_map_stack(struct space *space, uint64_t top, uint64_t size, bool exec);

/** The most pages that were resident at a time. Context: any. */
uint64_t space_peak(struct space *space);

void space_stats(struct space *space, struct space_stats *stats);

/* Touch another space (exec's argument block, /proc/N/mem): all or ERR_FAULT. */
enum err space_read(struct space *space, uint64_t addr, void *to, uint64_t len);
enum err space_write(struct space *space, uint64_t addr, const void *from, uint64_t len);

/* One area as /proc/N/maps shows it. */
struct area_info {
	uint64_t start, end;
	uint32_t prot, flags;
	uint64_t offset;
	struct mem_object *object;
	const char *name;
	void *file;
};
/**
 * The first area that ends above @addr: true and filled in, or false behind the last. Its object
 * and file are counted, as another thread may unmap it: area_info_done() gives them back.
 */
bool space_next_area(struct space *space, uint64_t addr, struct area_info *info);
void area_info_done(const struct area_info *info);

#define VDSO_ROOM 0x10000ull

/**
 * What is shared at @addr: *@object with a reference and the byte there, or NULL for memory that is
 * the space's own. Return: OK, ERR_FAULT where nothing is mapped.
 */
enum err space_shared_at(struct space *space, uint64_t addr, struct mem_object **object,
			 uint64_t *offset);

/* Where a new program is put; each call draws new randomness (documented bits: mm/space/layout.c).
 */
struct space_layout {
	uint64_t vdso_base; /* room for VDSO_ROOM bytes, above the stack */
	uint64_t stack_top;
	uint64_t mmap_top; /* set in the space already */
	uint64_t pie_base;
	uint64_t brk_gap; /* added to the end of .bss */
};
void space_choose_layout(struct space *space, struct space_layout *layout);
