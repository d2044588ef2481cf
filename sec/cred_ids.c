/* SPDX-License-Identifier: BSD-2-Clause */
/* The set*id calls: who may become whom, and what capabilities become of it. */
#include "kernel/lib/compiler.h"

#include "sec/cred.h"

/* What setfsuid moves: the rights over files. */
#define CAP_FILES                                                                        \
	(CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH) | \
	 CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_LINUX_IMMUTABLE) |      \
	 CAP_BIT(CAP_MKNOD) | CAP_BIT(CAP_MAC_OVERRIDE))

static bool was_root(const struct cred *cred)
{
	return !cred->uid || !cred->euid || !cred->suid;
}

/* Leaving root with all ids leaves its rights; the effective id alone switches them off and on. */
static void follow_user(struct cred *cred, const struct cred *from)
{
	struct capabilities *caps = &cred->caps;

	if (was_root(from) && !was_root(cred) && !caps->keep) {
		caps->permitted = 0;
		caps->effective = 0;
	}
	if (!from->euid && cred->euid)
		caps->effective = 0;
	if (from->euid && !cred->euid)
		caps->effective = caps->permitted;
}

/* Three ids to set, of users or of groups. */
struct ids {
	uint32_t real, effective, saved;
};

/* Without privilege an id may become one of the three that there are. */
static bool may_set(const struct ids *wanted, const struct ids *own)
{
	const uint32_t all[] = {wanted->real, wanted->effective, wanted->saved};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i] != CRED_NO_ID && all[i] != own->real && all[i] != own->effective &&
		    all[i] != own->saved)
			return false;
	return true;
}

static void set(uint32_t *id, uint32_t value)
{
	if (value != CRED_NO_ID)
		*id = value;
}

static enum err set_users(const struct cred *from, const struct ids *ids, struct cred **out)
{
	const struct ids own = {from->uid, from->euid, from->suid};
	struct cred *cred;

	if (!cred_can(from, CAP_SETUID) && !may_set(ids, &own))
		return ERR_PERM;
	cred = cred_copy(from);
	if (!cred)
		return ERR_NOMEM;
	set(&cred->uid, ids->real);
	set(&cred->euid, ids->effective);
	set(&cred->suid, ids->saved);
	cred->fsuid = cred->euid;
	follow_user(cred, from);
	*out = cred;
	return OK;
}

static enum err set_groups(const struct cred *from, const struct ids *ids, struct cred **out)
{
	const struct ids own = {from->gid, from->egid, from->sgid};
	struct cred *cred;

	if (!cred_can(from, CAP_SETGID) && !may_set(ids, &own))
		return ERR_PERM;
	cred = cred_copy(from);
	if (!cred)
		return ERR_NOMEM;
	set(&cred->gid, ids->real);
	set(&cred->egid, ids->effective);
	set(&cred->sgid, ids->saved);
	cred->fsgid = cred->egid;
	*out = cred;
	return OK;
}

enum err cred_setresuid(const struct cred *from, uint32_t uid, uint32_t euid, uint32_t suid,
			struct cred **out)
{
	return set_users(from, &(struct ids){uid, euid, suid}, out);
}

enum err cred_setresgid(const struct cred *from, uint32_t gid, uint32_t egid, uint32_t sgid,
			struct cred **out)
{
	return set_groups(from, &(struct ids){gid, egid, sgid}, out);
}

/* As the manual page says: with privilege all three ids, without it the effective one alone. */
enum err cred_setuid(const struct cred *from, uint32_t uid, struct cred **out)
{
	if (uid == CRED_NO_ID)
		return ERR_INVAL;
	if (cred_can(from, CAP_SETUID))
		return cred_setresuid(from, uid, uid, uid, out);
	if (uid != from->uid && uid != from->suid)
		return ERR_PERM;
	return cred_setresuid(from, CRED_NO_ID, uid, CRED_NO_ID, out);
}

enum err cred_setgid(const struct cred *from, uint32_t gid, struct cred **out)
{
	if (gid == CRED_NO_ID)
		return ERR_INVAL;
	if (cred_can(from, CAP_SETGID))
		return cred_setresgid(from, gid, gid, gid, out);
	if (gid != from->gid && gid != from->sgid)
		return ERR_PERM;
	return cred_setresgid(from, CRED_NO_ID, gid, CRED_NO_ID, out);
}

