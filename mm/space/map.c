/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap(2) and munmap(2): check, place, make room, insert. */
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#include "kernel/core/log.h"
#include "kernel/core/log_rate.h"
#include "mm/space/commit.h"
#include "mm/space/space_internal.h"
#include "mm/wx.h"

/* A line for each program in turn, and one for each 64 times that the same one asks. */
static void say_refusal(const char *name)
{
	static struct log_rate rate;

	if (log_allowed(&rate, "mm"))
		log_warn("mm", "%s asked for memory that is writable and executable: refused",
			 name);
}

/* User W^X. */
bool space_wx_refused(uint32_t prot)
{
	if (!(prot & PROT_WRITE) || !(prot & PROT_EXEC) || wx_allowed())
		return false;
	say_refusal(thread_self()->name);
	return true;
}

static enum err check_fixed(const struct space *space, const struct map_request *request,
			    uint64_t len)
{
	if (request->addr & PAGE_MASK)
		return ERR_INVAL;
	if (request->addr > USER_END || len > USER_END - request->addr)
		return ERR_NOMEM;
	if (request->addr < USER_START)
		return ERR_PERM;
	if (request->flags & MAP_FIXED_NOREPLACE &&
	    area_first_in(&space->areas, request->addr, request->addr + len) != NULL)
		return ERR_EXIST;
	return OK;
}

static enum err check_request(const struct map_request *request, uint64_t *len)
{
	uint32_t type = request->flags & MAP_TYPE;

	if (request->len == 0 || request->offset & PAGE_MASK ||
	    (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE))
		return ERR_INVAL;
	*len = (request->len + PAGE_MASK) & ~PAGE_MASK;
	if (*len < request->len || *len > USER_END)
		return ERR_NOMEM;
	if (request->object != NULL && !range_within(request->offset, *len, INT64_MAX))
		return ERR_OVERFLOW;
	if (request->max_prot != 0 && request->prot & PROT_ALL & ~request->max_prot)
		return ERR_ACCES;
	return space_wx_refused(request->prot) ? ERR_ACCES : OK;
}

/* The hint where it is free, else the highest place below the mmap base. */
static enum err place(const struct space *space, const struct map_request *request, uint64_t len,
		      uint64_t *at)
{
	const struct area_window window = {USER_START, space->mmap_top, USER_END};
	uint64_t hint = align_up(request->addr, PAGE_SIZE);

	if (hint >= USER_START && hint < USER_END && len <= USER_END - hint &&
	    area_first_in(&space->areas, hint, hint + len) == NULL) {
		*at = hint;
		return OK;
	}
	return area_place(&space->areas, len, PAGE_SIZE, &window, at);
}

/* Bytes that [start, end) covers already: MAP_FIXED replaces them. */
static uint64_t covered(const struct space *space, uint64_t start, uint64_t end)
{
	uint64_t bytes = 0;

	area_for_each_in(area, &space->areas, start, end) bytes +=
		MIN(area->end, end) - MAX(area->start, start);
	return bytes;
}

static enum err check_limits(const struct space *space, const struct map_request *request,
			     uint64_t at, uint64_t len)
{
	uint64_t more = len - covered(space, at, at + len);
	const struct space_limits *limits = &space->limits;
	bool data = request->prot & PROT_WRITE && !(request->flags & MAP_SHARED);

	if (limits->address_space != UINT64_MAX &&
	    !range_within(space->mapped_pages << PAGE_SHIFT, more, limits->address_space))
		return ERR_NOMEM;
	if (data && limits->data != UINT64_MAX &&
	    !range_within(space->data_pages << PAGE_SHIFT, more, limits->data))
		return ERR_NOMEM;
	return OK;
}

static uint32_t area_flags(uint32_t flags)
{
	return (flags & MAP_SHARED ? AREA_SHARED : 0) | (flags & MAP_NORESERVE ? AREA_NOCHARGE : 0);
}

