/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes that talk by pipes and sockets. */
#include <errno.h>
#include <sys/socket.h>

#include "user/bench/bench.h"

static _Noreturn void echo(int in, int out)
{
	uint8_t byte;
	while (sys_read(in, &byte, 1) == 1)
		if (sys_write(out, &byte, 1) != 1)
			break;
	sys_exit(0);
}

/*
 * A ring of `count` processes joined by pipes, this one among them. Every process holds the two
 * ends that it uses and no other, so that the ring falls apart when this one leaves.
 */
static long setup_ring(long count)
{
	int first[2], next[2];

	st.processes = (int)count;
	TRY(sys_pipe(first));
	int in = first[0];
	for (long i = 1; i < count; i++) {
		TRY(sys_pipe(next));
		long pid = sys_fork();
		TRY(pid);
		if (pid == 0) {
			sys_close(first[1]);
			sys_close(next[0]);
			echo(in, next[1]);
		}
		sys_close(in);
		sys_close(next[1]);
		in = next[0];
	}
	st.in = in;
	st.out = first[1];
	return 0;
}

static long setup_unix_pair(long arg)
{
	int ends[2];

	(void)arg;
	TRY(sys6(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (long)ends, 0, 0));
	long pid = sys_fork();
	TRY(pid);
	if (pid == 0) {
		sys_close(ends[0]);
		echo(ends[1], ends[1]);
	}
	sys_close(ends[1]);
	st.in = st.out = ends[0];
	return 0;
}

static int64_t run_round_trip(unsigned n)
{
	return TIMED(n, {
		TRY(sys_write(st.out, buffer, 1));
		long got = sys_read(st.in, buffer, 1);
		if (got != 1)
			return got < 0 ? got : -EPIPE;
	});
}

/* A reader that takes 64 KiB and answers with one byte. */
static long setup_pipe_bw(long arg)
{
	int data[2], answer[2];

	(void)arg;
	TRY(sys_pipe(data));
	TRY(sys_pipe(answer));
	long pid = sys_fork();
	TRY(pid);
	if (pid == 0) {
		sys_close(data[1]);
		sys_close(answer[0]);
		for (long sum = 0;;) {
			long got = sys_read(data[0], buffer, sizeof(buffer));
			if (got <= 0)
				sys_exit(0);
			sum += got;
			if (sum >= (long)sizeof(buffer)) {
				sum -= (long)sizeof(buffer);
				sys_write(answer[1], buffer, 1);
			}
		}
	}
	sys_close(data[0]);
	sys_close(answer[1]);
	st.out = data[1];
	st.in = answer[0];
	return 0;
}

static int64_t run_pipe_bw(unsigned n)
{
	return TIMED(n, {
		long put = sys_write(st.out, buffer, sizeof(buffer));
		if (put != (long)sizeof(buffer))
			return put < 0 ? put : -EIO;
		TRY(sys_read(st.in, buffer, 1));
	});
}

static long setup_eventfd(long arg)
{
	(void)arg;
	TRY(st.in = (int)sys3(SYS_eventfd2, 0, 0, 0));
	return 0;
}

static int64_t run_eventfd(unsigned n)
{
	uint64_t value = 1;
	return TIMED(n, {
		TRY(sys_write(st.in, &value, sizeof(value)));
		TRY(sys_read(st.in, &value, sizeof(value)));
	});
}

const struct op talk_ops[] = {
	OP(pipe_rt, round_trip, .setup = setup_ring, .arg = 2),
	OP(pipe_bw_64k, pipe_bw, .setup = setup_pipe_bw),
	OP(unix_rt, round_trip, .setup = setup_unix_pair),
	OP(eventfd, eventfd, .setup = setup_eventfd),
	OPS_END,
};

const struct op ring_ops[] = {
	OP(ring_2, round_trip, .setup = setup_ring, .arg = 2, .per_run = 2),
	OP(ring_8, round_trip, .setup = setup_ring, .arg = 8, .per_run = 8),
	OP(ring_64, round_trip, .setup = setup_ring, .arg = 64, .per_run = 64),
	OP(ring_512, round_trip, .setup = setup_ring, .arg = 512, .per_run = 512),
	OPS_END,
};
