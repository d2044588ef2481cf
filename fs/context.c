/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/context.h"

#include "mm/slab.h"

static SLAB_CACHE(context_cache, struct fs_context);
static SLAB_CACHE(hold_cache, struct fs_hold);

struct fs_context *fs_context_create(const struct path *root)
{
	struct fs_context *context = slab_alloc_zero(&context_cache);

	if (!context)
		return NULL;
	refcount_init(&context->count, 1);
	spin_init(&context->lock, LOCK_FS_CONTEXT);
	context->umask = 022;
	context->root.path = *root;
	context->cwd.path = *root;
	path_get(root);
	path_get(root);
	return context;
}

static void place_put(struct fs_place *place)
{
	struct fs_hold *hold = place->hold;

	if (!hold) {
		path_put(&place->path);
	} else if (refcount_put(&hold->count)) {
		path_put(&hold->path);
		slab_free(&hold_cache, hold);
	}
	*place = (struct fs_place){};
}

static bool lacks_hold(const struct fs_place *place)
{
	return !place->hold || place->is_inherited;
}

/*
 * Its own hold for a place, before children share it: so a fork writes no count of a mount or a
 * name, which processes on all CPUs have in common, nor one of what its parent has forked.
 */
static enum err place_make_hold(struct fs_context *context, struct fs_place *place)
{
	struct fs_hold *hold;
	struct fs_place old = {};

	if (likely(!lacks_hold(place)))
		return OK;
	hold = slab_alloc(&hold_cache);
	if (!hold)
		return ERR_NOMEM;
	refcount_init(&hold->count, 1);
	spin_lock(&context->lock);
	hold->path = place->path;
	path_get(&hold->path);
	old = *place;
	*place = (struct fs_place){.path = hold->path, .hold = hold};
	spin_unlock(&context->lock);
	place_put(&old);
	return OK;
}

/* Where another thread has moved meanwhile, the place counts by itself again. */
static void place_copy_locked(struct fs_place *to, const struct fs_place *from)
{
	*to = *from;
	to->is_inherited = true;
	if (likely(from->hold))
		refcount_get(&from->hold->count);
	else
		path_get(&to->path);
}

struct fs_context *fs_context_clone(struct fs_context *from)
{
	struct fs_context *context = slab_alloc_zero(&context_cache);

	if (!context)
		return NULL;
	if (place_make_hold(from, &from->root) || place_make_hold(from, &from->cwd)) {
		slab_free(&context_cache, context);
		return NULL;
	}
	refcount_init(&context->count, 1);
	spin_init(&context->lock, LOCK_FS_CONTEXT);
	spin_lock(&from->lock);
	context->umask = from->umask;
	place_copy_locked(&context->root, &from->root);
	place_copy_locked(&context->cwd, &from->cwd);
	spin_unlock(&from->lock);
	return context;
}

void fs_context_put(struct fs_context *context)
{
	if (!context || !refcount_put(&context->count))
		return;
	place_put(&context->root);
	place_put(&context->cwd);
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
	copy_path(context, &context->root.path, out);
}

void fs_context_cwd(struct fs_context *context, struct path *out)
{
	copy_path(context, &context->cwd.path, out);
}

static void swap_path(struct fs_context *context, struct fs_place *which, struct path *path)
{
	struct fs_place old;

	spin_lock(&context->lock);
	old = *which;
	*which = (struct fs_place){.path = *path};
	spin_unlock(&context->lock);
	place_put(&old);
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

static void follow(struct fs_place *which, const struct path *from, const struct path *to,
		   struct fs_place *left)
{
	if (!path_equal(&which->path, from))
		return;
	*left = *which;
	*which = (struct fs_place){.path = *to};
	path_get(to);
}

void fs_context_follow(struct fs_context *context, const struct path *from, const struct path *to)
{
	struct fs_place left[2] = {};

	spin_lock(&context->lock);
	follow(&context->root, from, to, &left[0]);
	follow(&context->cwd, from, to, &left[1]);
	spin_unlock(&context->lock);
	place_put(&left[0]);
	place_put(&left[1]);
}

uint32_t fs_context_set_umask(struct fs_context *context, uint32_t mask)
{
	return __atomic_exchange_n(&context->umask, mask & 0777, __ATOMIC_RELAXED);
}
