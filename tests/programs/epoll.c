/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll, eventfd and timerfd: what they answer to right and to wrong questions. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAY(call)                                                                           \
	do {                                                                                \
		errno = 0;                                                                  \
		long result_ = (long)(call);                                                \
		printf("%s: %ld %s\n", #call, result_, result_ < 0 ? strerror(errno) : ""); \
	} while (0)

static struct epoll_event in = {.events = EPOLLIN}, out[10];
static int pipe_ends[2];

static void rows(void)
{
	int e[8], a = epoll_create1(0), b = epoll_create1(0);

	for (int i = 0; i < 8; i++)
		e[i] = epoll_create1(0);
	for (int i = 0; i < 7; i++)
		SAY(epoll_ctl(e[i + 1], EPOLL_CTL_ADD, e[i], &in));
	SAY(epoll_ctl(a, EPOLL_CTL_ADD, a, &in));
	SAY(epoll_ctl(a, EPOLL_CTL_ADD, b, &in));
	SAY(epoll_ctl(b, EPOLL_CTL_ADD, a, &in));
	SAY(epoll_ctl(a, EPOLL_CTL_DEL, b, &in));
	SAY(epoll_ctl(b, EPOLL_CTL_ADD, a, &in));
	for (int i = 0; i < 8; i++)
		close(e[i]);
	close(a);
	close(b);
}

static void refusals(void)
{
	int e = epoll_create1(0), null = open("/dev/null", O_RDWR), dir = open("/", O_RDONLY);
	int place = open("/", O_PATH), stat = open("/proc/self/stat", O_RDONLY);

	SAY(epoll_ctl(e, EPOLL_CTL_ADD, pipe_ends[0], &in));
	SAY(epoll_ctl(e, EPOLL_CTL_ADD, pipe_ends[0], &in));
	SAY(epoll_ctl(e, EPOLL_CTL_MOD, pipe_ends[1], &in));
	SAY(epoll_ctl(e, EPOLL_CTL_DEL, pipe_ends[1], NULL));
	SAY(epoll_ctl(e, 7, pipe_ends[0], &in));
	SAY(epoll_ctl(e, EPOLL_CTL_ADD, 99, &in));
	SAY(epoll_ctl(99, EPOLL_CTL_ADD, pipe_ends[0], &in));
	SAY(epoll_ctl(pipe_ends[0], EPOLL_CTL_ADD, pipe_ends[1], &in));
	SAY(syscall(SYS_epoll_ctl, e, EPOLL_CTL_ADD, pipe_ends[1], NULL));
	SAY(epoll_ctl(e, EPOLL_CTL_ADD, null, &in));
	SAY(epoll_ctl(e, EPOLL_CTL_ADD, dir, &in));
	SAY(epoll_ctl(e, EPOLL_CTL_ADD, stat, &in));
	SAY(epoll_ctl(e, EPOLL_CTL_ADD, place, &in));
	SAY(epoll_create(0));
	SAY(epoll_create1(1));
	SAY(epoll_wait(e, out, 0, 0));
	SAY(epoll_wait(e, out, -1, 0));
	SAY(syscall(SYS_epoll_wait, e, NULL, 1, 0));
	SAY(epoll_wait(e, out, INT32_MAX, 0));
	SAY(epoll_wait(pipe_ends[0], out, 1, 0));
	SAY(epoll_wait(99, out, 1, 0));
	SAY(read(e, out, 16));
	SAY(write(e, out, 16));
	close(e);
}

static void exclusive(void)
{
	int e = epoll_create1(0), other = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};

	SAY(epoll_ctl(e, EPOLL_CTL_ADD, pipe_ends[0], &event));
	SAY(epoll_ctl(e, EPOLL_CTL_MOD, pipe_ends[0], &in));
	SAY(epoll_ctl(e, EPOLL_CTL_ADD, other, &event));
	event.events |= EPOLLONESHOT;
	SAY(epoll_ctl(e, EPOLL_CTL_ADD, pipe_ends[1], &event));
	close(e);
	close(other);
}

static void show(int e)
{
	int count = epoll_wait(e, out, 10, 0);

	printf("ready: %d", count);
	for (int i = 0; i < count; i++)
		printf(" %x/%llx", out[i].events, (unsigned long long)out[i].data.u64);
	printf("\n");
}

static void events(uint32_t flags)
{
	int e = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN | flags, .data.u64 = 0xfedcba9876543210};
	char byte;

	SAY(epoll_ctl(e, EPOLL_CTL_ADD, pipe_ends[0], &event));
	show(e);
	write(pipe_ends[1], "x", 1);
	show(e);
	show(e);
	write(pipe_ends[1], "x", 1);
	show(e);
	event.data.u64 = 1;
	SAY(epoll_ctl(e, EPOLL_CTL_MOD, pipe_ends[0], &event));
	show(e);
	show(e);
	read(pipe_ends[0], &byte, 1);
	show(e);
	event.events = 0;
	SAY(epoll_ctl(e, EPOLL_CTL_MOD, pipe_ends[0], &event));
	show(e);
	read(pipe_ends[0], &byte, 1);
	show(e);
	close(e);
}

