/* SPDX-License-Identifier: BSD-2-Clause */
/* Rights over files against a model of inode(7), path_resolution(7), chmod(2) and chown(2). */
#include "kernel/lib/compiler.h"

#include "fs/inode.h"
#include "tests/unit/heap.h"

#define CAPS_TRIED                                                                        \
	(CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_FOWNER) | \
	 CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_CHOWN))

static const uint32_t types[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK};
static uint64_t seed = 77;

/* One of few users, with up to three more groups, and some of the rights that files know. */
static struct cred *random_cred(void)
{
	static const uint64_t caps[] = {0, 0, 0, CAP_BIT(CAP_DAC_OVERRIDE), CAP_ALL & ~CAPS_TRIED};
	uint64_t r = check_random(&seed);
	uint32_t groups[3] = {10 + r % 5, 10 + (r >> 8) % 5, 10 + (r >> 16) % 5};
	struct cred *cred = cred_copy_with_groups(cred_root(), groups, (r >> 24) % 4);

	cred->fsuid = (uint32_t)(r >> 32) % 3;
	cred->fsgid = 10 + (uint32_t)(r >> 36) % 5;
	/* The other ids say nothing about files. */
	cred->uid = cred->euid = cred->suid = (uint32_t)(r >> 40) % 3;
	cred->gid = cred->egid = cred->sgid = 10 + (uint32_t)(r >> 44) % 5;
	r = check_random(&seed);
	cred->caps.effective =
		r % 2 ? caps[r % ARRAY_SIZE(caps)] : CAP_BIT(r >> 8 & 7) | CAP_BIT(r >> 12 & 7);
	cred->caps.permitted = CAP_ALL;
	return cred;
}

static struct inode random_inode(struct superblock *super)
{
	uint64_t r = check_random(&seed);

	return (struct inode){
		.mode = types[r % ARRAY_SIZE(types)] | (r >> 16 & 07777),
		.uid = (r >> 32) % 3,
		.gid = 10 + (r >> 36) % 5,
		.super = super,
	};
}

static bool has(const struct cred *cred, unsigned capability)
{
	return cred->caps.effective >> capability & 1;
}

static bool is_member(const struct cred *cred, uint32_t gid)
{
	bool found = cred->fsgid == gid;

	for (uint32_t i = 0; i < cred->group_count; i++)
		found |= cred->groups[i] == gid;
	return found;
}

static bool owns(const struct cred *cred, const struct inode *inode)
{
	return has(cred, CAP_FOWNER) || cred->fsuid == inode->uid;
}

/* One right of the three, as the manual says it. */
static bool may_one(const struct inode *inode, const struct cred *cred, unsigned right,
		    unsigned asked)
{
	bool is_dir = (inode->mode & S_IFMT) == S_IFDIR;
	unsigned digit = cred->fsuid == inode->uid ? 2 : is_member(cred, inode->gid) ? 1 : 0;

	if (has(cred, CAP_DAC_OVERRIDE))
		return right != MAY_EXEC || is_dir || (inode->mode & 0111) != 0;
	if (has(cred, CAP_DAC_READ_SEARCH) && !(asked & MAY_WRITE) &&
	    (is_dir || !(asked & MAY_EXEC)))
		return true;
	return inode->mode >> 3 * digit & right;
}

static enum err expected_permission(const struct inode *inode, const struct cred *cred,
				    unsigned mask)
{
	uint32_t type = inode->mode & S_IFMT;
	bool stored = type == S_IFREG || type == S_IFDIR || type == S_IFLNK;

	if ((mask & MAY_WRITE) && stored && (inode->super->flags & SB_RDONLY))
		return ERR_ROFS;
	for (unsigned right = 1; right <= 4; right *= 2)
		if ((mask & right) && !may_one(inode, cred, right, mask))
			return ERR_ACCES;
	return OK;
}

static void check_permission(const struct inode *inode, const struct cred *cred)
{
	for (unsigned mask = 0; mask < 8; mask++)
		CHECK_EQ(inode_permission(inode, cred, mask),
			 expected_permission(inode, cred, mask));
}

static void check_remove(const struct inode *dir, const struct inode *child,
			 const struct cred *cred)
{
	enum err expected = expected_permission(dir, cred, MAY_WRITE | MAY_EXEC);

	if (!expected && (dir->mode & 01000) && !owns(cred, child) && !owns(cred, dir))
		expected = ERR_PERM;
	CHECK_EQ(inode_may_remove(dir, child, cred), expected);
}

/* proc(5) about protected_symlinks. */
static void check_follow(const struct inode *dir, const struct inode *link, const struct cred *cred)
{
	bool is_shared = (dir->mode & 01000) && (dir->mode & 00002);
	bool is_trusted = cred->fsuid == link->uid || dir->uid == link->uid;

	CHECK_EQ(inode_may_follow(dir, link, cred), is_shared && !is_trusted ? ERR_ACCES : OK);
}

