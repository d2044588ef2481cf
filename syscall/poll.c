/* SPDX-License-Identifier: BSD-2-Clause */
/* poll, ppoll, select, pselect6: one loop over an array of descriptors and what is asked of each. */
#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/sched/poll.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "syscall/user.h"

#define SMALL 10u
/* Two queues a file: a pipe has one for each side. */
#define WAITERS_A_FILE 2u

struct user_pollfd {
	int32_t fd;
	uint16_t events;
	uint16_t revents;
};
static_assert(sizeof(struct user_pollfd) == 8, "poll(2)");

struct poll_set {
	struct user_pollfd *fds;
	uint32_t count;
	struct user_pollfd small[SMALL];
};

static enum err set_open(struct poll_set *set, uint64_t count)
{
	set->fds = set->small;
	set->count = (uint32_t)count;
	if (count > my_fd_limit())
		return ERR_INVAL;
	if (count <= SMALL)
		return OK;
	set->fds = kmalloc(count * sizeof(*set->fds));
	return set->fds ? OK : ERR_NOMEM;
}

static void set_close(struct poll_set *set)
{
	if (set->fds != set->small)
		kfree(set->fds);
}

/* With @wait the file's queues are in it: *@held keeps them there until the sleep is over. */
static bool look_at(struct user_pollfd *fd, struct poll_wait *wait, struct file **held)
{
	struct file *file;

	fd->revents = 0;
	if (fd->fd < 0)
		return false;
	file = fd_get(my_files(), fd->fd);
	if (!file) {
		fd->revents = POLLNVAL;
		return true;
	}
	fd->revents = (uint16_t)(file_poll(file, wait) &
				 (fd->events | POLLERR | POLLHUP));
	if (wait)
		*held = file;
	else
		file_put(file);
	return fd->revents;
}

static int64_t look_at_all(struct poll_set *set, struct poll_wait *wait, struct file **held)
{
	int64_t ready = 0;

	for (uint32_t i = 0; i < set->count; i++)
		if (look_at(&set->fds[i], wait, wait ? &held[i] : NULL))
			ready++;
	return ready;
}

/* Return: how many, 0 when time is up, ERR_INTR. */
static int64_t sleep_on(struct poll_set *set, struct waiter *waiters, struct file **held,
			uint64_t deadline)
{
	enum wait_result result = WAIT_OK;
	struct poll_wait wait;
	int64_t ready;

	poll_wait_init(&wait, waiters, set->count * WAITERS_A_FILE);
	ready = look_at_all(set, &wait, held);
	while (!ready && result == WAIT_OK) {
		result = poll_wait_sleep(&wait, deadline, WAIT_INTERRUPTIBLE);
		ready = look_at_all(set, NULL, NULL);
	}
	poll_wait_finish(&wait);
	for (uint32_t i = 0; i < set->count; i++)
		file_put(held[i]);
	if (ready)
		return ready;
	return result == WAIT_INTR ? ERR_INTR : 0;
}

static int64_t sleep_for_any(struct poll_set *set, uint64_t deadline)
{
	size_t count = MAX(set->count, 1u);
	struct waiter *waiters = kmalloc(count * WAITERS_A_FILE * sizeof(*waiters));
	struct file **held = kcalloc(count, sizeof(struct file *));
	int64_t result = ERR_NOMEM;

	if (waiters && held)
		result = sleep_on(set, waiters, held, deadline);
	kfree(waiters);
	kfree(held);
	return result;
}

/* Sleep until one is ready. Return: how many, 0 when time is up, ERR_INTR, ERR_NOMEM. */
static int64_t wait_for_any(struct poll_set *set, uint64_t deadline, bool may_sleep)
{
	int64_t ready = look_at_all(set, NULL, NULL);

	return ready || !may_sleep ? ready : sleep_for_any(set, deadline);
}

