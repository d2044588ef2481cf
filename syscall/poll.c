/* SPDX-License-Identifier: BSD-2-Clause */
/* poll and ppoll: an array of descriptors and what is asked of each. */
#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

#include "mm/slab.h"
#include "mm/usercopy.h"
#include "syscall/poll_scan.h"

#define SMALL 10u

struct user_pollfd {
	int32_t fd;
	uint16_t events;
	uint16_t revents;
};
static_assert(sizeof(struct user_pollfd) == 8, "poll(2)");

struct poll_array {
	struct poll_scan scan;
	struct user_pollfd *fds;
	struct user_pollfd small[SMALL];
};

static uint16_t look_at(const struct user_pollfd *fd, struct poll_wait *wait, struct file **held)
{
	struct file *file;

	if (fd->fd < 0)
		return 0;
	file = my_file_at(fd->fd);
	if (!file)
		return POLLNVAL;
	return (uint16_t)(poll_scan_file(file, wait, held) & (fd->events | POLLERR | POLLHUP));
}

static int64_t look_at_all(struct poll_scan *scan, struct poll_wait *wait, struct file **held)
{
	struct user_pollfd *fds = container_of(scan, struct poll_array, scan)->fds;
	int64_t ready = 0;

	for (uint32_t i = 0, count = scan->count; i < count; i++) {
		uint16_t events = look_at(&fds[i], wait, held ? &held[i] : NULL);

		fds[i].revents = events;
		if (events)
			ready++;
	}
	return ready;
}

static int64_t poll_array(struct uaddr at, uint32_t count, uint64_t deadline, bool may_sleep)
{
	/* Of the small array only what the program's is copied over is used. */
	struct poll_array array __uninitialized;
	uint64_t bytes = (uint64_t)count * sizeof(*array.fds);
	int64_t result;

	if (count > my_fd_limit())
		return ERR_INVAL;
	array.scan = (struct poll_scan){.look = look_at_all, .count = count};
	array.fds = count <= SMALL ? array.small : kmalloc(bytes);
	if (!array.fds)
		return ERR_NOMEM;
	result = copy_from_user(array.fds, at, bytes);
	if (result == OK)
		result = poll_scan_wait(&array.scan, deadline, may_sleep);
	if (result >= 0 && copy_to_user(at, array.fds, bytes) != OK)
		result = ERR_FAULT;
	if (array.fds != array.small)
		kfree(array.fds);
	return result;
}

static int64_t poll_until(struct trapframe *frame, uint64_t deadline)
{
	int64_t result = poll_array(arg_uaddr(frame, 0), arg_u32(frame, 1), deadline, true);

	return likely(result != ERR_RESTARTNOHAND) ? result
						   : signal_restart_later(poll_until, deadline);
}

int64_t sys_poll(struct trapframe *frame)
{
	int32_t ms = arg_int(frame, 2);

	if (!ms)
		return poll_array(arg_uaddr(frame, 0), arg_u32(frame, 1), TIME_NEVER, false);
	return poll_until(frame, ms > 0 ? user_deadline((uint64_t)ms * 1000000) : TIME_NEVER);
}

int64_t sys_ppoll(struct trapframe *frame)
{
	uint64_t deadline;
	bool may_sleep;
	enum err err = poll_timeout_get(arg_uaddr(frame, 2), &deadline, &may_sleep);
	int64_t result;

	if (err == OK)
		err = poll_mask_begin(arg(frame, 3), arg(frame, 4));
	if (err != OK)
		return err;
	result = poll_array(arg_uaddr(frame, 0), arg_u32(frame, 1), deadline, may_sleep);
	poll_timeout_put(arg_uaddr(frame, 2), deadline, 1);
	return poll_mask_end(result);
}
