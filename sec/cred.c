/* SPDX-License-Identifier: BSD-2-Clause */
#include "sec/cred.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "mm/slab.h"

static const struct cred root_cred = {.count = REFCOUNT_INIT(REFCOUNT_SATURATED)};

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

const struct cred *cred_for_access(const struct cred *from)
{
	struct cred *cred;

	if (from->uid == from->fsuid && from->gid == from->fsgid)
		return cred_get(from);
	cred = cred_copy(from);
	if (!cred)
		return NULL;
	cred->fsuid = cred->uid;
	cred->fsgid = cred->gid;
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

enum err cred_setresuid(const struct cred *from, uint32_t uid, uint32_t euid, uint32_t suid,
			struct cred **out)
{
	const uint32_t wanted[] = {uid, euid, suid};
	struct cred *cred;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (wanted[i] != CRED_NO_ID && !cred_is_privileged(from) &&
		    wanted[i] != from->uid && wanted[i] != from->euid && wanted[i] != from->suid)
			return ERR_PERM;
	}
	cred = cred_copy(from);
	if (!cred)
		return ERR_NOMEM;
	if (uid != CRED_NO_ID)
		cred->uid = uid;
	if (euid != CRED_NO_ID)
		cred->euid = euid;
	if (suid != CRED_NO_ID)
		cred->suid = suid;
	cred->fsuid = cred->euid;
	*out = cred;
	return OK;
}

enum err cred_setresgid(const struct cred *from, uint32_t gid, uint32_t egid, uint32_t sgid,
			struct cred **out)
{
	const uint32_t wanted[] = {gid, egid, sgid};
	struct cred *cred;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (wanted[i] != CRED_NO_ID && !cred_is_privileged(from) &&
		    wanted[i] != from->gid && wanted[i] != from->egid && wanted[i] != from->sgid)
			return ERR_PERM;
	}
	cred = cred_copy(from);
	if (!cred)
		return ERR_NOMEM;
	if (gid != CRED_NO_ID)
		cred->gid = gid;
	if (egid != CRED_NO_ID)
		cred->egid = egid;
	if (sgid != CRED_NO_ID)
		cred->sgid = sgid;
	cred->fsgid = cred->egid;
	*out = cred;
	return OK;
}

/* As the manual page says: with privilege all three ids, without it the effective one alone. */
enum err cred_setuid(const struct cred *from, uint32_t uid, struct cred **out)
{
	if (uid == CRED_NO_ID)
		return ERR_INVAL;
	if (cred_is_privileged(from))
		return cred_setresuid(from, uid, uid, uid, out);
	if (uid != from->uid && uid != from->suid)
		return ERR_PERM;
	return cred_setresuid(from, CRED_NO_ID, uid, CRED_NO_ID, out);
}

enum err cred_setgid(const struct cred *from, uint32_t gid, struct cred **out)
{
	if (gid == CRED_NO_ID)
		return ERR_INVAL;
	if (cred_is_privileged(from))
		return cred_setresgid(from, gid, gid, gid, out);
	if (gid != from->gid && gid != from->sgid)
		return ERR_PERM;
	return cred_setresgid(from, CRED_NO_ID, gid, CRED_NO_ID, out);
}

/* The saved id follows the effective one when the real one is set or the effective one leaves it.
 */
enum err cred_setreuid(const struct cred *from, uint32_t uid, uint32_t euid, struct cred **out)
{
	struct cred *cred;
	enum err error;

	if (uid != CRED_NO_ID && !cred_is_privileged(from) && uid != from->uid && uid != from->euid)
		return ERR_PERM;
	error = cred_setresuid(from, uid, euid, CRED_NO_ID, &cred);
	if (error)
		return error;
	if (uid != CRED_NO_ID || (euid != CRED_NO_ID && euid != from->uid))
		cred->suid = cred->euid;
	*out = cred;
	return OK;
}

enum err cred_setregid(const struct cred *from, uint32_t gid, uint32_t egid, struct cred **out)
{
	struct cred *cred;
	enum err error;

	if (gid != CRED_NO_ID && !cred_is_privileged(from) && gid != from->gid && gid != from->egid)
		return ERR_PERM;
	error = cred_setresgid(from, gid, egid, CRED_NO_ID, &cred);
	if (error)
		return error;
	if (gid != CRED_NO_ID || (egid != CRED_NO_ID && egid != from->gid))
		cred->sgid = cred->egid;
	*out = cred;
	return OK;
}
