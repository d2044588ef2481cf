/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M14-04: epoll and eventfd: what is ready is told, once or as long as it is, and wakes sleepers.
 */
#include "selftest/user/user.h"

#define SYS_dup           32
#define SYS_dup2          33
#define SYS_epoll_wait    232
#define SYS_epoll_ctl     233
#define SYS_eventfd2      290
#define SYS_epoll_create1 291

#define EEXIST      17
#define ENOENT      2
#define EBADF       9
#define EPOLL_ELOOP 40

#define IN      1u
#define OUT     4u
#define HUP     16u
#define ONESHOT (1u << 30)
#define EDGE    (1u << 31)

#define ADD 1
#define DEL 2
#define MOD 3

#define SEMAPHORE 1
#define NONBLOCK  04000

struct event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

static int epoll, ends[2];
static struct event got[8];

static long control(int on, int op, int fd, uint32_t events, uint64_t data)
{
	struct event event = {events, data};

	return sys6(SYS_epoll_ctl, on, op, fd, (long)&event, 0, 0);
}

static long wait_on(int on, int max, int ms)
{
	return sys6(SYS_epoll_wait, on, (long)got, max, ms, 0, 0);
}

static long ready(void)
{
	return wait_on(epoll, 8, 0);
}

static int event_file(uint64_t count, int flags)
{
	return (int)sys3(SYS_eventfd2, (long)count, flags, 0);
}

static long add_to(int fd, uint64_t value)
{
	return sys3(SYS_write, fd, (long)&value, 8);
}

static uint64_t take_from(int fd)
{
	uint64_t value = 0;

	return sys3(SYS_read, fd, (long)&value, 8) == 8 ? value : 0;
}

static void put_byte(void)
{
	CHECK(sys3(SYS_write, ends[1], (long)"x", 1) == 1);
}

static void take_byte(void)
{
	char byte;

	CHECK(sys3(SYS_read, ends[0], (long)&byte, 1) == 1);
}

static void levels(void)
{
	CHECK(control(epoll, ADD, ends[0], IN, 0x1122334455667788) == 0);
	CHECK(ready() == 0);
	put_byte();
	for (int i = 0; i < 3; i++)
		CHECK(ready() == 1 && got[0].events == IN && got[0].data == 0x1122334455667788);
	take_byte();
	CHECK(ready() == 0);
	CHECK(control(epoll, ADD, ends[0], IN, 0) == -EEXIST);
	CHECK(control(epoll, DEL, ends[0], 0, 0) == 0);
	put_byte();
	CHECK(ready() == 0 && control(epoll, DEL, ends[0], 0, 0) == -ENOENT);
	CHECK(control(epoll, MOD, ends[0], IN, 0) == -ENOENT);
	take_byte();
}

static void edges(void)
{
	put_byte();
	CHECK(control(epoll, ADD, ends[0], IN | EDGE, 1) == 0);
	CHECK(ready() == 1 && ready() == 0);
	put_byte();
	CHECK(ready() == 1 && ready() == 0);
	take_byte();
	CHECK(ready() == 0); /* a byte is left, and nothing came */
	CHECK(control(epoll, MOD, ends[0], IN | EDGE, 2) == 0);
	CHECK(ready() == 1 && got[0].data == 2 && ready() == 0);
	take_byte();
	CHECK(control(epoll, DEL, ends[0], 0, 0) == 0);
}

static void once(void)
{
	CHECK(control(epoll, ADD, ends[0], IN | ONESHOT, 1) == 0);
	put_byte();
	CHECK(ready() == 1 && ready() == 0);
	put_byte();
	CHECK(ready() == 0);
	CHECK(control(epoll, MOD, ends[0], IN | ONESHOT, 1) == 0);
	CHECK(ready() == 1 && ready() == 0);
	CHECK(control(epoll, MOD, ends[0], 0, 1) == 0 && ready() == 0);
	take_byte();
	take_byte();
	CHECK(control(epoll, DEL, ends[0], 0, 0) == 0);
}

/* Each gets its turn, however few are asked for at a time. */
static void turns(void)
{
	int fds[3];
	unsigned seen = 0;

	for (int i = 0; i < 3; i++) {
		fds[i] = event_file(1, 0);
		CHECK(fds[i] > 0 && control(epoll, ADD, fds[i], IN, 1u << i) == 0);
	}
	for (int i = 0; i < 3; i++) {
		CHECK(wait_on(epoll, 1, -1) == 1);
		seen |= (unsigned)got[0].data;
	}
	CHECK(seen == 7 && ready() == 3);
	CHECK(take_from(fds[1]) == 1 && ready() == 2);
	for (int i = 0; i < 3; i++)
		CHECK(sys3(SYS_close, fds[i], 0, 0) == 0);
	CHECK(ready() == 0);
}

/* The number may go, the file stays watched until its last number does. */
static void closing(void)
{
	int fd = event_file(1, 0), other = (int)sys3(SYS_dup, fd, 0, 0);

	CHECK(control(epoll, ADD, fd, IN, 1) == 0 && control(epoll, ADD, other, IN, 2) == 0);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0 && ready() == 2);
	CHECK(control(epoll, DEL, fd, 0, 0) == -EBADF);
	CHECK(sys3(SYS_close, other, 0, 0) == 0 && ready() == 0);
	fd = event_file(1, 0);
	CHECK(control(epoll, ADD, fd, IN, 3) == 0);
	CHECK(sys3(SYS_dup2, ends[1], fd, 0) == fd && ready() == 0); /* replaced is closed */
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

