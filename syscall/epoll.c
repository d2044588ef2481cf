/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/epoll.h"

#include "mm/usercopy.h"
#include "syscall/poll_scan.h"

#define EPOLL_CTL_ADD 1u
#define EPOLL_CTL_DEL 2u
#define EPOLL_CTL_MOD 3u

#define EVENTS_MAX (INT32_MAX / sizeof(struct epoll_event))

/* What may stand beside EPOLL_EXCLUSIVE. */
#define EXCLUSIVE_ALLOWED                                                                   \
	(POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLRDBAND | POLLWRBAND | POLLRDHUP | \
	 POLLERR | POLLHUP | POLLPRI | EPOLL_WAKEUP | EPOLL_EDGE | EPOLL_EXCLUSIVE)

static int64_t create(uint32_t flags)
{
	struct file *file;
	int64_t fd;
	enum err err;

	if (flags & ~O_CLOEXEC)
		return ERR_INVAL;
	err = epoll_create(process_current()->cred, &file);
	if (err != OK)
		return err;
	fd = fd_install(my_files(), file, 0, my_fd_limit(), flags ? FD_CLOEXEC : 0);
	if (fd < 0)
		file_put(file);
	return fd;
}

int64_t sys_epoll_create(struct trapframe *frame)
{
	return arg_int(frame, 0) > 0 ? create(0) : ERR_INVAL;
}

int64_t sys_epoll_create1(struct trapframe *frame)
{
	return create(arg_u32(frame, 0));
}

static enum err control(struct file *file, uint32_t op, struct file *target, int32_t fd,
			const struct epoll_event *event)
{
	if (!(target->mode & FILE_POLLS))
		return target->mode & FILE_PATH ? ERR_BADF : ERR_PERM;
	if (!file_is_epoll(file) || file == target)
		return ERR_INVAL;
	if (op != EPOLL_CTL_DEL && event->events & EPOLL_EXCLUSIVE &&
	    (op == EPOLL_CTL_MOD || event->events & ~EXCLUSIVE_ALLOWED))
		return ERR_INVAL;
	switch (op) {
	case EPOLL_CTL_ADD:
		return epoll_add(file, target, fd, event);
	case EPOLL_CTL_DEL:
		return epoll_remove(file, target, fd);
	case EPOLL_CTL_MOD:
		return epoll_modify(file, target, fd, event);
	default:
		return ERR_INVAL;
	}
}

int64_t sys_epoll_ctl(struct trapframe *frame)
{
	uint32_t op = arg_u32(frame, 1);
	int32_t fd = arg_int(frame, 2);
	struct epoll_event event = {0};
	struct fd_ref file, target;
	enum err err = OK;

	if (op != EPOLL_CTL_DEL)
		err = copy_from_user(&event, arg_uaddr(frame, 3), sizeof(event));
	if (err != OK)
		return err;
	file = my_fd(frame, 0);
	target = my_fd_at(fd);
	err = file.file && target.file ? control(file.file, op, target.file, fd, &event) : ERR_BADF;
	fd_return(target);
	fd_return(file);
	return err;
}

static int64_t wait_for_events(struct trapframe *frame, uint64_t deadline, bool may_sleep)
{
	uint64_t max = (uint64_t)arg_int(frame, 2);
	struct io_iter out;
	struct fd_ref file;
	int64_t result = ERR_INVAL;

	if (!max || max > EVENTS_MAX)
		return ERR_INVAL;
	file = my_fd(frame, 0);
	if (!file.file)
		return ERR_BADF;
	io_iter_init_user(&out, arg_uaddr(frame, 1), max * sizeof(struct epoll_event));
	if (file_is_epoll(file.file))
		result = epoll_wait(file.file, &out, (uint32_t)max, deadline, may_sleep);
	fd_return(file);
	return result;
}

static uint64_t deadline_of_ms(int32_t ms)
{
	return ms > 0 ? user_deadline((uint64_t)ms * 1000000) : TIME_NEVER;
}

int64_t sys_epoll_wait(struct trapframe *frame)
{
	int32_t ms = arg_int(frame, 3);

	return wait_for_events(frame, deadline_of_ms(ms), ms != 0);
}

/* A signal ends the wait for good; its handler runs before the old mask comes back. */
static int64_t wait_with_mask(struct trapframe *frame, uint64_t deadline, bool may_sleep)
{
	enum err err = poll_mask_begin(arg(frame, 4), arg(frame, 5));
	int64_t result;

	if (err != OK)
		return err;
	result = wait_for_events(frame, deadline, may_sleep);
	if (result != ERR_INTR)
		signal_restore_blocked();
	return result;
}

int64_t sys_epoll_pwait(struct trapframe *frame)
{
	int32_t ms = arg_int(frame, 3);

	return wait_with_mask(frame, deadline_of_ms(ms), ms != 0);
}

int64_t sys_epoll_pwait2(struct trapframe *frame)
{
	uint64_t deadline;
	bool may_sleep;
	enum err err = poll_timeout_get(arg_uaddr(frame, 3), &deadline, &may_sleep);

	return err == OK ? wait_with_mask(frame, deadline, may_sleep) : err;
}
