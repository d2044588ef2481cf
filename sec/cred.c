/* SPDX-License-Identifier: BSD-2-Clause */
#include "sec/cred.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "mm/slab.h"

static const struct cred root_cred = {
	.count = REFCOUNT_INIT(REFCOUNT_SATURATED),
	.caps = {.permitted = CAP_ALL, .effective = CAP_ALL, .bounding = CAP_ALL},
};

const struct cred *cred_root(void)
{
	return &root_cred;
}

/* Only the count of a published cred ever changes, and never the root cred's: it is read-only. */
static struct refcount *cred_count(const struct cred *cred)
{
	return (struct refcount *)(uintptr_t)&cred->count;
}

const struct cred *cred_get(const struct cred *cred)
{
	if (cred != &root_cred)
		refcount_get(cred_count(cred));
	return cred;
}

void cred_put(const struct cred *cred)
{
	if (cred && cred != &root_cred && refcount_put(cred_count(cred)))
		kfree((void *)(uintptr_t)cred);
}

static struct cred *cred_allocate(const struct cred *from, uint32_t group_count)
{
	struct cred *cred = kmalloc(sizeof(*cred) + group_count * sizeof(cred->groups[0]));

	if (!cred)
		return NULL;
	memcpy(cred, from, sizeof(*cred));
	refcount_init(&cred->count, 1);
	cred->group_count = group_count;
	return cred;
}

struct cred *cred_copy(const struct cred *from)
{
	struct cred *cred = cred_allocate(from, from->group_count);

	if (cred)
		memcpy(cred->groups, from->groups, from->group_count * sizeof(from->groups[0]));
	return cred;
}

const struct cred *cred_inherit(const struct cred *from)
{
	return from == &root_cred ? from : cred_copy(from);
}

const struct cred *cred_for_access(const struct cred *from)
{
	uint64_t effective = from->uid ? 0 : from->caps.permitted;
	struct cred *cred;

	if (from->uid == from->fsuid && from->gid == from->fsgid &&
	    from->caps.effective == effective)
		return cred_get(from);
	cred = cred_copy(from);
	if (!cred)
		return NULL;
	cred->fsuid = cred->uid;
	cred->fsgid = cred->gid;
	cred->caps.effective = effective;
	return cred;
}

static void sift_down(uint32_t *heap, uint32_t at, uint32_t count)
{
	for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
		uint32_t value = heap[at];

		if (child + 1 < count && heap[child + 1] > heap[child])
			child++;
		if (value >= heap[child])
			return;
		heap[at] = heap[child];
		heap[child] = value;
	}
}

/* Heap sort: n log n whatever a stranger passes, and nothing on the stack. */
static void sort_groups(uint32_t *groups, uint32_t count)
{
	for (uint32_t i = count / 2; i-- > 0;)
		sift_down(groups, i, count);
	for (uint32_t last = count; last-- > 1;) {
		uint32_t largest = groups[0];

		groups[0] = groups[last];
		groups[last] = largest;
		sift_down(groups, 0, last);
	}
}

struct cred *cred_copy_with_groups(const struct cred *from, const uint32_t *groups, uint32_t count)
{
	struct cred *cred;

	if (count > CRED_GROUPS_MAX)
		return NULL;
	cred = cred_allocate(from, count);
	if (!cred)
		return NULL;
	if (count)
		memcpy(cred->groups, groups, count * sizeof(groups[0]));
	sort_groups(cred->groups, count);
	return cred;
}

bool cred_in_group(const struct cred *cred, uint32_t gid)
{
	uint32_t low = 0;
	uint32_t high = cred->group_count;

	if (cred->fsgid == gid)
		return true;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (cred->groups[middle] == gid)
			return true;
		if (cred->groups[middle] < gid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
