/* SPDX-License-Identifier: BSD-2-Clause */
/* Unpacks the initramfs over the root, by the same calls that programs make. */
#include "kernel/lib/hash.h"
#include "kernel/lib/string.h"

#include "fs/attr.h"
#include "fs/cpio.h"
#include "fs/fs.h"
#include "fs/names.h"
#include "fs/root.h"
#include "kernel/core/log.h"
#include "mm/slab.h"

#define LINK_BUCKETS  1024u
#define LINES_OF_WOES 8u /* refused entries that are named; the rest is counted */

/* A file that has further names in the archive. */
struct linked {
	struct linked *next;
	uint32_t ino, dev_major, dev_minor;
	struct path path;
};

/* Directories get their time last: every name made in them sets it. */
struct dir_time {
	struct dir_time *next;
	struct path path;
	int64_t mtime_ns;
};

struct unpack {
	struct dir_time *dirs;
	struct linked *buckets[LINK_BUCKETS];
	char name[CPIO_NAME_MAX + 1];
	uint64_t entries;
	uint64_t refused;
};

static struct linked **linked_bucket(struct unpack *unpack, const struct cpio_entry *entry)
{
	uint64_t key = entry->ino | (uint64_t)entry->dev_minor << 32;

	return &unpack->buckets[hash_u64(key ^ entry->dev_major) % LINK_BUCKETS];
}

static struct linked *linked_find(struct unpack *unpack, const struct cpio_entry *entry)
{
	struct linked *linked = *linked_bucket(unpack, entry);

	while (linked && (linked->ino != entry->ino || linked->dev_major != entry->dev_major ||
			  linked->dev_minor != entry->dev_minor))
		linked = linked->next;
	return linked;
}

/* Without memory the next name becomes a file of its own: bytes are right, only shared no more. */
static void linked_add(struct unpack *unpack, const struct cpio_entry *entry, struct file *file)
{
	struct linked **bucket = linked_bucket(unpack, entry);
	struct linked *linked = kmalloc(sizeof(*linked));

	if (!linked)
		return;
	linked->ino = entry->ino;
	linked->dev_major = entry->dev_major;
	linked->dev_minor = entry->dev_minor;
	linked->path = file->path;
	path_get(&linked->path);
	linked->next = *bucket;
	*bucket = linked;
}

static void linked_free(struct unpack *unpack)
{
	for (uint32_t i = 0; i < LINK_BUCKETS; i++) {
		while (unpack->buckets[i]) {
			struct linked *linked = unpack->buckets[i];

			unpack->buckets[i] = linked->next;
			path_put(&linked->path);
			kfree(linked);
		}
	}
}