static void nested(void)
{
	int inner = (int)sys3(SYS_epoll_create1, 0, 0, 0), fd = event_file(0, 0);
	int last = epoll;

	CHECK(control(inner, ADD, fd, IN, 5) == 0 && control(epoll, ADD, inner, IN, 6) == 0);
	CHECK(control(inner, ADD, epoll, IN, 0) == -EPOLL_ELOOP);
	CHECK(control(epoll, ADD, epoll, IN, 0) == -EINVAL);
	CHECK(ready() == 0);
	add_to(fd, 1);
	CHECK(ready() == 1 && got[0].data == 6 && got[0].events == IN && ready() == 1);
	CHECK(wait_on(inner, 8, 0) == 1 && got[0].data == 5);
	CHECK(take_from(fd) == 1 && ready() == 0);
	for (int i = 0; i < 3; i++) {
		int next = (int)sys3(SYS_epoll_create1, 0, 0, 0);

		CHECK(control(next, ADD, last, IN, 0) == 0);
		last = next;
	}
	CHECK(control((int)sys3(SYS_epoll_create1, 0, 0, 0), ADD, last, IN, 0) == -EPOLL_ELOOP);
	for (int i = inner; i <= last + 1; i++)
		sys3(SYS_close, i, 0, 0);
	CHECK(ready() == 0);
}

static void feed(long fd)
{
	const long a_moment[2] = {0, 2000000};

	sys3(SYS_nanosleep, (long)a_moment, 0, 0);
	add_to((int)fd, 5);
}

static void sleepers(void)
{
	int fd = event_file(0, 0), status;
	long pid;

	CHECK(control(epoll, ADD, fd, IN, 9) == 0);
	CHECK(wait_on(epoll, 8, 1) == 0);
	pid = sys_fork();
	if (pid == 0) {
		feed(fd);
		sys_exit(0);
	}
	CHECK(wait_on(epoll, 8, -1) == 1 && got[0].data == 9);
	CHECK(take_from(fd) == 5 && sys_wait(pid, &status) == pid);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

static void counts(void)
{
	int fd = event_file(3, NONBLOCK), semaphore = event_file(2, NONBLOCK | SEMAPHORE);
	uint64_t most = UINT64_MAX - 1, value = 0;

	CHECK(take_from(fd) == 3 && sys3(SYS_read, fd, (long)&value, 8) == -EAGAIN);
	CHECK(sys3(SYS_read, fd, (long)&value, 7) == -EINVAL);
	CHECK(sys3(SYS_write, fd, (long)&value, 7) == -EINVAL);
	CHECK(add_to(fd, UINT64_MAX) == -EINVAL && add_to(fd, most) == 8);
	CHECK(add_to(fd, 1) == -EAGAIN && add_to(fd, 0) == 8);
	CHECK(control(epoll, ADD, fd, IN | OUT, 1) == 0 && ready() == 1 && got[0].events == IN);
	CHECK(take_from(fd) == most && ready() == 1 && got[0].events == OUT);
	CHECK(take_from(semaphore) == 1 && take_from(semaphore) == 1);
	CHECK(sys3(SYS_read, semaphore, (long)&value, 8) == -EAGAIN);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0 && sys3(SYS_close, semaphore, 0, 0) == 0);
}

/* A write that does not fit waits for a reader. */
static void full(void)
{
	int fd = event_file(0, 0), status;
	long pid;

	CHECK(add_to(fd, UINT64_MAX - 1) == 8);
	pid = sys_fork();
	if (pid == 0)
		sys_exit(add_to(fd, 4) == 8 ? 0 : 1);
	sys0(SYS_sched_yield);
	CHECK(take_from(fd) == UINT64_MAX - 1);
	CHECK(sys_wait(pid, &status) == pid && status == 0 && take_from(fd) == 4);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

static void refusals(void)
{
	static const char *const files[] = {"/dev/null", "/proc/self/stat", "/"};

	for (int i = 0; i < 3; i++) {
		long fd = sys3(SYS_open, (long)files[i], 0, 0);

		CHECK(fd > 0 && control(epoll, ADD, (int)fd, IN, 0) == -EPERM);
		CHECK(sys3(SYS_close, fd, 0, 0) == 0);
	}
	CHECK(control(ends[0], ADD, ends[1], IN, 0) == -EINVAL);
	CHECK(control(epoll, ADD, 99, IN, 0) == -EBADF &&
	      control(99, ADD, ends[0], IN, 0) == -EBADF);
	CHECK(control(epoll, 7, ends[0], IN, 0) == -EINVAL);
	CHECK(wait_on(epoll, 0, 0) == -EINVAL && wait_on(epoll, -1, 0) == -EINVAL);
	CHECK(wait_on(ends[0], 1, 0) == -EINVAL && wait_on(99, 1, 0) == -EBADF);
	CHECK(sys3(SYS_epoll_create1, 1, 0, 0) == -EINVAL && event_file(0, 4) == -EINVAL);
	CHECK(sys3(SYS_read, epoll, (long)got, 8) == -EINVAL);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	epoll = (int)sys3(SYS_epoll_create1, 0, 0, 0);
	CHECK(epoll > 0);
	levels();
	edges();
	once();
	turns();
	closing();
	nested();
	sleepers();
	counts();
	full();
	refusals();
	CHECK(control(epoll, ADD, ends[0], IN, 4) == 0);
	CHECK(sys3(SYS_close, ends[1], 0, 0) == 0);
	CHECK(ready() == 1 && got[0].events == HUP && got[0].data == 4);
}
