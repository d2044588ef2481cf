/* SPDX-License-Identifier: BSD-2-Clause */
#include "syscall/user.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#include "mm/slab.h"
#include "mm/usercopy.h"

static int64_t copy_long_name(struct user_path *path, struct uaddr name)
{
	path->name = kmalloc(LIMIT_PATH_BYTES);
	return path->name ? string_from_user(path->name, name, LIMIT_PATH_BYTES) : ERR_NOMEM;
}

static enum err copy_name(struct user_path *path, struct uaddr name, bool may_be_empty)
{
	int64_t len = string_from_user(path->small, name, sizeof(path->small));

	path->name = path->small;
	if (unlikely(len == ERR_NAMETOOLONG))
		len = copy_long_name(path, name);
	if (unlikely(len <= 0)) {
		if (len < 0)
			return (enum err)len;
		if (!may_be_empty)
			return ERR_NOENT;
	}
	path->at.name = path->name;
	path->at.name_len = (size_t)len;
	return OK;
}

enum err user_path_get(struct user_path *path, int32_t dirfd, struct uaddr name, bool may_be_empty)
{
	struct process *process = process_current();
	enum err err;

	path->at = (struct path_at){.context = process->fs, .cred = cred_current()};
	path->base = (struct fd_ref){0};
	err = copy_name(path, name, may_be_empty);
	if (err != OK)
		goto out;
	if (dirfd == AT_FDCWD || path->name[0] == '/')
		return OK;
	path->base = my_fd_at(dirfd);
	if (path->base.file) {
		path->at.base = &path->base.file->path;
		return OK;
	}
	err = ERR_BADF;
out:
	user_path_done(path);
	return err;
}

void user_path_done(struct user_path *path)
{
	fd_return(path->base);
	if (unlikely(path->name != path->small))
		kfree(path->name);
}

enum err user_time_decode(uint64_t *ns, const struct user_timespec *time)
{
	if (time->seconds < 0 || (uint64_t)time->nanoseconds >= NS_PER_S)
		return ERR_INVAL;
	if (mul_overflows((uint64_t)time->seconds, NS_PER_S, ns) ||
	    add_overflows(*ns, (uint64_t)time->nanoseconds, ns) || *ns > INT64_MAX)
		*ns = INT64_MAX;
	return OK;
}

enum err user_time_get(uint64_t *ns, struct uaddr at)
{
	struct user_timespec time;
	enum err err = copy_from_user(&time, at, sizeof(time));

	return err == OK ? user_time_decode(ns, &time) : err;
}

enum err user_time_put(struct uaddr at, uint64_t ns)
{
	struct user_timespec time = {.seconds = (int64_t)(ns / NS_PER_S),
				     .nanoseconds = (int64_t)(ns % NS_PER_S)};

	return copy_to_user(at, &time, sizeof(time));
}

uint64_t user_deadline(uint64_t ns)
{
	uint64_t deadline;

	if (add_overflows(time_now_ns(), ns, &deadline))
		deadline = INT64_MAX;
	return deadline ? deadline : 1;
}

static enum err check_rest(struct uaddr from, uint64_t known, uint64_t size)
{
	uint64_t words[8];

	for (uint64_t at = known; at < size; at += sizeof(words)) {
		uint64_t bytes = MIN(size - at, sizeof(words));
		struct uaddr here = {from.raw + at};

		memset(words, 0, sizeof(words));
		if (copy_from_user(words, here, bytes) != OK)
			return ERR_FAULT;
		for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
			if (words[i])
				return ERR_2BIG;
	}
	return OK;
}

enum err user_struct_get(void *to, uint64_t known, struct uaddr from, uint64_t size)
{
	enum err err = check_rest(from, known, size);

	return err == OK ? copy_from_user(to, from, MIN(size, known)) : err;
}