/* The saved id follows the effective one when the real one is set or the effective one leaves it.
 */
static struct ids saved_follows(uint32_t real, uint32_t effective, const struct ids *own)
{
	struct ids ids = {real, effective, CRED_NO_ID};

	if (real != CRED_NO_ID || (effective != CRED_NO_ID && effective != own->real))
		ids.saved = effective != CRED_NO_ID ? effective : own->effective;
	return ids;
}

enum err cred_setreuid(const struct cred *from, uint32_t uid, uint32_t euid, struct cred **out)
{
	const struct ids own = {from->uid, from->euid, from->suid};
	const struct ids ids = saved_follows(uid, euid, &own);

	if (uid != CRED_NO_ID && !cred_can(from, CAP_SETUID) && uid != from->uid &&
	    uid != from->euid)
		return ERR_PERM;
	return set_users(from, &ids, out);
}

enum err cred_setregid(const struct cred *from, uint32_t gid, uint32_t egid, struct cred **out)
{
	const struct ids own = {from->gid, from->egid, from->sgid};
	const struct ids ids = saved_follows(gid, egid, &own);

	if (gid != CRED_NO_ID && !cred_can(from, CAP_SETGID) && gid != from->gid &&
	    gid != from->egid)
		return ERR_PERM;
	return set_groups(from, &ids, out);
}

enum err cred_setfsuid(const struct cred *from, uint32_t uid, struct cred **out)
{
	struct cred *cred;

	*out = NULL;
	if (uid == CRED_NO_ID || uid == from->fsuid ||
	    (!cred_can(from, CAP_SETUID) && uid != from->uid && uid != from->euid &&
	     uid != from->suid))
		return OK;
	cred = cred_copy(from);
	if (!cred)
		return ERR_NOMEM;
	cred->fsuid = uid;
	if (!from->fsuid && uid)
		cred->caps.effective &= ~CAP_FILES;
	if (from->fsuid && !uid)
		cred->caps.effective |= CAP_FILES & cred->caps.permitted;
	*out = cred;
	return OK;
}

enum err cred_setfsgid(const struct cred *from, uint32_t gid, struct cred **out)
{
	struct cred *cred;

	*out = NULL;
	if (gid == CRED_NO_ID || gid == from->fsgid ||
	    (!cred_can(from, CAP_SETGID) && gid != from->gid && gid != from->egid &&
	     gid != from->sgid))
		return OK;
	cred = cred_copy(from);
	if (!cred)
		return ERR_NOMEM;
	cred->fsgid = gid;
	*out = cred;
	return OK;
}

static bool is_subset(uint64_t part, uint64_t whole)
{
	return !(part & ~whole);
}

static bool may_have(const struct cred *from, const struct capabilities *caps)
{
	const struct capabilities *own = &from->caps;

	return is_subset(caps->inheritable, own->inheritable | own->bounding) &&
	       (cred_can(from, CAP_SETPCAP) ||
		is_subset(caps->inheritable, own->inheritable | own->permitted)) &&
	       is_subset(caps->permitted, own->permitted) &&
	       is_subset(caps->effective, caps->permitted);
}

enum err cred_set_capabilities(const struct cred *from, const struct capabilities *caps,
			       struct cred **out)
{
	struct cred *cred;

	if (!may_have(from, caps))
		return ERR_PERM;
	cred = cred_copy(from);
	if (!cred)
		return ERR_NOMEM;
	cred->caps = *caps;
	*out = cred;
	return OK;
}

void cred_capabilities_for_exec(struct cred *cred, bool may_gain)
{
	struct capabilities *caps = &cred->caps;
	uint64_t most = may_gain ? CAP_ALL : caps->permitted;
	bool root = !cred->uid || !cred->euid;

	caps->permitted = root ? (caps->bounding | caps->inheritable) & most : 0;
	caps->effective = !cred->euid ? caps->permitted : 0;
	caps->keep = false;
}
