/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the files of mm/space share; nobody outside includes it but their selftests. */
#include "kernel/core/spinlock.h"
#include "kernel/sched/mutex.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root.h"
#include "mm/frame.h"
#include "mm/space/area.h"
#include "mm/space/mman.h"
#include "mm/space/object.h"
#include "mm/space/space.h"
#include "mm/table.h"

/* struct area.flags; areas merge only where they agree. */
#define AREA_SHARED   0x01u
#define AREA_CHARGED  0x02u /* its pages are charged to the account */
#define AREA_STACK    0x04u /* grows down at faults */
#define AREA_HEAP     0x08u
#define AREA_DONTFORK 0x10u
#define AREA_NOCHARGE 0x20u /* MAP_NORESERVE: never charged */
#define AREA_FOREIGN  0x40u /* see struct map_request */

/* A leaf whose page is kept while PROT_NONE hides it: not present, never 0. */
#define LEAF_HIDDEN PTE_SOFT0

#define STACK_GAP_BYTES (256 * PAGE_SIZE) /* never nearer to a neighbour below */
#define AREA_COUNT_MAX  65530u            /* Linux's vm.max_map_count: ENOMEM */

struct vm_area {
	struct area area; /* first */
	struct space *space;
	struct list_node mapping; /* in area.object's list */
	uint64_t seen;            /* the object's stamp when a walk last came by */
	const char *name;
	void *file;
	uint32_t max_prot;
};

struct space {
	struct refcount count;
	struct root *root;
	struct rwlock lock; /* areas and all below */
	struct area_tree areas;
	struct vm_area *recent;    /* the last fault's: locality; set under lock for reading */
	struct spinlock leaf_lock; /* leaves and their counts, under lock for reading */
	struct commit_account *account;
	struct space_limits limits;
	uint64_t mapped_pages;
	uint64_t charged_pages;
	uint64_t data_pages; /* private writable */
	uint64_t anon_pages; /* leaves */
	uint64_t object_pages;
	uint64_t peak_pages; /* most leaves so far, brought up to date before any go */
	uint64_t brk_start;
	uint64_t brk;
	uint64_t mmap_top;
};

static inline uint64_t space_resident(const struct space *space)
{
	return READ_ONCE(space->anon_pages) + READ_ONCE(space->object_pages);
}

/* Locked for writing. */
static inline void space_note_peak(struct space *space)
{
	uint64_t pages = space_resident(space);

	if (pages > space->peak_pages)
		WRITE_ONCE(space->peak_pages, pages);
}

/* A leaf has got more rights: this CPU's translation, which may allow less, goes. Others' stay: an
 * access that they forbid faults and comes here. */
static inline void space_forget_narrower(const struct space *space, uint64_t addr)
{
	if (cpu_self()->root == space->root)
		invlpg(addr);
}

static inline struct vm_area *vm_area_of(struct area *area)
{
	return (struct vm_area *)area;
}

/* The page of zeros behind untouched private memory that was only read. It stays for ever and its
 * leaves are not counted: all CPUs would write the one count. Its count is saturated, so that
 * frame_put() leaves it alone. */
extern struct frame *zero_frame;

static inline pte_t leaf_of(const struct frame *frame, uint32_t prot, bool write)
{
	return frame_phys(frame).raw | PTE_P | PTE_U | PTE_A | (write ? PTE_W | PTE_D : 0) |
	       (prot & PROT_EXEC ? 0 : PTE_NX);
}

static inline struct frame *leaf_frame(pte_t leaf)
{
	return frame_of(phys(leaf & PTE_ADDR));
}

/* A frame that this leaf alone owns may become writable without a copy. */
static inline bool frame_is_sole(const struct frame *frame)
{
	return frame->type == FRAME_ANON && refcount_is_last(&frame->count);
}

/* Counters and the object's list for an area that joins or leaves a space (area.c keeps the
 * tree). Called with the space locked for writing. */
