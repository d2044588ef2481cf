/* SPDX-License-Identifier: BSD-2-Clause */
#include "syscall/user.h"

#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"
#include "mm/slab.h"
#include "mm/usercopy.h"

static enum err copy_name(struct user_path *path, struct uaddr name, bool may_be_empty)
{
	char local[128];
	int64_t len = string_from_user(local, name, sizeof(local));

	if (len == ERR_NAMETOOLONG) {
		path->name = kmalloc(LIMIT_PATH_BYTES);
		if (!path->name)
			return ERR_NOMEM;
		len = string_from_user(path->name, name, LIMIT_PATH_BYTES);
	} else if (len >= 0) {
		path->name = kmalloc((size_t)len + 1);
		if (!path->name)
			return ERR_NOMEM;
		memcpy(path->name, local, (size_t)len + 1);
	}
	if (len < 0)
		return (enum err)len;
	return len == 0 && !may_be_empty ? ERR_NOENT : OK;
}

enum err user_path_get(struct user_path *path, int32_t dirfd, struct uaddr name, bool may_be_empty)
{
	struct process *process = process_current();
	enum err err;

	*path = (struct user_path){.at = {.context = process->fs, .cred = process->cred}};
	err = copy_name(path, name, may_be_empty);
	if (err != OK)
		goto out;
	path->at.name = path->name;
	if (dirfd == AT_FDCWD || path->name[0] == '/')
		return OK;
	path->base = my_file_at(dirfd);
	if (path->base) {
		path->at.base = &path->base->path;
		return OK;
	}
	err = ERR_BADF;
out:
	user_path_done(path);
	return err;
}

void user_path_done(struct user_path *path)
{
	if (path->base)
		file_put(path->base);
	kfree(path->name);
	path->name = NULL;
	path->base = NULL;
}

enum err user_time_get(uint64_t *ns, struct uaddr at)
{
	struct user_timespec time;
	enum err err = copy_from_user(&time, at, sizeof(time));

	if (err != OK)
		return err;
	if (time.seconds < 0 || (uint64_t)time.nanoseconds >= NS_PER_S)
		return ERR_INVAL;
	if (mul_overflows((uint64_t)time.seconds, NS_PER_S, ns) ||
	    add_overflows(*ns, (uint64_t)time.nanoseconds, ns))
		*ns = INT64_MAX;
	return OK;
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
