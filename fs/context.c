/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/context.h"

#include "mm/slab.h"

static SLAB_CACHE(context_cache, struct fs_context);

struct fs_context *fs_context_create(const struct path *root)
{
	struct fs_context *context = slab_alloc_zero(&context_cache);

	if (!context)
		return NULL;
	refcount_init(&context->count, 1);
	spin_init(&context->lock, LOCK_FS_CONTEXT);
	context->umask = 022;
	context->root = *root;
	context->cwd = *root;
	path_get(root);
	path_get(root);
	return context;
}

struct fs_context *fs_context_clone(struct fs_context *from)
{
	struct fs_context *context = slab_alloc_zero(&context_cache);

	if (!context)
		return NULL;
	refcount_init(&context->count, 1);
	spin_init(&context->lock, LOCK_FS_CONTEXT);
	spin_lock(&from->lock);
	context->umask = from->umask;
	context->root = from->root;
	context->cwd = from->cwd;
	path_get(&context->root);
	path_get(&context->cwd);
	spin_unlock(&from->lock);
	return context;
}

void fs_context_put(struct fs_context *context)
{
	if (!context || !refcount_put(&context->count))
		return;
	path_put(&context->root);
	path_put(&context->cwd);
	slab_free(&context_cache, context);
}

static void copy_path(struct fs_context *context, const struct path *which, struct path *out)
{
	spin_lock(&context->lock);
	*out = *which;
	path_get(out);
	spin_unlock(&context->lock);
}

void fs_context_root(struct fs_context *context, struct path *out)
{
	copy_path(context, &context->root, out);
}

void fs_context_cwd(struct fs_context *context, struct path *out)
{
	copy_path(context, &context->cwd, out);
}

static void swap_path(struct fs_context *context, struct path *which, struct path *path)
{
	struct path old;

	spin_lock(&context->lock);
	old = *which;
	*which = *path;
	spin_unlock(&context->lock);
	path_put(&old);
	path->mount = NULL;
	path->dentry = NULL;
}

void fs_context_set_cwd(struct fs_context *context, struct path *path)
{
	swap_path(context, &context->cwd, path);
}

void fs_context_set_root(struct fs_context *context, struct path *path)
{
	swap_path(context, &context->root, path);
}

static void follow(struct path *which, const struct path *from, const struct path *to,
		   struct path *left)
{
	if (!path_equal(which, from))
		return;
	*left = *which;
	*which = *to;
	path_get(to);
}

void fs_context_follow(struct fs_context *context, const struct path *from, const struct path *to)
{
	struct path left[2] = {};

	spin_lock(&context->lock);
	follow(&context->root, from, to, &left[0]);
	follow(&context->cwd, from, to, &left[1]);
	spin_unlock(&context->lock);
	path_put(&left[0]);
	path_put(&left[1]);
}

uint32_t fs_context_set_umask(struct fs_context *context, uint32_t mask)
{
	return __atomic_exchange_n(&context->umask, mask & 0777, __ATOMIC_RELAXED);
}
