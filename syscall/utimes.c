/* SPDX-License-Identifier: BSD-2-Clause */
/* Times of files: one call of today and three of before. */
#include "kernel/lib/bits.h"

#include "fs/attr.h"
#include "mm/usercopy.h"
#include "syscall/place.h"

#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

/* Times are kept in nanoseconds: 292 years to either side. */
static int64_t clamp_seconds(int64_t seconds)
{
	const int64_t most = INT64_MAX / (int64_t)NS_PER_S - 1;

	return MAX(MIN(seconds, most), -most);
}

static enum err decode_time(const struct user_timespec *time, int64_t *out)
{
	if (time->nanoseconds == UTIME_NOW)
		*out = TIME_NOW;
	else if (time->nanoseconds == UTIME_OMIT)
		*out = TIME_OMIT;
	else if ((uint64_t)time->nanoseconds >= NS_PER_S)
		return ERR_INVAL;
	else
		*out = clamp_seconds(time->seconds) * (int64_t)NS_PER_S + time->nanoseconds;
	return OK;
}

static enum err read_times(struct uaddr at, int64_t out[2])
{
	struct user_timespec times[2];
	enum err err;

	out[0] = out[1] = TIME_NOW;
	if (!at.raw)
		return OK;
	err = copy_from_user(times, at, sizeof(times));
	if (err == OK)
		err = decode_time(&times[0], &out[0]);
	return err == OK ? decode_time(&times[1], &out[1]) : err;
}

int64_t sys_utimensat(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 3);
	int64_t times[2];
	struct path path;
	enum err err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return ERR_INVAL;
	err = read_times(arg_uaddr(frame, 2), times);
	if (err != OK)
		return err;
	/* futimens(3) is a descriptor without a name. */
	err = arg(frame, 1) ? find_place(arg_int(frame, 0), arg_uaddr(frame, 1), flags, &path)
			    : file_place(frame, &path);
	if (err != OK)
		return err;
	err = vfs_utimens(&path, cred_current(), times[0], times[1]);
	path_put(&path);
	return err;
}

#define US_PER_S 1000000ull

static int64_t set_times(int32_t dirfd, struct uaddr name, const int64_t times[2])
{
	struct path path;
	enum err err = find_place(dirfd, name, 0, &path);

	if (err != OK)
		return err;
	err = vfs_utimens(&path, cred_current(), times[0], times[1]);
	path_put(&path);
	return err;
}

int64_t sys_utime(struct trapframe *frame)
{
	int64_t times[2] = {TIME_NOW, TIME_NOW}, seconds[2];
	struct uaddr at = arg_uaddr(frame, 1);
	enum err err = at.raw ? copy_from_user(seconds, at, sizeof(seconds)) : OK;

	if (err != OK)
		return err;
	for (unsigned i = 0; at.raw && i < 2; i++)
		times[i] = clamp_seconds(seconds[i]) * (int64_t)NS_PER_S;
	return set_times(AT_FDCWD, arg_uaddr(frame, 0), times);
}

/* Two struct timeval; without them the time is now. */
static enum err read_timevals(struct uaddr at, int64_t out[2])
{
	struct user_timespec times[2];
	enum err err;

	out[0] = out[1] = TIME_NOW;
	if (!at.raw)
		return OK;
	err = copy_from_user(times, at, sizeof(times));
	if (err != OK)
		return err;
	for (unsigned i = 0; i < 2; i++) {
		if ((uint64_t)times[i].nanoseconds >= US_PER_S)
			return ERR_INVAL;
		out[i] = clamp_seconds(times[i].seconds) * (int64_t)NS_PER_S +
			 times[i].nanoseconds * (int64_t)(NS_PER_S / US_PER_S);
	}
	return OK;
}

int64_t sys_utimes(struct trapframe *frame)
{
	int64_t times[2];
	enum err err = read_timevals(arg_uaddr(frame, 1), times);

	return err == OK ? set_times(AT_FDCWD, arg_uaddr(frame, 0), times) : err;
}

int64_t sys_futimesat(struct trapframe *frame)
{
	int64_t times[2];
	struct path path;
	enum err err = read_timevals(arg_uaddr(frame, 2), times);

	if (err != OK)
		return err;
	if (arg(frame, 1))
		return set_times(arg_int(frame, 0), arg_uaddr(frame, 1), times);
	err = file_place(frame, &path);
	if (err != OK)
		return err;
	err = vfs_utimens(&path, cred_current(), times[0], times[1]);
	path_put(&path);
	return err;
}
