/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for several descriptors: ten pipes, all empty. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "user/bench/bench.h"

static long setup_ten_pipes(long arg)
{
	(void)arg;
	for (int i = 0; i < 10; i++) {
		int ends[2];
		TRY(sys_pipe(ends));
		st.fds[i] = ends[0];
		st.out = ends[1];
	}
	return 0;
}

static int64_t run_select(unsigned n)
{
	struct timeval now = {0};
	fd_set wanted;
	int max = st.fds[9];

	FD_ZERO(&wanted);
	for (int k = 0; k < 10; k++)
		FD_SET((unsigned)st.fds[k], &wanted);

	return TIMED(n, {
		fd_set set = wanted;
		TRY(sys6(SYS_select, max + 1, (long)&set, 0, 0, (long)&now, 0));
	});
}

static int64_t run_poll(unsigned n)
{
	struct pollfd set[10];

	for (int k = 0; k < 10; k++)
		set[k] = (struct pollfd){.fd = st.fds[k], .events = POLLIN};
	return TIMED(n, TRY(sys3(SYS_poll, (long)set, 10, 0)));
}

static long setup_epoll(long arg)
{
	TRY(setup_ten_pipes(arg));
	TRY(st.in = (int)sys3(SYS_epoll_create1, 0, 0, 0));
	for (int i = 0; i < 10; i++) {
		struct epoll_event event = {.events = EPOLLIN};
		TRY(sys6(SYS_epoll_ctl, st.in, EPOLL_CTL_ADD, st.fds[i], (long)&event, 0, 0));
	}
	/* One of them is ready. */
	TRY(sys_write(st.out, buffer, 1));
	return 0;
}

static int64_t run_epoll(unsigned n)
{
	struct epoll_event events[10];
	return TIMED(n, TRY(sys6(SYS_epoll_wait, st.in, (long)events, 10, 0, 0, 0)));
}

const struct op wait_ops[] = {
	OP(select_10, select, .setup = setup_ten_pipes),
	OP(poll_10, poll, .setup = setup_ten_pipes),
	OP(epoll_wait, epoll, .setup = setup_epoll),
	OPS_END,
};
