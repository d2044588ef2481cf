/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that add, change and end watches, close what is watched and who watches, stir and wait,
 * all on the same few numbers: afterwards epolls work as before, and no memory is gone.
 */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "attack.h"

#define EPOLLS  4
#define WATCHED 64
#define THREADS 7
#define SECONDS 3
#define LEFT_KB 512

static volatile int epolls[EPOLLS], watched[WATCHED];
static volatile bool stop;

static unsigned draw(unsigned *state, unsigned below)
{
	*state = *state * 1103515245 + 12345;
	return (*state >> 16) % below;
}

static void *change(void *arg)
{
	unsigned state = (unsigned)(long)arg;

	while (!stop) {
		struct epoll_event event = {.events = EPOLLIN};
		int target = watched[draw(&state, WATCHED)];

		event.events |= draw(&state, 2) ? EPOLLET : 0;
		event.events |= draw(&state, 8) ? 0 : EPOLLONESHOT;
		if (!draw(&state, 16))
			target = epolls[draw(&state, EPOLLS)];
		epoll_ctl(epolls[draw(&state, EPOLLS)], 1 + (int)draw(&state, 3), target, &event);
	}
	return NULL;
}

static int open_one(unsigned *state)
{
	const struct itimerspec often = {{0, 1000000}, {0, 1000}};
	int fd;

	if (draw(state, 4))
		return eventfd(draw(state, 2), EFD_NONBLOCK);
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	timerfd_settime(fd, 0, &often, NULL);
	return fd;
}

static void *reopen(void *arg)
{
	unsigned state = (unsigned)(long)arg;

	while (!stop) {
		unsigned which = draw(&state, WATCHED), epoll = draw(&state, EPOLLS);

		close(watched[which]);
		watched[which] = open_one(&state);
		if (draw(&state, 64))
			continue;
		close(epolls[epoll]);
		epolls[epoll] = epoll_create1(0);
	}
	return NULL;
}

static void *stir(void *arg)
{
	unsigned state = (unsigned)(long)arg;
	uint64_t value = 1;

	while (!stop) {
		write(watched[draw(&state, WATCHED)], &value, sizeof(value));
		if (draw(&state, 2))
			read(watched[draw(&state, WATCHED)], &value, sizeof(value));
		value = 1;
	}
	return NULL;
}

static void *wait_for_any(void *arg)
{
	unsigned state = (unsigned)(long)arg;
	struct epoll_event events[16];

	while (!stop)
		epoll_wait(epolls[draw(&state, EPOLLS)], events, 1 + (int)draw(&state, 16),
			   (int)draw(&state, 3));
	return NULL;
}

static void race(void)
{
	static void *(*const roles[THREADS])(void *) = {change, change,       reopen,      stir,
							stir,   wait_for_any, wait_for_any};
	pthread_t threads[THREADS];
	unsigned state = 1;

	for (int i = 0; i < EPOLLS; i++)
		epolls[i] = epoll_create1(0);
	for (int i = 0; i < WATCHED; i++)
		watched[i] = open_one(&state);
	for (long i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, roles[i], (void *)(i + 1)) == 0);
	sleep(SECONDS);
	stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void works_still(void)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 9}, got;
	int epoll = epoll_create1(0), fd = eventfd(1, 0);

	CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	CHECK(epoll_wait(epoll, &got, 1, -1) == 1 && got.data.u64 == 9);
	close(fd);
	CHECK(epoll_wait(epoll, &got, 1, 0) == 0);
	close(epoll);
}

static unsigned long free_kb(void)
{
	struct sysinfo info;

	sysinfo(&info);
	return info.freeram / 1024;
}

/* In a child, so that all it had is given back. */
static void race_in_a_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		race();
		_exit(0);
	}
	CHECK(wait_status(pid) == 0);
}

int main(void)
{
	unsigned long before;

	race_in_a_child(); /* what caches keep is there from now on */
	before = free_kb();
	race_in_a_child();
	works_still();
	CHECK(free_kb() + LEFT_KB >= before);
	puts("ok");
	return 0;
}
