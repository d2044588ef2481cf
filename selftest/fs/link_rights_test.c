/* SPDX-License-Identifier: BSD-2-Clause */
/* Links by which one user could use another's rights: second names, and names in shared
 * directories. */
#include "selftest/fs/fixture.h"

/* Another's file in a directory that everybody writes to: by its bits, and by who asks. */
static bool link_of_another(struct fs_fixture *fixture, uint32_t mode, const struct cred *cred,
			    enum err expected)
{
	struct path_at file = fixture_at_as(fixture, "d/file", cred);
	struct path_at fresh = fixture_at_as(fixture, "d/new", cred);
	struct path_at at = fixture_at(fixture, "d/file");
	struct path path;

	CHECK(path_lookup(&at, 0, &path) == OK);
	CHECK(vfs_chmod(&path, cred_root(), mode) == OK);
	path_put(&path);
	CHECK(path_link(&file, &fresh, 0) == expected);
	return expected || path_unlink(&fresh) == OK;
}

SELFTEST(M12, 1, links_only_of_own_files)
{
	struct fs_fixture fixture;
	struct cred *stranger = fixture_cred(1000, 1000);

	CHECK(stranger && fixture_begin(&fixture, 64));
	CHECK(fixture_dir(&fixture, "d", 0777) == OK);
	CHECK(fixture_file(&fixture, "d/file", 0600) == OK);
	CHECK(link_of_another(&fixture, 0600, cred_root(), OK));
	CHECK(link_of_another(&fixture, 0600, stranger, ERR_PERM));
	CHECK(link_of_another(&fixture, 0644, stranger, ERR_PERM));
	CHECK(link_of_another(&fixture, 0666, stranger, OK));
	CHECK(link_of_another(&fixture, 04666, stranger, ERR_PERM));
	CHECK(link_of_another(&fixture, 02676, stranger, ERR_PERM));
	CHECK(link_of_another(&fixture, 02666, stranger, OK));
	CHECK(fixture_unlink(&fixture, "d/file") == OK);
	CHECK(fixture_rmdir(&fixture, "d") == OK);
	CHECK(fixture_end(&fixture));
	cred_put(stranger);
	return true;
}

static enum err lookup_as(struct fs_fixture *fixture, const char *name, unsigned flags,
			  const struct cred *cred)
{
	struct path_at at = fixture_at_as(fixture, name, cred);
	struct path path;
	enum err error = path_lookup(&at, flags, &path);

	if (!error)
		path_put(&path);
	return error;
}

static bool open_as(struct fs_fixture *fixture, const char *name, uint32_t flags,
		    const struct cred *cred, enum err expected)
{
	struct path_at at = fixture_at_as(fixture, name, cred);
	struct file *file;
	enum err error = path_open(&at, flags, 0600, &file);

	if (!error)
		file_put(file);
	CHECK(error == expected);
	return true;
}

/* "t/l" is @owner's: followed by himself, and by others, root too, as @expected. */
static bool link_is_followed(struct fs_fixture *fixture, const struct cred *owner,
			     const struct cred *other, enum err expected)
{
	CHECK(lookup_as(fixture, "t/l", LOOKUP_FOLLOW, owner) == OK);
	CHECK(lookup_as(fixture, "t/l", LOOKUP_FOLLOW, other) == expected);
	CHECK(lookup_as(fixture, "t/l", LOOKUP_FOLLOW, cred_root()) == expected);
	CHECK(lookup_as(fixture, "t/l/", 0, other) == expected);
	/* By way of a link of the follower's own, which ends at the same one. */
	CHECK(lookup_as(fixture, "way", LOOKUP_FOLLOW, cred_root()) == expected);
	/* In the middle of a name, and where nobody follows it. */
	CHECK(lookup_as(fixture, "t/l/f", LOOKUP_FOLLOW, other) == OK);
	CHECK(lookup_as(fixture, "t/l", 0, other) == OK);
	return true;
}

static bool change(struct fs_fixture *fixture, uint32_t mode, uint32_t uid)
{
	struct path_at at = fixture_at(fixture, "t");
	struct path path;

	CHECK(path_lookup(&at, 0, &path) == OK);
	CHECK(vfs_chown(&path, cred_root(), uid, CRED_NO_ID) == OK);
	CHECK(vfs_chmod(&path, cred_root(), mode) == OK);
	path_put(&path);
	return true;
}

/* Root or another user, who opens a name in /tmp, must not be led to a file that its maker chose.
 */
SELFTEST(M12, 1, links_in_shared_directories)
{
	struct fs_fixture fixture;
	struct cred *a = fixture_cred(1000, 1000);
	struct cred *b = fixture_cred(1001, 1001);
	struct path_at link, dangling;

	CHECK(a && b && fixture_begin(&fixture, 64));
	CHECK(fixture_dir(&fixture, "d", 0755) == OK && fixture_file(&fixture, "d/f", 0666) == OK);
	CHECK(fixture_dir(&fixture, "t", 01777) == OK);
	CHECK(fixture_symlink(&fixture, "t/l", "way") == OK);
	link = fixture_at_as(&fixture, "t/l", a);
	dangling = fixture_at_as(&fixture, "t/none", a);
	CHECK(path_symlink("../d", &link) == OK && path_symlink("new", &dangling) == OK);
	CHECK(link_is_followed(&fixture, a, b, ERR_ACCES));
	/* Who makes a file by a name there makes none where the link says. */
	CHECK(open_as(&fixture, "t/none", O_CREAT | O_WRONLY, cred_root(), ERR_ACCES));
	CHECK(open_as(&fixture, "t/none", O_CREAT | O_WRONLY | O_EXCL, b, ERR_EXIST));
	/* Without the sticky bit, not for all to write, or of the directory's owner. */
	CHECK(change(&fixture, 0777, 0) && link_is_followed(&fixture, a, b, OK));
	CHECK(change(&fixture, 01775, 0) && link_is_followed(&fixture, a, b, OK));
	CHECK(change(&fixture, 01777, 1000) && link_is_followed(&fixture, a, b, OK));
	CHECK(change(&fixture, 01777, 1001) && link_is_followed(&fixture, a, b, ERR_ACCES));
	CHECK(open_as(&fixture, "t/none", O_CREAT | O_WRONLY, a, OK));
	CHECK(fixture_unlink(&fixture, "t/none") == OK && fixture_unlink(&fixture, "t/new") == OK);
	CHECK(fixture_unlink(&fixture, "t/l") == OK && fixture_unlink(&fixture, "way") == OK);
	CHECK(fixture_unlink(&fixture, "d/f") == OK);
	CHECK(fixture_rmdir(&fixture, "d") == OK && fixture_rmdir(&fixture, "t") == OK);
	CHECK(fixture_end(&fixture));
	cred_put(a);
	cred_put(b);
	return true;
}
