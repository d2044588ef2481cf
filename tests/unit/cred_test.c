/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may become whom, against a model of setresuid(2), setreuid(2), setuid(2), setfsuid(2). */
#include "kernel/lib/compiler.h"

#include "sec/cred.h"
#include "tests/unit/heap.h"

#define NO_ID CRED_NO_ID

static uint64_t seed = 5;
static const uint64_t file_rights =
	1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 9 | 1 << 27 | 1ull << 32;

/* Real, effective, saved and the file system's, of users or of groups. */
struct four {
	uint32_t real, effective, saved, files;
};

static struct four users_of(const struct cred *cred)
{
	return (struct four){cred->uid, cred->euid, cred->suid, cred->fsuid};
}

static struct four groups_of(const struct cred *cred)
{
	return (struct four){cred->gid, cred->egid, cred->sgid, cred->fsgid};
}

static uint32_t random_id(void)
{
	return (uint32_t)check_random(&seed) % 4;
}

static uint32_t random_wish(void)
{
	uint32_t id = (uint32_t)check_random(&seed) % 6;

	return id < 4 ? id : NO_ID;
}

static uint64_t random_caps(void)
{
	uint64_t caps = check_random(&seed) & check_random(&seed) & CAP_ALL;

	return check_random(&seed) % 4 ? caps : check_random(&seed) % 2 ? 0 : CAP_ALL;
}

static struct cred *random_cred(void)
{
	struct cred *cred = cred_copy(cred_root());

	cred->uid = random_id(), cred->euid = random_id(), cred->suid = random_id();
	cred->gid = random_id(), cred->egid = random_id(), cred->sgid = random_id();
	cred->fsuid = random_id(), cred->fsgid = random_id();
	cred->caps = (struct capabilities){
		.permitted = random_caps(),
		.inheritable = random_caps(),
		.bounding = random_caps(),
		.keep = check_random(&seed) % 2,
	};
	cred->caps.effective = cred->caps.permitted & random_caps();
	return cred;
}

static bool same_caps(const struct capabilities *a, const struct capabilities *b)
{
	return a->permitted == b->permitted && a->effective == b->effective &&
	       a->inheritable == b->inheritable && a->bounding == b->bounding && a->keep == b->keep;
}

static bool has(const struct cred *cred, unsigned capability)
{
	return cred->caps.effective >> capability & 1;
}

static bool among(uint32_t id, const struct four *own)
{
	return id == NO_ID || id == own->real || id == own->effective || id == own->saved;
}

/* The ids after setres*id(@wanted) by somebody who has @own; false: he may not. */
static bool after_setres(const struct four *own, struct four wanted, bool privileged,
			 struct four *out)
{
	if (!privileged &&
	    !(among(wanted.real, own) && among(wanted.effective, own) && among(wanted.saved, own)))
		return false;
	out->real = wanted.real == NO_ID ? own->real : wanted.real;
	out->effective = wanted.effective == NO_ID ? own->effective : wanted.effective;
	out->saved = wanted.saved == NO_ID ? own->saved : wanted.saved;
	out->files = out->effective;
	return true;
}

static bool after_setre(const struct four *own, struct four wanted, bool privileged,
			struct four *out)
{
	if (!privileged && wanted.real != NO_ID && wanted.real != own->real &&
	    wanted.real != own->effective)
		return false;
	wanted.saved = NO_ID;
	if (!after_setres(own, wanted, privileged, out))
		return false;
	if (wanted.real != NO_ID || (wanted.effective != NO_ID && wanted.effective != own->real))
		out->saved = out->effective;
	return true;
}

static bool after_set(const struct four *own, uint32_t id, bool privileged, struct four *out)
{
	if (!privileged && id != own->real && id != own->saved)
		return false;
	*out = *own;
	out->effective = out->files = id;
	if (privileged)
		out->real = out->saved = id;
	return true;
}

/* What a change of users does to root's rights. */
static struct capabilities caps_after(const struct cred *from, const struct four *now)
{
	struct capabilities caps = from->caps;
	bool before = from->uid == 0 || from->euid == 0 || from->suid == 0;
	bool after = now->real == 0 || now->effective == 0 || now->saved == 0;

	if (before && !after && !caps.keep)
		caps.permitted = caps.effective = 0;
	if (from->euid == 0 && now->effective != 0)
		caps.effective = 0;
	if (from->euid != 0 && now->effective == 0)
		caps.effective = caps.permitted;
	return caps;
}

enum call { SETRES, SETRE, SET };

static enum err call_users(enum call call, const struct cred *from, struct four w,
			   struct cred **out)
{
	return call == SETRES  ? cred_setresuid(from, w.real, w.effective, w.saved, out)
	       : call == SETRE ? cred_setreuid(from, w.real, w.effective, out)
			       : cred_setuid(from, w.real, out);
}

static enum err call_groups(enum call call, const struct cred *from, struct four w,
			    struct cred **out)
{
	return call == SETRES  ? cred_setresgid(from, w.real, w.effective, w.saved, out)
	       : call == SETRE ? cred_setregid(from, w.real, w.effective, out)
			       : cred_setgid(from, w.real, out);
}