static int64_t poll_array(struct uaddr at, uint64_t count, uint64_t deadline, bool may_sleep)
{
	struct poll_set set;
	int64_t result = set_open(&set, count);

	if (result == OK)
		result = copy_from_user(set.fds, at, count * sizeof(*set.fds));
	if (result == OK)
		result = wait_for_any(&set, deadline, may_sleep);
	if (result >= 0 && copy_to_user(at, set.fds, count * sizeof(*set.fds)) != OK)
		result = ERR_FAULT;
	set_close(&set);
	return result;
}

int64_t sys_poll(struct trapframe *frame)
{
	int32_t ms = arg_int(frame, 2);
	uint64_t deadline = ms > 0 ? user_deadline((uint64_t)ms * 1000000) : TIME_NEVER;

	return poll_array(arg_uaddr(frame, 0), arg_u32(frame, 1), deadline, ms != 0);
}

/* The mask for the time of the call; a signal that ends it restores the old one afterwards. */
static enum err mask_for_call(uint64_t set_at, uint64_t size)
{
	uint64_t set;
	enum err err;

	if (!set_at)
		return OK;
	if (size != 8)
		return ERR_INVAL;
	err = get_user_u64(&set, (struct uaddr){set_at});
	if (err == OK)
		signal_set_blocked_until_delivery(set);
	return err;
}

static int64_t mask_done(int64_t result)
{
	if (result != ERR_INTR)
		signal_restore_blocked();
	return result;
}

/* A timespec pointer: NULL waits for ever, zero does not wait. */
static enum err read_timeout(struct uaddr at, uint64_t *deadline, bool *may_sleep)
{
	uint64_t ns;
	enum err err;

	*deadline = TIME_NEVER;
	*may_sleep = true;
	if (!at.raw)
		return OK;
	err = user_time_get(&ns, at);
	if (err != OK)
		return err;
	*may_sleep = ns != 0;
	*deadline = user_deadline(ns);
	return OK;
}

int64_t sys_ppoll(struct trapframe *frame)
{
	uint64_t deadline;
	bool may_sleep;
	enum err err = read_timeout(arg_uaddr(frame, 2), &deadline, &may_sleep);

	if (err == OK)
		err = mask_for_call(arg(frame, 3), arg(frame, 4));
	if (err != OK)
		return err;
	return mask_done(poll_array(arg_uaddr(frame, 0), arg_u32(frame, 1), deadline, may_sleep));
}

/* --- select --- */

#define SELECT_MAX   1024u
#define SELECT_WORDS (SELECT_MAX / 64)
#define SELECT_IN    (POLLIN | POLLRDNORM | POLLHUP | POLLERR)
#define SELECT_OUT   (POLLOUT | POLLWRNORM | POLLERR)
#define SELECT_EX    POLLPRI

struct fd_sets {
	uint64_t word[3][SELECT_WORDS];
};

static const uint16_t select_events[3] = {SELECT_IN, SELECT_OUT, SELECT_EX};

/* Only the words of @count descriptors are ever looked at. */
static void clear_sets(struct fd_sets *sets, uint32_t count)
{
	for (unsigned i = 0; i < 3; i++)
		for (uint32_t word = 0; word < DIV_ROUND_UP(count, 64); word++)
			sets->word[i][word] = 0;
}

static enum err read_sets(struct fd_sets *sets, struct trapframe *frame, uint32_t count)
{
	size_t bytes = DIV_ROUND_UP(count, 64) * 8;
	enum err err = OK;

	clear_sets(sets, count);
	for (unsigned i = 0; i < 3 && err == OK; i++)
		if (arg(frame, i + 1))
			err = copy_from_user(sets->word[i], arg_uaddr(frame, i + 1), bytes);
	return err;
}

static uint16_t events_of(const struct fd_sets *sets, uint32_t fd)
{
	uint16_t events = 0;

	for (unsigned i = 0; i < 3; i++)
		if (sets->word[i][fd / 64] >> fd % 64 & 1)
			events |= select_events[i];
	return events;
}

