/* SPDX-License-Identifier: BSD-2-Clause */
/* From places back to names. */
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/walk.h"

/* Puts @text in front of *at; false without room. */
static bool prepend(char **at, const char *begin, const char *text)
{
	size_t len = strlen(text);

	if (len > (size_t)(*at - begin))
		return false;
	*at -= len;
	memcpy(*at, text, len);
	return true;
}

/* A pipe has no place: "pipe:[inode]"; what shares one inode is told by its name: fs/anon.h. */
static bool prepend_anonymous(char **at, const char *begin, const struct path *path)
{
	char text[64];

	if (path->dentry->name_len)
		format_text(text, sizeof(text), "%s:%s", path->mount->super->type_name,
			    path->dentry->name);
	else
		format_text(text, sizeof(text), "%s:[%lu]", path->mount->super->type_name,
			    path_inode(path)->number);
	return prepend(at, begin, text);
}

/* The names from @root down. */
static bool prepend_place(char **at, const char *begin, const struct path *path,
			  const struct path *root)
{
	const struct dentry *dentry = path->dentry;
	const struct mount *mount = path->mount;

	for (;;) {
		const struct dentry *stop = mount == root->mount ? root->dentry : mount->root;
		const struct mount *parent = READ_ONCE(mount->parent);

		dentry = dentry_path_text(dentry, stop, at, begin);
		if (!dentry)
			return false;
		if (mount == root->mount && dentry == root->dentry)
			return true;
		if (mount->super->flags & SB_HIDDEN)
			return true;
		if (!parent || dentry != mount->root)
			return prepend(at, begin, "(unreachable)");
		dentry = READ_ONCE(mount->mountpoint);
		mount = parent;
	}
}

/* Has no name any more. Nothing moves: during a move that would be said of a name that stays. */
static bool is_removed(const struct dentry *dentry)
{
	return !(dentry->flags & DENTRY_HASHED) && dentry->parent != dentry;
}

static bool prepend_all(char **at, const char *begin, const struct path *path,
			const struct path *root)
{
	bool fits;

	/* Mounts that are dropped meanwhile stay readable. */
	epoch_enter();
	dentry_still_begin();
	fits = (!is_removed(path->dentry) || prepend(at, begin, " (deleted)")) &&
	       prepend_place(at, begin, path, root);
	dentry_still_end();
	epoch_exit();
	return fits && (**at == '/' || **at == '(' || prepend(at, begin, "/"));
}

int64_t path_text(const struct path *path, const struct path *root, char *buffer, size_t size,
		  char **start)
{
	char *end;
	char *at;
	bool fits;

	if (size == 0)
		return ERR_NAMETOOLONG;
	end = buffer + size - 1;
	at = end;
	*at = '\0';
	if (path->dentry->flags & DENTRY_ANON)
		fits = prepend_anonymous(&at, buffer, path);
	else
		fits = prepend_all(&at, buffer, path, root);
	*start = at;
	return fits ? end - at : ERR_NAMETOOLONG;
}

static bool is_removed_now(const struct dentry *dentry)
{
	bool removed;

	dentry_still_begin();
	removed = is_removed(dentry);
	dentry_still_end();
	return removed;
}

int64_t path_cwd_text(struct fs_context *context, char *buffer, size_t size, char **start)
{
	struct path root;
	struct path cwd;
	int64_t len;

	fs_context_root(context, &root);
	fs_context_cwd(context, &cwd);
	if (is_removed_now(cwd.dentry))
		len = ERR_NOENT;
	else
		len = path_text(&cwd, &root, buffer, size, start);
	path_put(&cwd);
	path_put(&root);
	if (len == ERR_NAMETOOLONG)
		return ERR_RANGE;
	return len < 0 ? len : len + 1;
}