static void polled(void)
{
	int e = epoll_create1(0), outer = epoll_create1(0);
	struct pollfd fd = {outer, -1, 0};
	char byte;

	epoll_ctl(e, EPOLL_CTL_ADD, pipe_ends[0], &in);
	SAY(epoll_ctl(outer, EPOLL_CTL_ADD, e, &in));
	SAY(poll(&fd, 1, 0));
	write(pipe_ends[1], "x", 1);
	SAY(poll(&fd, 1, 0));
	printf("%x\n", fd.revents);
	show(outer);
	read(pipe_ends[0], &byte, 1);
	SAY(poll(&fd, 1, 0));
	show(outer);
	close(e);
	show(outer);
	close(outer);
}

static void ends_of_pipes(void)
{
	int e = epoll_create1(0), ends[2], other[2];
	struct epoll_event none = {.events = 0, .data.u64 = 3};

	pipe(ends);
	pipe(other);
	epoll_ctl(e, EPOLL_CTL_ADD, ends[0], &none);
	show(e);
	close(ends[1]);
	show(e);
	none.data.u64 = 4;
	none.events = EPOLLOUT;
	epoll_ctl(e, EPOLL_CTL_ADD, other[1], &none);
	show(e);
	close(other[0]);
	show(e);
	close(ends[0]);
	close(other[1]);
	show(e);
	close(e);
}

static void alarmed(int number)
{
	(void)number;
}

static void times_and_signals(void)
{
	int e = epoll_create1(0);
	struct timespec bad = {0, 1000000000}, soon = {0, 1000000};
	struct itimerval timer = {{0, 0}, {0, 20000}};
	sigset_t none;

	sigemptyset(&none);
	signal(SIGALRM, alarmed);
	SAY(epoll_wait(e, out, 1, 5));
	SAY(syscall(SYS_epoll_pwait2, e, out, 1, &bad, NULL, 8));
	SAY(syscall(SYS_epoll_pwait2, e, out, 1, &soon, NULL, 8));
	SAY(syscall(SYS_epoll_pwait, e, out, 1, 0, &none, 7));
	SAY(syscall(SYS_epoll_pwait, e, out, 1, 0, NULL, 7));
	setitimer(ITIMER_REAL, &timer, NULL);
	SAY(epoll_wait(e, out, 1, -1));
	setitimer(ITIMER_REAL, &timer, NULL);
	SAY(epoll_pwait(e, out, 1, -1, &none));
	close(e);
}

static void eventfds(void)
{
	int fd = eventfd(3, EFD_NONBLOCK), semaphore = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
	struct pollfd poll_fd = {fd, -1, 0};
	uint64_t value = UINT64_MAX;
	char buffer[16];

	SAY(read(fd, buffer, 7));
	SAY(write(fd, buffer, 7));
	SAY(pread(fd, buffer, 8, 0));
	SAY(write(fd, &value, 8));
	SAY(read(fd, buffer, 16));
	SAY(read(fd, buffer, 8));
	SAY(poll(&poll_fd, 1, 0));
	printf("%x\n", poll_fd.revents);
	value = UINT64_MAX - 1;
	SAY(write(fd, &value, 8));
	value = 1;
	SAY(write(fd, &value, 8));
	SAY(poll(&poll_fd, 1, 0));
	printf("%x\n", poll_fd.revents);
	for (int i = 0; i < 3; i++)
		SAY(read(semaphore, &value, 8));
	SAY(eventfd(0, 4));
	SAY(syscall(SYS_eventfd, 1) > 0);
	printf("flags %x\n", fcntl(fd, F_GETFL));
}

static void timerfds(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), other = eventfd(0, 0);
	struct itimerspec setting = {{0, 1000000}, {0, 1000000}}, old;
	uint64_t value;
	char buffer[8];

	for (int clock = 0; clock < 8; clock++)
		SAY(timerfd_create(clock, 0) > 0);
	SAY(timerfd_create(1, 1));
	SAY(read(fd, buffer, 8));
	SAY(timerfd_settime(fd, 4, &setting, &old));
	SAY(timerfd_settime(fd, 0, &setting, &old));
	printf("%ld %ld\n", old.it_value.tv_nsec, old.it_interval.tv_nsec);
	usleep(10500);
	SAY(read(fd, &value, 8));
	printf("%d\n", value >= 10);
	SAY(read(fd, buffer, 7));
	SAY(timerfd_gettime(fd, &old));
	printf("%d %ld\n", old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 1000000,
	       old.it_interval.tv_nsec);
	SAY(write(fd, buffer, 8));
	SAY(timerfd_gettime(other, &old));
	SAY(timerfd_gettime(99, &old));
	setting.it_value.tv_nsec = 1000000000;
	SAY(timerfd_settime(fd, 0, &setting, &old));
	setting.it_value.tv_nsec = 0;
	SAY(timerfd_settime(fd, 0, &setting, NULL));
	SAY(timerfd_gettime(fd, &old));
	printf("%ld %ld\n", old.it_value.tv_nsec, old.it_interval.tv_nsec);
	SAY(syscall(SYS_timerfd_settime, fd, 0, NULL, NULL));
}

static void names(void)
{
	int fds[] = {epoll_create1(0), eventfd(0, 0), timerfd_create(0, 0)};

	for (int i = 0; i < 3; i++) {
		char path[40], text[40] = "";

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
		SAY(readlink(path, text, sizeof(text) - 1));
		puts(text);
		SAY(open(path, O_RDONLY));
	}
}

int main(void)
{
	pipe(pipe_ends);
	rows();
	refusals();
	exclusive();
	events(0);
	events(EPOLLET);
	events(EPOLLONESHOT);
	polled();
	ends_of_pipes();
	times_and_signals();
	eventfds();
	timerfds();
	names();
	return 0;
}