struct vm_area *vm_area_alloc(struct space *space);
void vm_area_free(struct vm_area *area);
/* Insert a filled-in area: takes references to object and file. @of: whose pages it gets, NULL for
 * nobody's. ERR_ACCES for twins (W and X). */
enum err vm_area_link(struct space *space, struct vm_area *area, const struct vm_area *of);
/* A copy of @of for @space, another one, in no tree yet; its pages are not copied. Where @of stays
 * behind at a fork, an area that holds nothing. */
enum err vm_area_copy(struct space *space, const struct vm_area *of, struct vm_area **copy);
/* Drops what an area holds that is in no tree any more, and frees it. */
void vm_area_drop(struct space *space, struct vm_area *area);
/* Erase: drops references and charge; the pages were zapped before. Frees @area. */
void vm_area_unlink(struct space *space, struct vm_area *area);
/* Cut the areas that span @start and @end there; ERR_NOMEM changes nothing. */
enum err vm_area_split_range(struct space *space, uint64_t start, uint64_t end);
/* Join with neighbours where all agrees; the area that remains. */
struct vm_area *vm_area_try_merge(struct space *space, struct vm_area *area);
/* Change the rights of a whole area: charge, twins, counters. */
enum err vm_area_set_prot(struct space *space, struct vm_area *area, uint32_t prot);
/* Move an area's ends, counters included; the caller has zapped or checked. */
enum err vm_area_resize(struct space *space, struct vm_area *area, uint64_t start, uint64_t end);

/* With the space locked for writing. */
enum err space_map_locked(struct space *space, const struct map_request *request, uint64_t *at);
enum err space_unmap_locked(struct space *space, uint64_t addr, uint64_t len);
/* Whether a mapping with these PROT_* rights is refused; says so in the log. */
bool space_wx_refused(uint32_t prot);

/* Take all pages of [start, end) out of the tables (space locked for writing, or its last user). */
void space_zap(struct space *space, uint64_t start, uint64_t end);
/* Move the leaves of [from, from + len) to @to, which is empty. ERR_NOMEM: moved back. */
enum err space_move_leaves(struct space *space, uint64_t from, uint64_t to, uint64_t len);

/* Of area.object, at a page-aligned address. */
static inline uint64_t area_page_index(const struct area *area, uint64_t addr)
{
	return (area->offset + (addr - area->start)) >> PAGE_SHIFT;
}

static inline bool pages_of_range(uint64_t addr, uint64_t len, uint64_t *end)
{
	uint64_t rounded = (len + PAGE_MASK) & ~PAGE_MASK;

	*end = addr + rounded;
	return (addr & PAGE_MASK) == 0 && rounded >= len && addr <= USER_END &&
	       rounded <= USER_END - addr;
}

/* Object side (mm/space/object_map.c). */
/* @of: the area whose pages the new one gets, so that a walk that has not been there comes to both.
 */
void object_add_mapping(struct mem_object *object, struct vm_area *area, const struct vm_area *of);
/* @into has got the pages of @of, which goes. */
void object_join_mappings(struct mem_object *object, struct vm_area *into,
			  const struct vm_area *of);
void object_drop_mapping(struct mem_object *object, struct vm_area *area);
/* Count the rights of a mapping; ERR_ACCES when somebody would write what somebody executes. */
enum err object_take_rights(struct mem_object *object, bool shared, uint32_t prot);
/* The same once more for the second half of a mapping: what one has, two may have. */
void object_dup_rights(struct mem_object *object, bool shared, uint32_t prot);
void object_drop_rights(struct mem_object *object, bool shared, uint32_t prot);
/* Others instead of those that a mapping has; an error changes nothing. */
enum err object_change_rights(struct mem_object *object, bool shared, uint32_t from, uint32_t to);
/* Take the pages of [start, end) bytes of an object out of every space that maps it. */
void object_unmap_pages(struct mem_object *object, uint64_t start, uint64_t end);
