/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Who acts: user and group ids. A cred never changes once it is published; a process that changes
 * its ids gets a new one. Holders keep a counted `const struct cred *`.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

#include "sec/capability.h"

#define CRED_GROUPS_MAX 65536u /* as Linux's NGROUPS_MAX */
#define CRED_NO_ID      UINT32_MAX

struct cred {
	struct refcount count;
	uint32_t uid, euid, suid, fsuid;
	uint32_t gid, egid, sgid, fsgid;
	struct capabilities caps;
	uint32_t group_count;
	uint32_t groups[]; /* sorted ascending */
};

/** The cred of the kernel and of the first process: everything 0. Never freed. */
const struct cred *cred_root(void);

/** Context: any. */
const struct cred *cred_get(const struct cred *cred);
/** NULL is allowed. */
void cred_put(const struct cred *cred);

/** A private copy of @from to edit and then publish; NULL without memory. */
struct cred *cred_copy(const struct cred *from);

/** As @from with a count of its own; the kernel's, which is not counted, itself. NULL without
 * memory. */
const struct cred *cred_inherit(const struct cred *from);

/**
 * A private copy of @from with these supplementary groups.
 * @groups: any order, sorted here. Return: NULL without memory or when there are too many.
 */
struct cred *cred_copy_with_groups(const struct cred *from, const uint32_t *groups, uint32_t count);

/**
 * Who access(2) asks for: @from with its real ids as the file system's. Counted; @from itself where
 * they are the same; NULL without memory.
 */
const struct cred *cred_for_access(const struct cred *from);

/** Whether @gid is the file system group or a supplementary one. */
bool cred_in_group(const struct cred *cred, uint32_t gid);

/** Whether the cred has a capability (CAP_*) in effect. */
static inline bool cred_can(const struct cred *cred, unsigned capability)
{
	return cred->caps.effective & CAP_BIT(capability);
}

/** Whether the cred overrides file permissions. */
static inline bool cred_is_fs_root(const struct cred *cred)
{
	return cred_can(cred, CAP_DAC_OVERRIDE);
}

/** Whether the cred may do what Linux asks no narrower capability for. */
static inline bool cred_is_privileged(const struct cred *cred)
{
	return cred_can(cred, CAP_SYS_ADMIN);
}

/*
 * The set*id calls: each returns OK and a new cred in *@out (to be published by the caller), or
 * ERR_PERM, ERR_NOMEM. CRED_NO_ID leaves an id as it is where Linux allows that.
 */
enum err cred_setuid(const struct cred *from, uint32_t uid, struct cred **out);
enum err cred_setgid(const struct cred *from, uint32_t gid, struct cred **out);
enum err cred_setreuid(const struct cred *from, uint32_t uid, uint32_t euid, struct cred **out);
enum err cred_setregid(const struct cred *from, uint32_t gid, uint32_t egid, struct cred **out);
enum err cred_setresuid(const struct cred *from, uint32_t uid, uint32_t euid, uint32_t suid,
			struct cred **out);
enum err cred_setresgid(const struct cred *from, uint32_t gid, uint32_t egid, uint32_t sgid,
			struct cred **out);

/*
 * setfsuid, setfsgid. They have no error: *@out is NULL where nothing changes.
 * Return: OK, ERR_NOMEM.
 */
enum err cred_setfsuid(const struct cred *from, uint32_t uid, struct cred **out);
enum err cred_setfsgid(const struct cred *from, uint32_t gid, struct cred **out);

/** capset: ERR_PERM for what @from may not have. */
enum err cred_set_capabilities(const struct cred *from, const struct capabilities *caps,
			       struct cred **out);

/** What @cred, whose ids exec has chosen, may do after it. @may_gain: more than before. */
void cred_capabilities_for_exec(struct cred *cred, bool may_gain);
