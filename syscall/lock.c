/* SPDX-License-Identifier: BSD-2-Clause */
/* flock(2) and the lock commands of fcntl(2). */
#include "syscall/lock.h"

#include "kernel/lib/overflow.h"

#include "fs/file_lock.h"
#include "mm/usercopy.h"

#define F_GETLK      5u
#define F_SETLK      6u
#define F_SETLKW     7u
#define F_OFD_GETLK  36u
#define F_OFD_SETLK  37u
#define F_OFD_SETLKW 38u

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

struct user_flock {
	int16_t type, whence;
	uint32_t pad0;
	int64_t start, len;
	int32_t pid;
	uint32_t pad1;
};
static_assert(sizeof(struct user_flock) == 32, "fcntl(2), x86-64");

/* Where the range is counted from. */
static enum err base_of(const struct file *file, int16_t whence, int64_t *base)
{
	switch (whence) {
	case (int16_t)SEEK_SET:
		*base = 0;
		return OK;
	case (int16_t)SEEK_CUR:
		*base = (int64_t)file->position;
		return OK;
	case (int16_t)SEEK_END:
		*base = (int64_t)inode_size(file->inode);
		return OK;
	default:
		return ERR_INVAL;
	}
}

/* A negative length lies before the start; none at all reaches to the end, wherever that is. */
static enum err decode_span(const struct file *file, const struct user_flock *user,
			    struct lock_span *span)
{
	int64_t start, end;
	enum err err = base_of(file, user->whence, &start);

	if (err != OK)
		return err;
	if (add_overflows(start, user->start, &start))
		return user->start < 0 ? ERR_INVAL : ERR_OVERFLOW;
	if (start < 0)
		return ERR_INVAL;
	span->start = (uint64_t)start;
	span->end = LOCK_END_OF_FILE;
	if (user->len < 0) {
		if (add_overflows(start, user->len, &end) || end < 0)
			return ERR_INVAL;
		span->start = (uint64_t)end;
		span->end = (uint64_t)start;
	} else if (user->len) {
		if (user->len - 1 > INT64_MAX - start)
			return ERR_OVERFLOW;
		span->end = (uint64_t)start + (uint64_t)user->len;
	}
	return OK;
}

static enum err decode(struct file *file, const struct user_flock *user,
		       struct lock_request *request)
{
	if (user->type != F_RDLCK && user->type != F_WRLCK && user->type != F_UNLCK)
		return ERR_INVAL;
	request->file = file;
	request->table = my_files();
	request->pid = process_current()->pid->number;
	request->unlock = user->type == F_UNLCK;
	request->span.write = user->type == F_WRLCK;
	return decode_span(file, user, &request->span);
}

static enum err put_blocker(struct uaddr to, struct user_flock *user,
			    const struct lock_request *request)
{
	struct lock_span span;
	uint32_t pid = 0;

	if (!file_lock_test(request, &span, &pid)) {
		user->type = F_UNLCK;
	} else {
		user->type = span.write ? F_WRLCK : F_RDLCK;
		user->whence = (int16_t)SEEK_SET;
		user->start = (int64_t)span.start;
		user->len = span.end == LOCK_END_OF_FILE ? 0 : (int64_t)(span.end - span.start);
		user->pid = pid ? (int32_t)pid : -1;
	}
	return copy_to_user(to, user, sizeof(*user));
}

/* Another thread may have closed the descriptor meanwhile: the lock would be nobody's to drop. */
static enum err check_still_open(int32_t fd, struct lock_request *request)
{
	if (fd_names(my_files(), fd, request->file))
		return OK;
	request->unlock = true;
	(void)!file_lock(request);
	return ERR_BADF;
}

static enum err set_lock(const struct trapframe *frame, struct lock_request *request)
{
	const struct file *file = request->file;
	enum err err;

	if (!request->unlock && !(file->mode & (request->span.write ? FILE_WRITE : FILE_READ)))
		return ERR_BADF;
	err = file_lock(request);
	if (err == OK && request->kind == FILE_LOCK_PROCESS && !request->unlock &&
	    !my_files_are_sole(process_current()))
		err = check_still_open(arg_int(frame, 0), request);
	return err;
}

static int64_t act(const struct trapframe *frame, struct file *file, struct lock_request *request,
		   bool test)
{
	struct uaddr at = arg_uaddr(frame, 2);
	struct user_flock user;
	enum err err = copy_from_user(&user, at, sizeof(user));

	if (err != OK)
		return err;
	if ((request->kind == FILE_LOCK_OPEN_FILE && user.pid != 0) ||
	    (test && user.type == F_UNLCK))
		return ERR_INVAL;
	err = decode(file, &user, request);
	if (err != OK)
		return err;
	return test ? put_blocker(at, &user, request) : set_lock(frame, request);
}

int64_t fcntl_lock(const struct trapframe *frame, struct file *file, uint32_t command)
{
	struct lock_request request = {
		.kind = command < F_OFD_GETLK ? FILE_LOCK_PROCESS : FILE_LOCK_OPEN_FILE,
		.wait = command == F_SETLKW || command == F_OFD_SETLKW,
	};

	switch (command) {
	case F_GETLK:
	case F_OFD_GETLK:
		return act(frame, file, &request, true);
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return act(frame, file, &request, false);
	default:
		return ERR_INVAL;
	}
}

#define FLOCK_SHARED    1u
#define FLOCK_EXCLUSIVE 2u
#define FLOCK_NONBLOCK  4u
#define FLOCK_UNLOCK    8u

int64_t sys_flock(struct trapframe *frame)
{
	uint32_t operation = arg_u32(frame, 1), kind = operation & ~FLOCK_NONBLOCK;
	struct lock_request request = {.kind = FILE_LOCK_WHOLE,
				       .span = {0, LOCK_END_OF_FILE, kind == FLOCK_EXCLUSIVE},
				       .unlock = kind == FLOCK_UNLOCK,
				       .wait = !(operation & FLOCK_NONBLOCK)};
	int64_t result;

	if (kind != FLOCK_SHARED && kind != FLOCK_EXCLUSIVE && kind != FLOCK_UNLOCK)
		return ERR_INVAL;
	request.file = my_file_at(arg_int(frame, 0));
	if (!request.file || (request.file->mode & FILE_PATH))
		result = ERR_BADF;
	else
		result = file_lock(&request);
	file_put(request.file);
	return result;
}
