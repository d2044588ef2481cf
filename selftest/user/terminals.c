/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M11-11: what passes between the two ends of a pseudo terminal, and what one sees of the other.
 */
#include "selftest/user/terminal.h"

#define DECISECOND_NS 100000000l
#define FLOOD_BYTES   20000

static long master, slave;
static int number;

static void lines_and_echo(void)
{
	int locked = 1;

	CHECK(open_slave(number, O_NOCTTY) == -EIO); /* until its master says so */
	CHECK(control(master, TIOCSPTLCK, &locked) == 0 && unlock(master) == 0);
	slave = open_slave(number, O_NOCTTY | O_NONBLOCK);
	CHECK(slave > 0);
	CHECK(PUT(master, "ab\x7f"
			  "c"));
	CHECK(polled(slave) == 0 && get(slave, (char[8]){0}, 8) == -EAGAIN);
	CHECK(PUT(master, "\rsecond\n"));
	CHECK(GIVES(master, "ab\b \bc\r\nsecond\r\n"));
	CHECK(polled(slave) == POLLIN && GIVES(slave, "ac\n") && GIVES(slave, "second\n"));
	CHECK(PUT(slave, "out\n") && GIVES(master, "out\r\n"));
	CHECK(get(master, (char[8]){0}, 8) == -EAGAIN);
}

static long now_ns(void)
{
	int64_t time[2];

	CHECK(sys3(SYS_clock_gettime, 1, (long)time, 0) == 0);
	return time[0] * 1000000000l + time[1];
}

/* The four cases of VMIN and VTIME; only one of them takes time here. */
static void ends_of_raw_reads(void)
{
	char bytes[8];
	long before;

	CHECK(set_raw(slave, 0, 0) == 0 && get(slave, bytes, 8) == 0);
	CHECK(set_raw(slave, 3, 0) == 0 && PUT(master, "12"));
	CHECK(polled(slave) == 0);
	CHECK(PUT(master, "3") && polled(slave) == POLLIN && GIVES(slave, "123"));
	CHECK(get(slave, bytes, 8) == -EAGAIN);
	CHECK(sys3(SYS_close, slave, 0, 0) == 0);
	slave = open_slave(number, O_NOCTTY);
	CHECK(set_raw(slave, 0, 5) == 0 && PUT(master, "x") && GIVES(slave, "x"));
	CHECK(set_raw(slave, 9, 1) == 0 && PUT(master, "yz"));
	before = now_ns();
	CHECK(GIVES(slave, "yz") && now_ns() - before >= DECISECOND_NS);
}

/* A child reads what this end types, all of it and in order, though neither end holds so much. */
static void nothing_is_lost(void)
{
	static char bytes[FLOOD_BYTES];
	long done = 0, pid;
	int status;

	CHECK(set_raw(slave, 1, 0) == 0);
	for (int i = 0; i < FLOOD_BYTES; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	pid = sys_fork();
	if (pid == 0) {
		for (long at = 0; at < FLOOD_BYTES;) {
			char part[500];
			long got = get(slave, part, sizeof(part));

			child_check(got > 0 && !memcmp(part, bytes + at, (size_t)got), 9);
			at += got;
		}
		sys_exit(0);
	}
	while (done < FLOOD_BYTES) {
		long put_now = put(master, bytes + done, FLOOD_BYTES - done);

		CHECK(put_now > 0 || put_now == -EAGAIN);
		done += put_now > 0 ? put_now : 0;
		if (put_now < 0)
			sys0(SYS_sched_yield);
	}
	CHECK(sys_wait(pid, &status) == pid && status == 0);
	CHECK(control(slave, TCFLSH, (void *)2) == 0);
}

/* Each close is seen at the other end; the number comes back when both have gone. */
static void each_end_closes(void)
{
	char byte;

	CHECK(PUT(slave, "left") && sys3(SYS_close, slave, 0, 0) == 0);
	CHECK(polled(master) == (POLLIN | POLLHUP) && GIVES(master, "left"));
	CHECK(get(master, &byte, 1) == -EIO);
	slave = open_slave(number, O_NOCTTY);
	CHECK(get(master, &byte, 1) == -EAGAIN);
	CHECK(PUT(master, "unread\n") && sys3(SYS_close, master, 0, 0) == 0);
	CHECK(get(slave, &byte, 1) == 0 && put(slave, "x", 1) == -EIO);
	CHECK(control(slave, FIONREAD, &(int){0}) == -EIO);
	CHECK(open_slave(number, O_NOCTTY) == -2 /* ENOENT */);
	master = open_master();
	CHECK(number_of(master) == number + 1);
	CHECK(sys3(SYS_close, slave, 0, 0) == 0 && sys3(SYS_close, master, 0, 0) == 0);
	master = open_master();
	CHECK(number_of(master) == number);
	CHECK(sys3(SYS_close, master, 0, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	master = open_master();
	CHECK(master > 0);
	number = number_of(master);
	CHECK(number >= 0 && number < 9);
	lines_and_echo();
	ends_of_raw_reads();
	nothing_is_lost();
	each_end_closes();
}
