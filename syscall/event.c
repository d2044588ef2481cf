/* SPDX-License-Identifier: BSD-2-Clause */
/* Events as files: eventfd and timerfd. */
#include "fs/eventfd.h"
#include "fs/timerfd.h"
#include "mm/usercopy.h"
#include "syscall/user.h"

#define EFD_SEMAPHORE 1u

#define CLOCK_REALTIME  0u
#define CLOCK_MONOTONIC 1u
#define CLOCK_BOOTTIME  7u

#define TFD_TIMER_ABSTIME       1u
#define TFD_TIMER_CANCEL_ON_SET 2u

static int64_t install(struct file *file, uint32_t flags)
{
	int64_t fd =
		fd_install(my_files(), file, 0, my_fd_limit(), flags & O_CLOEXEC ? FD_CLOEXEC : 0);

	if (fd < 0)
		file_put(file);
	return fd;
}

static int64_t make_eventfd(uint32_t count, uint32_t flags)
{
	struct file *file;
	enum err err;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return ERR_INVAL;
	err = eventfd_create(count, flags & EFD_SEMAPHORE, flags & O_NONBLOCK,
			     process_current()->cred, &file);
	return err == OK ? install(file, flags) : err;
}

int64_t sys_eventfd(struct trapframe *frame)
{
	return make_eventfd(arg_u32(frame, 0), 0);
}

int64_t sys_eventfd2(struct trapframe *frame)
{
	return make_eventfd(arg_u32(frame, 0), arg_u32(frame, 1));
}

int64_t sys_timerfd_create(struct trapframe *frame)
{
	uint32_t clock = arg_u32(frame, 0), flags = arg_u32(frame, 1);
	struct file *file;
	enum err err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return ERR_INVAL;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return ERR_INVAL;
	err = timerfd_create(clock == CLOCK_REALTIME, flags & O_NONBLOCK, process_current()->cred,
			     &file);
	return err == OK ? install(file, flags) : err;
}

/* struct itimerspec: the interval stands first. */
static enum err get_setting(struct timerfd_setting *setting, struct uaddr at)
{
	struct user_timespec in[2];
	enum err err = copy_from_user(in, at, sizeof(in));

	if (err == OK)
		err = user_time_decode(&setting->interval_ns, &in[0]);
	return err == OK ? user_time_decode(&setting->value_ns, &in[1]) : err;
}

static enum err put_setting(struct uaddr at, const struct timerfd_setting *setting)
{
	const struct user_timespec out[2] = {
		{(int64_t)(setting->interval_ns / NS_PER_S),
		 (int64_t)(setting->interval_ns % NS_PER_S)},
		{(int64_t)(setting->value_ns / NS_PER_S), (int64_t)(setting->value_ns % NS_PER_S)},
	};

	return copy_to_user(at, out, sizeof(out));
}

int64_t sys_timerfd_settime(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 1);
	struct timerfd_setting setting, old;
	struct fd_ref file;
	enum err err = get_setting(&setting, arg_uaddr(frame, 2));

	if (err == OK && flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		err = ERR_INVAL;
	if (err != OK)
		return err;
	setting.absolute = flags & TFD_TIMER_ABSTIME;
	setting.cancel_on_set = setting.absolute && flags & TFD_TIMER_CANCEL_ON_SET;
	file = my_fd(frame, 0);
	err = file.file ? timerfd_set(file.file, &setting, &old) : ERR_BADF;
	fd_return(file);
	if (err != OK || !arg(frame, 3))
		return err;
	return put_setting(arg_uaddr(frame, 3), &old);
}

int64_t sys_timerfd_gettime(struct trapframe *frame)
{
	struct timerfd_setting setting;
	struct fd_ref file = my_fd(frame, 0);
	enum err err = file.file ? timerfd_get(file.file, &setting) : ERR_BADF;

	fd_return(file);
	return err == OK ? put_setting(arg_uaddr(frame, 1), &setting) : err;
}