static bool after_call(enum call call, const struct four *own, struct four w, bool privileged,
		       struct four *out)
{
	return call == SETRES  ? after_setres(own, w, privileged, out)
	       : call == SETRE ? after_setre(own, w, privileged, out)
			       : after_set(own, w.real, privileged, out);
}

static void check_set(const struct cred *from, enum call call, bool of_groups)
{
	struct four wanted = {random_wish(), random_wish(), random_wish(), 0};
	struct four users = users_of(from), groups = groups_of(from), other = users, now;
	struct capabilities caps;
	struct cred *out = NULL;
	bool may = after_call(call, of_groups ? &groups : &users, wanted,
			      has(from, of_groups ? CAP_SETGID : CAP_SETUID), &now);
	enum err error;

	if (call == SET && wanted.real == NO_ID) {
		CHECK_EQ((of_groups ? call_groups : call_users)(call, from, wanted, &out),
			 ERR_INVAL);
		return;
	}
	heap_is_empty = true;
	error = (of_groups ? call_groups : call_users)(call, from, wanted, &out);
	CHECK_EQ(error, may ? ERR_NOMEM : ERR_PERM);
	heap_is_empty = false;
	error = (of_groups ? call_groups : call_users)(call, from, wanted, &out);
	CHECK_EQ(error, may ? OK : ERR_PERM);
	CHECK((out != NULL) == may);
	if (!may)
		return;
	if (!of_groups)
		other = groups;
	caps = of_groups ? from->caps : caps_after(from, &now);
	users = users_of(out), groups = groups_of(out);
	CHECK(memcmp(of_groups ? &groups : &users, &now, sizeof(now)) == 0);
	CHECK(memcmp(of_groups ? &users : &groups, &other, sizeof(other)) == 0);
	CHECK(same_caps(&out->caps, &caps));
	cred_put(out);
}

/* setfsuid and setfsgid: no error but for memory, and no new cred where nothing changes. */
static void check_set_files(const struct cred *from, bool of_groups)
{
	const struct four own = of_groups ? groups_of(from) : users_of(from);
	uint32_t id = random_wish();
	bool changes = id != NO_ID && id != own.files &&
		       (has(from, of_groups ? CAP_SETGID : CAP_SETUID) || among(id, &own));
	struct capabilities caps = from->caps;
	struct cred *out = (struct cred *)&seed;

	heap_is_empty = true;
	CHECK_EQ((of_groups ? cred_setfsgid : cred_setfsuid)(from, id, &out),
		 changes ? ERR_NOMEM : OK);
	heap_is_empty = false;
	CHECK(out == NULL);
	CHECK_EQ((of_groups ? cred_setfsgid : cred_setfsuid)(from, id, &out), OK);
	CHECK((out != NULL) == changes);
	if (!changes)
		return;
	if (!of_groups && from->fsuid == 0)
		caps.effective &= ~file_rights;
	if (!of_groups && id == 0)
		caps.effective |= file_rights & caps.permitted;
	CHECK_EQ(of_groups ? out->fsgid : out->fsuid, id);
	CHECK_EQ(of_groups ? out->fsuid : out->fsgid, of_groups ? from->fsuid : from->fsgid);
	CHECK(out->uid == from->uid && out->euid == from->euid && out->gid == from->gid);
	CHECK(same_caps(&out->caps, &caps));
	cred_put(out);
}

/* Sets of rights that are near what may be had: else all would be refused. */
static void check_capset(const struct cred *from)
{
	const struct capabilities *own = &from->caps;
	struct capabilities to = {
		.permitted = own->permitted & random_caps(),
		.inheritable = (own->inheritable | own->bounding) & random_caps(),
		.bounding = own->bounding,
	};
	uint64_t stray = CAP_BIT(check_random(&seed) % 41);
	uint64_t kind = check_random(&seed) % 8;
	struct cred *out = NULL;
	bool may;

	to.effective = to.permitted & random_caps();
	if (check_random(&seed) % 2)
		to.inheritable &= own->inheritable | own->permitted;
	to.permitted |= kind == 0 ? stray : 0;
	to.effective |= kind == 1 ? stray : 0;
	to.inheritable |= kind == 2 ? stray : 0;
	may = !(to.permitted & ~own->permitted) && !(to.effective & ~to.permitted) &&
	      !(to.inheritable & ~(own->inheritable | own->bounding)) &&
	      (has(from, CAP_SETPCAP) || !(to.inheritable & ~(own->inheritable | own->permitted)));
	heap_is_empty = true;
	CHECK_EQ(cred_set_capabilities(from, &to, &out), may ? ERR_NOMEM : ERR_PERM);
	heap_is_empty = false;
	CHECK_EQ(cred_set_capabilities(from, &to, &out), may ? OK : ERR_PERM);
	CHECK((out != NULL) == may);
	if (may)
		CHECK(same_caps(&out->caps, &to));
	cred_put(out);
}

