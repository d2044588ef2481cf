/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may do what with a file, by its mode and owner alone, and what becomes of both. Pure: the
 * host tries it against a model (tests/unit/rights_test.c).
 */
#include "kernel/lib/compiler.h"

#include "fs/inode.h"

/* The three bits of the class that @cred falls in: the owner's even if others have more. */
static uint32_t class_bits(const struct inode *inode, const struct cred *cred)
{
	if (cred->fsuid == inode->uid)
		return inode->mode >> 6 & 7;
	if (cred_in_group(cred, inode->gid))
		return inode->mode >> 3 & 7;
	return inode->mode & 7;
}

enum err inode_permission(const struct inode *inode, const struct cred *cred, unsigned mask)
{
	if ((mask & MAY_WRITE) && (inode->super->flags & SB_RDONLY) && inode_is_stored(inode))
		return ERR_ROFS;
	if (cred_is_fs_root(cred)) {
		/* Root runs only what somebody may run. */
		if ((mask & MAY_EXEC) && !S_ISDIR(inode->mode) && !(inode->mode & S_IXUGO))
			return ERR_ACCES;
		return OK;
	}
	/* Reading and searching has a capability of its own. */
	if (cred_can(cred, CAP_DAC_READ_SEARCH) && !(mask & MAY_WRITE) &&
	    (S_ISDIR(inode->mode) || !(mask & MAY_EXEC)))
		return OK;
	return mask & ~class_bits(inode, cred) ? ERR_ACCES : OK;
}

void inode_init_owner(struct inode *inode, const struct inode *dir, const struct cred *cred,
		      uint32_t mode)
{
	inode->uid = cred->fsuid;
	inode->gid = cred->fsgid;
	inode->mode = mode;
	if (!(dir->mode & S_ISGID))
		return;
	inode->gid = dir->gid;
	if (S_ISDIR(mode))
		inode->mode |= S_ISGID;
	else if ((mode & S_IXGRP) && !cred_in_group(cred, dir->gid) && !cred_can(cred, CAP_FSETID))
		inode->mode &= ~S_ISGID;
}

/* The bits that a write or a new owner takes away: set-group-id without group x is a lock flag. */
static uint32_t setid_bits(uint32_t mode)
{
	uint32_t bits = mode & S_ISUID;

	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		bits |= S_ISGID;
	return bits;
}

void inode_clear_setid(struct inode *inode, const struct cred *cred)
{
	if (likely(!(inode->mode & (S_ISUID | S_ISGID))) || cred_can(cred, CAP_FSETID) ||
	    !S_ISREG(inode->mode))
		return;
	WRITE_ONCE(inode->mode, inode->mode & ~setid_bits(inode->mode));
}

enum err inode_change_mode(struct inode *inode, const struct cred *cred, uint32_t mode)
{
	if (!inode_is_owner(inode, cred))
		return ERR_PERM;
	mode &= S_IALLUGO;
	/* A set-group-id program of a group that the caller is not in would be a gift. */
	if (!cred_can(cred, CAP_FSETID) && !cred_in_group(cred, inode->gid))
		mode &= ~S_ISGID;
	WRITE_ONCE(inode->mode, (inode->mode & S_IFMT) | mode);
	return OK;
}

enum err inode_change_owner(struct inode *inode, const struct cred *cred, uint32_t uid,
			    uint32_t gid)
{
	if (!cred_can(cred, CAP_CHOWN)) {
		if (uid != CRED_NO_ID && (cred->fsuid != inode->uid || uid != inode->uid))
			return ERR_PERM;
		if (gid != CRED_NO_ID &&
		    (cred->fsuid != inode->uid || (gid != inode->gid && !cred_in_group(cred, gid))))
			return ERR_PERM;
	}
	/* The bits first: who looks without the lock never sees them with the new owner. */
	if (!S_ISDIR(inode->mode))
		WRITE_ONCE(inode->mode, inode->mode & ~setid_bits(inode->mode));
	if (uid != CRED_NO_ID)
		WRITE_ONCE(inode->uid, uid);
	if (gid != CRED_NO_ID)
		WRITE_ONCE(inode->gid, gid);
	return OK;
}

enum err inode_may_remove(const struct inode *dir, const struct inode *child,
			  const struct cred *cred)
{
	enum err error = inode_permission(dir, cred, MAY_WRITE | MAY_EXEC);

	if (error)
		return error;
	if ((dir->mode & S_ISVTX) && !inode_is_owner(child, cred) && !inode_is_owner(dir, cred))
		return ERR_PERM;
	return OK;
}

/*
 * Where all may make names, a link leads who follows it to what its maker chose, with the
 * follower's rights: only the maker himself, or all if it is the directory's owner. Linux's
 * protected_symlinks.
 */
enum err inode_may_follow(const struct inode *dir, const struct inode *link,
			  const struct cred *cred)
{
	if ((dir->mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH))
		return OK;
	return link->uid == cred->fsuid || link->uid == dir->uid ? OK : ERR_ACCES;
}