static uint32_t sets_to_array(const struct fd_sets *sets, uint32_t count, struct user_pollfd *fds)
{
	uint32_t used = 0;

	for (uint32_t word = 0; word < DIV_ROUND_UP(count, 64); word++) {
		uint64_t any = sets->word[0][word] | sets->word[1][word] | sets->word[2][word];

		for (; any; any &= any - 1) {
			uint32_t fd = word * 64 + (uint32_t)__builtin_ctzll(any);

			if (fd >= count)
				break;
			if (fds)
				fds[used] = (struct user_pollfd){.fd = (int32_t)fd,
								 .events = events_of(sets, fd)};
			used++;
		}
	}
	return used;
}

static int64_t array_to_sets(const struct poll_set *set, const struct fd_sets *asked,
			     struct fd_sets *sets, uint32_t count)
{
	int64_t bits = 0;

	clear_sets(sets, count);
	for (uint32_t n = 0; n < set->count; n++) {
		uint32_t fd = (uint32_t)set->fds[n].fd;
		uint64_t bit = 1ull << fd % 64;

		if (set->fds[n].revents & POLLNVAL)
			return ERR_BADF;
		for (unsigned i = 0; i < 3; i++)
			if (asked->word[i][fd / 64] & bit &&
			    set->fds[n].revents & select_events[i]) {
				sets->word[i][fd / 64] |= bit;
				bits++;
			}
	}
	return bits;
}

static int64_t write_sets(const struct fd_sets *sets, struct trapframe *frame, uint32_t count,
			  int64_t bits)
{
	size_t bytes = DIV_ROUND_UP(count, 64) * 8;

	for (unsigned i = 0; i < 3; i++)
		if (arg(frame, i + 1) &&
		    copy_to_user(arg_uaddr(frame, i + 1), sets->word[i], bytes) != OK)
			return ERR_FAULT;
	return bits;
}

static int64_t do_select(struct trapframe *frame, uint64_t deadline, bool may_sleep)
{
	uint32_t count = MIN(arg_u32(frame, 0), SELECT_MAX);
	/* Clearing all of both would cost more than the rest: clear_sets() does what is used. */
	struct fd_sets asked __uninitialized, ready __uninitialized;
	struct poll_set set;
	int64_t result;

	if (arg_int(frame, 0) < 0)
		return ERR_INVAL;
	result = read_sets(&asked, frame, count);
	if (result != OK)
		return result;
	result = set_open(&set, sets_to_array(&asked, count, NULL));
	if (result == OK) {
		sets_to_array(&asked, count, set.fds);
		result = wait_for_any(&set, deadline, may_sleep);
	}
	if (result >= 0)
		result = array_to_sets(&set, &asked, &ready, count);
	set_close(&set);
	return result >= 0 ? write_sets(&ready, frame, count, result) : result;
}

int64_t sys_select(struct trapframe *frame)
{
	uint64_t time[2], deadline = TIME_NEVER, ns = 1;

	if (arg(frame, 4)) {
		enum err err = copy_from_user(time, arg_uaddr(frame, 4), sizeof(time));

		if (err != OK)
			return err;
		if (time[0] > 1ull << 33 || time[1] > 999999)
			return ERR_INVAL;
		ns = time[0] * NS_PER_S + time[1] * 1000;
		deadline = user_deadline(ns);
	}
	return do_select(frame, deadline, ns != 0);
}

int64_t sys_pselect6(struct trapframe *frame)
{
	uint64_t mask[2] = {0}, deadline;
	bool may_sleep;
	enum err err = read_timeout(arg_uaddr(frame, 4), &deadline, &may_sleep);

	if (err == OK && arg(frame, 5))
		err = copy_from_user(mask, arg_uaddr(frame, 5), sizeof(mask));
	if (err == OK)
		err = mask_for_call(mask[0], mask[1]);
	if (err != OK)
		return err;
	return mask_done(do_select(frame, deadline, may_sleep));
}