static void check_exec(const struct cred *from)
{
	for (int may_gain = 0; may_gain < 2; may_gain++) {
		struct cred *cred = cred_copy(from);
		uint64_t full = from->caps.bounding | from->caps.inheritable;
		uint64_t permitted = from->uid && from->euid ? 0 : full;

		if (!may_gain)
			permitted &= from->caps.permitted;
		cred_capabilities_for_exec(cred, may_gain);
		CHECK_EQ(cred->caps.permitted, permitted);
		CHECK_EQ(cred->caps.effective, from->euid ? 0 : permitted);
		CHECK(!cred->caps.keep && cred->caps.inheritable == from->caps.inheritable);
		cred_put(cred);
	}
}

/* access(2): the real ids; root's rights by the real user. */
static void check_access(struct cred *from)
{
	uint64_t effective = from->uid ? 0 : from->caps.permitted;
	const struct cred *cred;
	bool same;

	if (check_random(&seed) % 2)
		from->fsuid = from->uid;
	if (check_random(&seed) % 2)
		from->fsgid = from->gid;
	if (check_random(&seed) % 2)
		from->caps.effective = effective;
	same = from->fsuid == from->uid && from->fsgid == from->gid &&
	       from->caps.effective == effective;
	heap_is_empty = true;
	cred = cred_for_access(from);
	CHECK(cred == (same ? from : NULL));
	cred_put(cred);
	heap_is_empty = false;
	cred = cred_for_access(from);
	CHECK((cred == from) == same);
	CHECK(cred->fsuid == from->uid && cred->fsgid == from->gid);
	CHECK_EQ(cred->caps.effective, effective);
	CHECK_EQ(cred->caps.permitted, from->caps.permitted);
	cred_put(cred);
}

static int compare_ids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Any groups in any order, once or more: sorted, and each is found, and no other. */
static void test_groups(void)
{
	for (uint32_t count = 0; count < 70; count++) {
		uint32_t range = 1 + (uint32_t)check_random(&seed) % 200;
		uint32_t *groups = malloc(count * sizeof(*groups));
		struct cred *cred, *copy;

		for (uint32_t i = 0; i < count; i++)
			groups[i] = 1 + (uint32_t)check_random(&seed) % range;
		cred = cred_copy_with_groups(cred_root(), groups, count);
		qsort(groups, count, sizeof(*groups), compare_ids);
		CHECK_EQ(cred->group_count, count);
		CHECK(memcmp(cred->groups, groups, count * sizeof(*groups)) == 0);
		cred->fsgid = 500;
		for (uint32_t gid = 0; gid < 202; gid++)
			CHECK_EQ(cred_in_group(cred, gid),
				 bsearch(&gid, groups, count, sizeof(gid), compare_ids) != NULL);
		CHECK(cred_in_group(cred, 500));
		copy = cred_copy(cred);
		CHECK(copy->group_count == count && copy->fsgid == 500);
		CHECK(memcmp(copy->groups, groups, count * sizeof(*groups)) == 0);
		cred_put(copy);
		cred_put(cred);
		free(groups);
	}
}

static void test_limits(void)
{
	uint32_t *groups = calloc(CRED_GROUPS_MAX + 1, sizeof(*groups));
	struct cred *cred = cred_copy_with_groups(cred_root(), groups, CRED_GROUPS_MAX);

	CHECK(cred && cred->group_count == CRED_GROUPS_MAX);
	cred_put(cred);
	CHECK(!cred_copy_with_groups(cred_root(), groups, CRED_GROUPS_MAX + 1));
	heap_is_empty = true;
	CHECK(!cred_copy_with_groups(cred_root(), groups, 1));
	CHECK(!cred_copy(cred_root()));
	heap_is_empty = false;
	free(groups);
}

/* Each holder keeps one of its own alive; the kernel's is nobody's. */
static void test_counts(void)
{
	const struct cred *root = cred_root(), *inherited;
	struct cred *cred = cred_copy(root);

	CHECK(root->uid == 0 && root->caps.permitted == CAP_ALL && root->caps.effective == CAP_ALL);
	CHECK(root->caps.bounding == CAP_ALL && root->caps.inheritable == 0);
	CHECK(cred_get(root) == root && cred_inherit(root) == root);
	cred_put(root);
	cred_put(root);
	cred_put(NULL);
	CHECK_EQ(heap_live, 1);
	CHECK(cred_get(cred) == cred);
	cred_put(cred);
	CHECK_EQ(heap_live, 1);
	inherited = cred_inherit(cred);
	CHECK(inherited && inherited != cred && heap_live == 2);
	cred_put(cred);
	CHECK_EQ(heap_live, 1);
	cred_put(inherited);
	CHECK_EQ(heap_live, 0);
}

int main(void)
{
	test_counts();
	test_groups();
	test_limits();
	for (unsigned round = 0; round < 30000; round++) {
		struct cred *from = random_cred();

		for (enum call call = SETRES; call <= SET; call++)
			check_set(from, call, round % 2);
		check_set_files(from, round % 2);
		check_capset(from);
		check_exec(from);
		check_access(from);
		cred_put(from);
	}
	CHECK_EQ(heap_live, 0);
	return check_done("cred");
}