static void check_new_file(const struct inode *dir, const struct cred *cred)
{
	uint32_t mode = types[check_random(&seed) % ARRAY_SIZE(types)] |
			(uint32_t)(check_random(&seed) >> 20 & 07777);
	bool is_dir = (mode & S_IFMT) == S_IFDIR;
	struct inode file = {.mode = 1, .uid = 99, .gid = 99};

	inode_init_owner(&file, dir, cred, mode);
	CHECK_EQ(file.uid, cred->fsuid);
	CHECK_EQ(file.gid, dir->mode & 02000 ? dir->gid : cred->fsgid);
	if (!(dir->mode & 02000))
		CHECK_EQ(file.mode, mode);
	else if (is_dir)
		CHECK_EQ(file.mode, mode | 02000);
	else if ((mode & 00010) && !is_member(cred, dir->gid) && !has(cred, CAP_FSETID))
		CHECK_EQ(file.mode, mode & ~02000u);
	else
		CHECK_EQ(file.mode, mode);
}

/* What a write by @cred, or a change of hands, leaves of a mode. */
static uint32_t without_setid(uint32_t mode)
{
	return mode & ~(mode & 00010 ? 06000u : 04000u);
}

static void check_write(const struct inode *inode, const struct cred *cred)
{
	struct inode here = *inode;
	bool loses = !has(cred, CAP_FSETID) && (here.mode & S_IFMT) == S_IFREG;

	inode_clear_setid(&here, cred);
	CHECK_EQ(here.mode, loses ? without_setid(inode->mode) : inode->mode);
	CHECK(here.uid == inode->uid && here.gid == inode->gid);
}

static void check_chmod(const struct inode *inode, const struct cred *cred)
{
	uint32_t mode = (uint32_t)check_random(&seed) & 0177777;
	struct inode here = *inode;
	uint32_t expected = mode & 07777;

	if (!owns(cred, inode)) {
		CHECK_EQ(inode_change_mode(&here, cred, mode), ERR_PERM);
		CHECK_EQ(here.mode, inode->mode);
		return;
	}
	if (!is_member(cred, inode->gid) && !has(cred, CAP_FSETID))
		expected &= 05777;
	CHECK_EQ(inode_change_mode(&here, cred, mode), OK);
	CHECK_EQ(here.mode, (inode->mode & 0170000) | expected);
}

static bool may_chown(const struct inode *inode, const struct cred *cred, uint32_t uid,
		      uint32_t gid)
{
	bool is_owner = cred->fsuid == inode->uid;

	if (has(cred, CAP_CHOWN))
		return true;
	if (uid != CRED_NO_ID && !(is_owner && uid == inode->uid))
		return false;
	return gid == CRED_NO_ID || (is_owner && (gid == inode->gid || is_member(cred, gid)));
}

static void check_chown(const struct inode *inode, const struct cred *cred)
{
	uint64_t r = check_random(&seed);
	uint32_t uid = r % 4 < 3 ? r % 4 : CRED_NO_ID;
	uint32_t gid = (r >> 8) % 6 < 5 ? 10 + (r >> 8) % 6 : CRED_NO_ID;
	struct inode here = *inode;

	if (!may_chown(inode, cred, uid, gid)) {
		CHECK_EQ(inode_change_owner(&here, cred, uid, gid), ERR_PERM);
		CHECK(memcmp(&here, inode, sizeof(here)) == 0);
		return;
	}
	CHECK_EQ(inode_change_owner(&here, cred, uid, gid), OK);
	CHECK_EQ(here.uid, uid == CRED_NO_ID ? inode->uid : uid);
	CHECK_EQ(here.gid, gid == CRED_NO_ID ? inode->gid : gid);
	CHECK_EQ(here.mode,
		 (inode->mode & S_IFMT) == S_IFDIR ? inode->mode : without_setid(inode->mode));
}

int main(void)
{
	for (unsigned round = 0; round < 60000; round++) {
		struct superblock super = {.flags = check_random(&seed) % 4 ? 0 : SB_RDONLY};
		struct inode dir = random_inode(&super), inode = random_inode(&super);
		struct cred *cred = random_cred();

		check_permission(&inode, cred);
		check_remove(&dir, &inode, cred);
		check_follow(&dir, &inode, cred);
		check_new_file(&dir, cred);
		check_write(&inode, cred);
		check_chmod(&inode, cred);
		check_chown(&inode, cred);
		cred_put(cred);
	}
	CHECK_EQ(heap_live, 0);
	return check_done("rights");
}
