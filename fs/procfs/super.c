/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/hash.h"
#include "kernel/lib/string.h"

#include "fs/procfs/procfs_internal.h"
#include "fs/root.h"
#include "fs/type_hooks.h"
#include "mm/slab.h"

#define PROCFS_MAGIC    0x9fa0u
#define LINK_TEXT_BYTES 4096u

static SLAB_CACHE(inode_cache, struct procfs_inode);
static struct superblock procfs;

uint64_t procfs_number(const struct procfs_node *node, const struct procfs_subject *subject)
{
	/* Only its difference counts; a hash keeps kernel addresses out of st_ino. */
	static const uint64_t secret_free = 0x9e3779b97f4a7c15;
	const char *name = node->name ? node->name : "";
	uint64_t number = hash_name(secret_free, name, strlen(name));

	return hash_mix(number ^ subject->pid, secret_free ^ subject->index) >> 16 | 1;
}

static bool procfs_revalidate(struct inode *inode)
{
	struct procfs_inode *proc = procfs_inode_of(inode);

	if (proc->node == &procfs_self_node)
		return procfs_processes && procfs_processes->self() == proc->subject.index;
	if (proc->node == &procfs_thread_self_node)
		return procfs_processes && procfs_processes->self_thread() == proc->subject.index;
	return !proc->subject.pid || procfs_processes->alive(&proc->subject);
}

static const char *procfs_link_text(struct inode *inode)
{
	return procfs_inode_of(inode)->link;
}

static enum err procfs_link_path(struct inode *inode, struct path *out)
{
	struct procfs_inode *proc = procfs_inode_of(inode);

	return proc->node->target(&proc->subject, out);
}

static int64_t link_path_name(struct procfs_inode *proc, char *buffer, size_t size)
{
	char *text = kmalloc(LINK_TEXT_BYTES);
	struct path path;
	char *start;
	int64_t len;

	if (!text)
		return ERR_NOMEM;
	len = proc->node->target(&proc->subject, &path);
	if (len)
		goto out_text;
	len = path_text(&path, fs_root_path(), text, LINK_TEXT_BYTES, &start);
	if (len > 0) {
		len = (int64_t)MIN((size_t)len, size);
		memcpy(buffer, start, (size_t)len);
	}
	path_put(&path);
out_text:
	kfree(text);
	return len;
}

static int64_t procfs_link_name(struct inode *inode, char *buffer, size_t size)
{
	struct procfs_inode *proc = procfs_inode_of(inode);
	size_t len;

	if (proc->node->text)
		return proc->node->text(&proc->subject, buffer, size);
	if (proc->node->target)
		return link_path_name(proc, buffer, size);
	len = MIN(strlen(proc->link), size);
	memcpy(buffer, proc->link, len);
	return (int64_t)len;
}

static void inode_reclaim(struct epoch_node *node)
{
	slab_free(&inode_cache, container_of(node, struct procfs_inode, inode.epoch));
}

static void procfs_inode_free(struct inode *inode)
{
	epoch_retire(&inode->epoch, inode_reclaim);
}

static enum err procfs_lookup(struct dentry *dir, const char *name, size_t len,
			      struct dentry **out);

static const struct inode_ops procfs_inode_ops = {
	.lookup = procfs_lookup,
	.link_name = procfs_link_name,
	.link_text = procfs_link_text,
	.revalidate = procfs_revalidate,
	.free = procfs_inode_free,
};

/* Links that jump to an object instead of going on with a text. */
static const struct inode_ops procfs_magic_ops = {
	.link_name = procfs_link_name,
	.link_path = procfs_link_path,
	.revalidate = procfs_revalidate,
	.free = procfs_inode_free,
};

static struct inode *procfs_inode_create(const struct procfs_node *node,
					 const struct procfs_subject *subject)
{
	struct procfs_inode *proc = slab_alloc_zero(&inode_cache);
	struct inode *inode;

	if (!proc)
		return NULL;
	inode = &proc->inode;
	inode_init(inode, &procfs, node->mode);
	inode->number = procfs_number(node, subject);
	inode->ops = node->target ? &procfs_magic_ops : &procfs_inode_ops;
	inode->file_ops = S_ISDIR(node->mode) ? &procfs_dir_ops : &procfs_file_ops;
	if (S_ISDIR(node->mode))
		inode->nlink = 2;
	proc->node = node;
	proc->subject = *subject;
	if (subject->pid && procfs_processes->owner)
		procfs_processes->owner(subject, node == &procfs_process_node, &inode->uid,
					&inode->gid);
	if (node->link)
		strlcpy(proc->link, node->link, sizeof(proc->link));
	if (node == &procfs_self_node) {
		proc->subject.index = procfs_processes->self();
		format_text(proc->link, sizeof(proc->link), "%u", proc->subject.index);
	}
	if (node == &procfs_thread_self_node) {
		proc->subject.index = procfs_processes->self_thread();
		format_text(proc->link, sizeof(proc->link), "%u/task/%u", procfs_processes->self(),
			    proc->subject.index);
	}
	return inode;
}

/* Whether two inodes speak of the same, to the same reader. */
static bool is_same(struct inode *a, struct inode *b)
{
	const struct procfs_inode *one = procfs_inode_of(a);
	const struct procfs_inode *other = procfs_inode_of(b);

	return one->node == other->node && one->subject.pid == other->subject.pid &&
	       one->subject.index == other->subject.index &&
	       one->subject.key == other->subject.key;
}

static enum err procfs_lookup(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
	struct procfs_inode *parent = procfs_inode_of(dir->inode);
	const struct procfs_node *node;
	struct procfs_subject subject;
	struct dentry *dentry;

	if (!procfs_find(parent->node, &parent->subject, name, len, &node, &subject))
		return ERR_NOENT;
	dentry = dentry_create(dir, name, len);
	if (!dentry)
		return ERR_NOMEM;
	dentry->inode = procfs_inode_create(node, &subject);
	if (!dentry->inode) {
		dentry_put(dentry);
		return ERR_NOMEM;
	}
	*out = dentry_publish_once(dentry, is_same);
	return OK;
}

static const struct super_ops procfs_super_ops = {};

static enum err procfs_get(const char *options, struct superblock **out)
{
	(void)options;
	*out = super_get(&procfs);
	return OK;
}

struct fs_type procfs_type = {.name = "proc", .get = procfs_get};

enum err procfs_create(struct superblock **out)
{
	const struct procfs_subject nobody = {};

	super_init(&procfs, &procfs_super_ops, "proc", PROCFS_MAGIC);
	procfs.flags |= SB_FIXED | SB_KEPT;
	procfs_own_entries();
	procfs.root = dentry_create(NULL, "", 0);
	if (!procfs.root)
		return ERR_NOMEM;
	procfs.root->inode = procfs_inode_create(&procfs_root_node, &nobody);
	if (!procfs.root->inode)
		return ERR_NOMEM;
	super_get(&procfs);
	*out = &procfs;
	return OK;
}
