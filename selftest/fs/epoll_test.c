/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/anon.h"
#include "fs/epoll.h"
#include "fs/eventfd.h"
#include "fs/timerfd.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"
#include "selftest/program.h"
#include "selftest/workers.h"

#define MANY 300u

static const struct epoll_event wanted = {POLLIN, 7};

/* A file that counts who looks at it, and stirs when it is told to. */
struct looked_at {
	struct wait_queue queue;
	uint32_t events;
	unsigned looks;
};

static uint32_t counting_poll(struct file *file, struct poll_wait *wait)
{
	struct looked_at *looked_at = file->private;

	poll_wait_add(wait, &looked_at->queue);
	looked_at->looks++;
	return looked_at->events;
}

static const struct file_ops counting_ops = {.poll = counting_poll};

static void stir(struct looked_at *looked_at, uint32_t events)
{
	looked_at->events = events;
	wait_wake_all(&looked_at->queue);
}

static int64_t wait_now(struct file *epoll, struct epoll_event *events, uint32_t max)
{
	struct io_iter out;

	io_iter_init_kernel(&out, events, max * sizeof(*events));
	return epoll_wait(epoll, &out, max, TIME_NEVER, false);
}

static struct file *add_watched(struct file *epoll, struct looked_at *looked_at, int32_t fd)
{
	const struct epoll_event event = {POLLIN, (uint64_t)fd};
	struct file *file;

	wait_queue_init(&looked_at->queue);
	looked_at->events = 0;
	looked_at->looks = 0;
	if (anon_create(ANON_EVENTFD, &counting_ops, 0, cred_root(), looked_at, &file) != OK)
		return NULL;
	if (epoll_add(epoll, file, fd, &event) == OK)
		return file;
	file_put(file);
	return NULL;
}

/* However many are watched, only those that stirred are looked at. */
SELFTEST(M14, 4, epoll_looks_at_the_ready_only, .needs = M12)
{
	struct looked_at *all = kcalloc(MANY, sizeof(*all));
	struct file **files = kcalloc(MANY, sizeof(struct file *));
	uint64_t watches = epoll_watch_count();
	struct epoll_event events[4];
	struct file *epoll;
	unsigned looks = 0;

	CHECK(all && files && epoll_create(cred_root(), &epoll) == OK);
	for (unsigned i = 0; i < MANY; i++)
		CHECK((files[i] = add_watched(epoll, &all[i], (int32_t)i)));
	CHECK(epoll_watch_count() == watches + MANY);
	CHECK(wait_now(epoll, events, 4) == 0);
	stir(&all[11], POLLIN);
	stir(&all[200], POLLIN);
	stir(&all[201], 0); /* stirred, and nothing is there */
	CHECK(wait_now(epoll, events, 4) == 2 && events[0].data == 11 && events[1].data == 200);
	CHECK(wait_now(epoll, events, 4) == 2);
	stir(&all[11], 0);
	stir(&all[200], 0);
	CHECK(wait_now(epoll, events, 4) == 0 && wait_now(epoll, events, 4) == 0);
	for (unsigned i = 0; i < MANY; i++)
		looks += all[i].looks;
	/* Each once when it was added; then 3, 2 and 2. */
	CHECK(looks == MANY + 7);
	for (unsigned i = 0; i < MANY; i++)
		file_put(files[i]);
	CHECK(epoll_watch_count() == watches);
	file_put(epoll);
	kfree(files);
	kfree(all);
	return true;
}

static struct file *rows[3], *event_file;
static int64_t result;
static struct epoll_event got;
static volatile bool finished;

static void wait_on_top(void *arg)
{
	struct io_iter out;

	(void)arg;
	io_iter_init_kernel(&out, &got, sizeof(got));
	result = epoll_wait(rows[2], &out, 1, TIME_NEVER, true);
	finished = true;
}

/* Who sleeps on an epoll that watches an epoll that watches an epoll is woken from below. */
SELFTEST(M14, 4, epolls_in_a_row_wake_the_last, .needs = M12)
{
	struct workers workers;
	bool slept;

	CHECK(eventfd_create(0, false, 0, cred_root(), &event_file) == OK);
	for (unsigned i = 0; i < 3; i++) {
		CHECK(epoll_create(cred_root(), &rows[i]) == OK);
		CHECK(epoll_add(rows[i], i ? rows[i - 1] : event_file, 3, &wanted) == OK);
	}
	CHECK(epoll_add(rows[0], rows[2], 3, &wanted) == ERR_LOOP);
	finished = false;
	CHECK(workers_start_exact(&workers, 1, wait_on_top));
	thread_yield();
	slept = !finished;
	CHECK(fixture_write(event_file, "\1\0\0\0\0\0\0\0", 8) == 8);
	workers_join(&workers);
	CHECK(slept && result == 1 && got.events == POLLIN && got.data == 7);
	/* The watched goes first, the watcher in the middle next: nothing leads nowhere. */
	file_put(rows[1]);
	CHECK(fixture_write(event_file, "\1\0\0\0\0\0\0\0", 8) == 8);
	CHECK(wait_now(rows[2], &got, 1) == 0 && wait_now(rows[0], &got, 1) == 1);
	file_put(event_file);
	CHECK(wait_now(rows[0], &got, 1) == 0);
	file_put(rows[0]);
	file_put(rows[2]);
	return true;
}

SELFTEST(M14, 4, epoll_from_ring3, .needs = M12)
{
	CHECK_PROGRAM("epoll");
	return true;
}

SELFTEST(M14, 9, timerfd_from_ring3, .needs = M14)
{
	CHECK_PROGRAM_MUTED("timerfd");
	return true;
}