static struct vm_area *make_area(struct space *space, const struct map_request *request,
				 uint64_t at, uint64_t len)
{
	struct vm_area *area = vm_area_alloc(space);

	if (area == NULL)
		return NULL;
	area->area.start = at;
	area->area.end = at + len;
	area->area.prot = request->prot & PROT_ALL;
	area->area.flags = area_flags(request->flags) | (request->foreign ? AREA_FOREIGN : 0);
	area->area.object = request->object;
	area->area.offset = request->object != NULL ? request->offset : 0;
	area->name = request->name;
	area->file = request->file;
	area->max_prot = request->max_prot != 0 ? request->max_prot : PROT_ALL;
	return area;
}

static void release_shared(struct mem_object *object)
{
	commit_release(NULL, object->size >> PAGE_SHIFT);
}

static const struct mem_object_ops shared_ops = {.release = release_shared};

/* Shared anonymous memory: an object of its own, held by its areas, promised by the machine. Its
 * users may be several, so none of them has it on his account. */
static enum err anonymous_object(struct vm_area *area, struct mem_object **made)
{
	uint64_t len = area->area.end - area->area.start;
	enum err err = commit_charge(NULL, len >> PAGE_SHIFT);

	if (err != OK)
		return err;
	*made = mem_object_create(&shared_ops, len);
	area->area.object = *made;
	if (*made != NULL)
		return OK;
	commit_release(NULL, len >> PAGE_SHIFT);
	return ERR_NOMEM;
}

static enum err insert(struct space *space, const struct map_request *request, uint64_t at,
		       uint64_t len)
{
	struct vm_area *area = make_area(space, request, at, len);
	struct mem_object *made = NULL;
	enum err err = OK;

	if (area == NULL)
		return ERR_NOMEM;
	if (request->object == NULL && area->area.flags & AREA_SHARED)
		err = anonymous_object(area, &made);
	if (err == OK && area_first_in(&space->areas, at, at + len) != NULL)
		err = space_unmap_locked(space, at, len);
	if (err == OK)
		err = vm_area_link(space, area, NULL);
	if (made != NULL)
		mem_object_put(made);
	if (err != OK) {
		vm_area_free(area);
		return err;
	}
	vm_area_try_merge(space, area);
	return OK;
}

enum err space_map_locked(struct space *space, const struct map_request *request, uint64_t *at)
{
	bool fixed = request->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	uint64_t where = request->addr;
	uint64_t len = 0;
	enum err err = check_request(request, &len);

	if (err != OK)
		return err;
	err = fixed ? check_fixed(space, request, len) : place(space, request, len, &where);
	if (err == OK)
		err = check_limits(space, request, where, len);
	if (err == OK)
		err = insert(space, request, where, len);
	if (err == OK)
		*at = where;
	return err;
}

enum err space_map(struct space *space, const struct map_request *request, uint64_t *at)
{
	uint64_t where = 0;
	enum err err;

	rwlock_write(&space->lock);
	err = space_map_locked(space, request, &where);
	rwlock_write_done(&space->lock);
	if (err != OK)
		return err;
	if (request->flags & (MAP_POPULATE | MAP_LOCKED) && !(request->flags & MAP_NONBLOCK))
		(void)!space_populate(space, where, request->len);
	*at = where;
	return OK;
}

enum err space_unmap_locked(struct space *space, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + len;
	struct area *area = area_first_in(&space->areas, addr, end);
	enum err err;

	if (area == NULL)
		return OK;
	err = vm_area_split_range(space, addr, end);
	if (err != OK)
		return err;
	space_zap(space, addr, end);
	while ((area = area_first_in(&space->areas, addr, end)) != NULL)
		vm_area_unlink(space, vm_area_of(area));
	return OK;
}

enum err space_unmap(struct space *space, uint64_t addr, uint64_t len)
{
	uint64_t end;
	enum err err;

	if (!pages_of_range(addr, len, &end) || len == 0)
		return ERR_INVAL;
	rwlock_write(&space->lock);
	err = space_unmap_locked(space, addr, end - addr);
	rwlock_write_done(&space->lock);
	return err;
}