/* Directories that the archive left out are made; those that are there are no error. */
static void make_parents(struct unpack *unpack)
{
	char *name = unpack->name;

	for (char *slash = strchr(name + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		struct path_at at = fs_root_at(name);

		*slash = '\0';
		if (path_mkdir(&at, 0755) == ERR_NOSPC)
			log_warn("initramfs", "no space for %s", name);
		*slash = '/';
	}
}

static enum err write_data(struct file *file, const struct cpio_entry *entry)
{
	size_t done = 0;

	while (done < entry->size) {
		int64_t step = file_write_kernel(file, entry->data + done, entry->size - done);

		if (step <= 0)
			return step ? (enum err)step : ERR_NOSPC;
		done += (size_t)step;
	}
	return OK;
}

/* A further name of a file; its data may stand with any of them. */
static enum err unpack_link(const struct path_at *at, const struct linked *linked,
			    const struct cpio_entry *entry)
{
	const struct path_at old = {
		.context = at->context, .cred = at->cred, .base = &linked->path, .name = ""};
	struct file *file;
	enum err error;

	error = path_link(&old, at, LOOKUP_EMPTY);
	if (error || !entry->size)
		return error;
	error = path_open(at, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0, &file);
	if (error)
		return error;
	error = write_data(file, entry);
	file_put(file);
	return error;
}

static enum err unpack_file(struct unpack *unpack, const struct path_at *at,
			    const struct cpio_entry *entry)
{
	struct linked *linked = entry->nlink > 1 ? linked_find(unpack, entry) : NULL;
	struct file *file;
	enum err error;

	if (linked)
		return unpack_link(at, linked, entry);
	error = path_open(at, O_WRONLY | O_CREAT | O_EXCL, 0600, &file);
	if (error)
		return error;
	error = write_data(file, entry);
	if (!error && entry->nlink > 1)
		linked_add(unpack, entry, file);
	file_put(file);
	return error;
}

static enum err unpack_symlink(const struct path_at *at, const struct cpio_entry *entry)
{
	char *target = kmalloc(entry->size + 1);
	enum err error;

	if (!target)
		return ERR_NOMEM;
	memcpy(target, entry->data, entry->size);
	target[entry->size] = '\0';
	error = path_symlink(target, at);
	kfree(target);
	return error;
}

static enum err make_entry(struct unpack *unpack, const struct path_at *at,
			   const struct cpio_entry *entry)
{
	enum err error;

	switch (entry->mode & S_IFMT) {
	case S_IFDIR:
		error = path_mkdir(at, entry->mode & S_IALLUGO);
		return error == ERR_EXIST ? OK : error;
	case S_IFREG:
		return unpack_file(unpack, at, entry);
	case S_IFLNK:
		return unpack_symlink(at, entry);
	default:
		return path_mknod(at, entry->mode,
				  device_number(entry->rdev_major, entry->rdev_minor));
	}
}

/* Takes the path over; without memory the directory keeps the time of its last change. */
static void dir_time_add(struct unpack *unpack, struct path *path, int64_t mtime_ns)
{
	struct dir_time *dir = kmalloc(sizeof(*dir));

	if (!dir) {
		path_put(path);
		return;
	}
	*dir = (struct dir_time){.next = unpack->dirs, .path = *path, .mtime_ns = mtime_ns};
	unpack->dirs = dir;
}

static void dir_times_set(struct unpack *unpack)
{
	while (unpack->dirs) {
		struct dir_time *dir = unpack->dirs;

		unpack->dirs = dir->next;
		if (vfs_utimens(&dir->path, cred_root(), dir->mtime_ns, dir->mtime_ns))
			unpack->refused++;
		path_put(&dir->path);
		kfree(dir);
	}
}

static enum err set_attributes(struct unpack *unpack, const struct path_at *at,
			       const struct cpio_entry *entry)
{
	int64_t mtime_ns = (int64_t)entry->mtime * 1000000000;
	struct path path;
	enum err error;

	error = path_lookup(at, 0, &path);
	if (error)
		return error;
	/* What is mounted already (/dev, /proc) stays as its file system made it. */
	if (path.mount->parent && path.dentry == path.mount->root) {
		path_put(&path);
		return OK;
	}
	error = vfs_chown(&path, at->cred, entry->uid, entry->gid);
	if (!error && !S_ISLNK(entry->mode))
		error = vfs_chmod(&path, at->cred, entry->mode);
	if (!error && S_ISDIR(entry->mode)) {
		dir_time_add(unpack, &path, mtime_ns);
		return OK;
	}
	if (!error)
		error = vfs_utimens(&path, at->cred, mtime_ns, mtime_ns);
	path_put(&path);
	return error;
}

static enum err unpack_entry(struct unpack *unpack, const struct cpio_entry *entry)
{
	struct path_at at = fs_root_at(unpack->name);
	enum err error;

	if (!entry->name_len)
		return OK;
	unpack->name[0] = '/';
	memcpy(unpack->name + 1, entry->name, entry->name_len);
	unpack->name[entry->name_len + 1] = '\0';
	error = make_entry(unpack, &at, entry);
	if (error == ERR_NOENT) {
		make_parents(unpack);
		error = make_entry(unpack, &at, entry);
	}
	/* A later archive's file takes the place of an earlier one's. */
	if (error == ERR_EXIST && path_unlink(&at) == OK)
		error = make_entry(unpack, &at, entry);
	return error ? error : set_attributes(unpack, &at, entry);
}

static enum err unpack_all(struct unpack *unpack, struct cpio *cpio)
{
	struct cpio_entry entry;
	enum err error;

	while (!(error = cpio_next(cpio, &entry))) {
		unpack->entries++;
		error = unpack_entry(unpack, &entry);
		if (error && unpack->refused++ < LINES_OF_WOES)
			log_warn("initramfs", "%s: %s", unpack->name, err_text(error));
	}
	return error == ERR_NOENT ? OK : error;
}

enum err initramfs_unpack(const void *archive, size_t size)
{
	struct unpack *unpack = kzalloc(sizeof(*unpack));
	struct cpio cpio;
	enum err error;

	if (!unpack)
		return ERR_NOMEM;
	cpio_begin(&cpio, archive, size);
	error = unpack_all(unpack, &cpio);
	if (error)
		log_err("initramfs", "corrupt after %lu entries: %s", unpack->entries, cpio.reason);
	if (unpack->refused)
		log_warn("initramfs", "%lu of %lu entries could not be unpacked", unpack->refused,
			 unpack->entries);
	linked_free(unpack);
	dir_times_set(unpack);
	kfree(unpack);
	return error;
}
