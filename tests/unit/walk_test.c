/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk against path_resolution(7), said once more by a resolver that joins texts. */
#include "tests/unit/walk_fixture.h"

struct model {
	struct path root, here;
	char text[4096];
	unsigned links;
	bool follow, must_be_dir, to_parent;
	const char *last; /* to_parent: what is left to look up */
};

static void enter_mounts(struct path *here)
{
	for (unsigned i = 1; i < MOUNTS; i++) {
		if (mounts[i].parent == here->mount && mounts[i].mountpoint == here->dentry) {
			*here = (struct path){&mounts[i], mounts[i].root};
			i = 0;
		}
	}
}

static bool same_place(const struct path *a, const struct path *b)
{
	return a->mount == b->mount && a->dentry == b->dentry;
}

static enum err climb(struct model *m)
{
	const struct dentry *up;

	while (!same_place(&m->here, &m->root)) {
		if (m->here.dentry != m->here.mount->root) {
			/* Below the root of the mount, or else nowhere. */
			for (up = m->here.dentry; up->parent != up; up = up->parent)
				if (up == m->here.mount->root)
					break;
			if (up != m->here.mount->root)
				return ERR_NOENT;
			m->here.dentry = m->here.dentry->parent;
			enter_mounts(&m->here);
			return OK;
		}
		if (!m->here.mount->parent)
			return OK;
		m->here = (struct path){m->here.mount->parent, m->here.mount->mountpoint};
		if (same_place(&m->here, &m->root))
			return OK;
	}
	return OK;
}

/* A link's text in front of what is left. */
static enum err follow(struct model *m, struct node *link, const char *rest)
{
	char joined[4096];

	const struct inode *dir = m->here.dentry->inode;

	if (++m->links > 40)
		return ERR_LOOP;
	if (!*rest && (dir->mode & 01002) == 01002 && link->inode.uid != dir->uid &&
	    link->inode.uid != cred->fsuid)
		return ERR_ACCES;
	if (link->inode.ops == &magic) {
		if (!link->target.mount)
			return ERR_ACCES;
		m->here = link->target;
		strcpy(joined, rest);
	} else {
		if (!*link->text)
			return ERR_NOENT;
		if (*link->text == '/')
			m->here = m->root;
		CHECK(snprintf(joined, sizeof(joined), "%s%s%s", link->text, *rest ? "/" : "",
			       rest) < (int)sizeof(joined));
	}
	strcpy(m->text, joined);
	return OK;
}

static enum err resolve(struct model *m)
{
	for (;;) {
		char *at = m->text + strspn(m->text, "/");
		size_t len = strcspn(at, "/");
		const char *rest = at + len + strspn(at + len, "/");
		const struct inode *dir = m->here.dentry->inode;
		struct node *child;
		enum err error;
		char rest_copy[4096];

		if (!len)
			break;
		if (!S_ISDIR(dir->mode))
			return ERR_NOTDIR;
		error = inode_permission(dir, cred, MAY_EXEC);
		if (error)
			return error;
		if (!*rest && m->to_parent) {
			m->last = at;
			return OK;
		}
		if (!*rest && at[len] == '/')
			m->must_be_dir = m->follow = true;
		strcpy(rest_copy, rest);
		if (len == 1 && *at == '.') {
			error = OK;
		} else if (len == 2 && at[0] == '.' && at[1] == '.') {
			error = climb(m);
		} else if (!(child = child_of(m->here.dentry, at, len))) {
			error = ERR_NOENT;
		} else if (S_ISLNK(child->inode.mode) && (*rest || m->follow)) {
			error = follow(m, child, rest_copy);
			if (error)
				return error;
			continue;
		} else {
			m->here.dentry = &child->dentry;
			enter_mounts(&m->here);
		}
		if (error)
			return error;
		strcpy(m->text, rest_copy);
	}
	return m->must_be_dir && !S_ISDIR(m->here.dentry->inode->mode) ? ERR_NOTDIR : OK;
}

static enum err expected(const struct path_at *at, unsigned flags, struct model *m)
{
	m->root = m->here = context.root.path;
	if (*at->name != '/')
		m->here = at->base ? *at->base : context.cwd.path;
	strcpy(m->text, at->name);
	m->links = 0;
	m->follow = flags & LOOKUP_FOLLOW;
	m->must_be_dir = flags & LOOKUP_DIRECTORY;
	m->last = NULL;
	if (!*at->name && !(flags & LOOKUP_EMPTY))
		return ERR_NOENT;
	return resolve(m);
}

static void check_lookup(const struct path_at *at, unsigned flags)
{
	static struct model m;
	struct path found = {};
	uint64_t before = references();
	enum err error;

	m.to_parent = false;
	error = expected(at, flags, &m);
	dirty_stack();
	CHECK_EQ(path_lookup(at, flags, &found), error);
	if (!error) {
		CHECK(same_place(&found, &m.here));
		CHECK_EQ(references(), before + 2);
		path_put(&found);
	}
	check_after(before);
}

static void check_parent(const struct path_at *at)
{
	static struct model m;
	struct last_name last;
	struct path found = {};
	uint64_t before = references();
	enum err error;
	size_t len;

	m.to_parent = true;
	error = expected(at, 0, &m);
	dirty_stack();
	CHECK_EQ(path_lookup_parent(at, &found, &last), error);
	if (!error) {
		CHECK(same_place(&found, &m.here));
		CHECK_EQ(last.is_root, !m.last);
		len = m.last ? strcspn(m.last, "/") : 0;
		CHECK(last.len == len && (!len || memcmp(last.text, m.last, len) == 0));
		CHECK_EQ(last.is_dot, len == 1 && *m.last == '.');
		CHECK_EQ(last.is_dotdot, len == 2 && memcmp(m.last, "..", 2) == 0);
		CHECK_EQ(last.wants_dir, len && m.last[len] == '/');
		path_put(&found);
	}
	check_after(before);
}

static void test_random(void)
{
	for (unsigned round = 0; round < 6000; round++) {
		struct path base;
		char text[256];

		if (round % 8 == 0)
			make_tree();
		base = random_place();
		random_text(text, 6);
		struct path_at at = {.context = &context,
				     .cred = cred,
				     .base = below(2) ? &base : NULL,
				     .name = text,
				     .name_len = below(2) ? strlen(text) : 0};

		moves_left = below(4) ? 0 : (unsigned)below(40);
		check_lookup(&at, (unsigned)below(8));
		moves_left = below(4) ? 0 : (unsigned)below(40);
		check_parent(&at);
	}
}

int main(void)
{
	walk_begin();
	test_random();
	cred_put(cred);
	return check_done("walk");
}
