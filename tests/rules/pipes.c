/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes and fifos, and what poll and select say of them. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "rules.h"

static int ends[2];
static char room[200000];

static void open_pipe(int flags)
{
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(ends, flags))
		say("pipe E%d", errno);
}

RULE(capacity)
{
	open_pipe(O_NONBLOCK);
	ask("write", write(ends[1], room, sizeof(room)));
	ask("full", write(ends[1], room, 1));
	ask("size", fcntl(ends[0], F_GETPIPE_SZ));
}

RULE(small_writes_are_whole)
{
	open_pipe(O_NONBLOCK);
	ask("fill", write(ends[1], room, 65536 - 4096));
	ask("write 4095", write(ends[1], room, 4095));
	ask("write 4096", write(ends[1], room, 4096));
}

RULE(large_writes_may_be_partial)
{
	open_pipe(O_NONBLOCK);
	ask("write", write(ends[1], room, 8192));
	ask("rest", write(ends[1], room, 65536));
}

RULE(reads_take_what_is_there)
{
	open_pipe(0);
	ask("a", write(ends[1], "abc", 3));
	ask("b", write(ends[1], "de", 2));
	ask("read", read(ends[0], room, 100));
	say("%.5s", room);
	ask("nothing", read(ends[0], room, 0));
}

RULE(empty_without_writers)
{
	open_pipe(O_NONBLOCK);
	ask("empty", read(ends[0], room, 1));
	close(ends[1]);
	ask("end", read(ends[0], room, 1));
}

RULE(write_without_readers)
{
	open_pipe(0);
	close(ends[0]);
	ask("write", write(ends[1], "x", 1));
	ask("nothing", write(ends[1], "x", 0));
}

static void killed_by_pipe(void)
{
	signal(SIGPIPE, SIG_DFL);
	write(ends[1], "x", 1);
}

RULE(sigpipe_kills)
{
	open_pipe(0);
	close(ends[0]);
	say_status("child", in_child(killed_by_pipe));
}

RULE(the_wrong_end)
{
	open_pipe(0);
	ask("write", write(ends[0], "x", 1));
	ask("read", read(ends[1], room, 1));
}

RULE(no_offsets)
{
	open_pipe(0);
	ask("lseek", lseek(ends[0], 0, SEEK_CUR));
	ask("pread", pread(ends[0], room, 1, 0));
	ask("pwrite", pwrite(ends[1], room, 1, 0));
	ask("ftruncate", ftruncate(ends[1], 0));
	ask("fsync", fsync(ends[1]));
	ask("fallocate", fallocate(ends[1], 0, 0, 10));
}

RULE(pipe_flags)
{
	ask("unknown", syscall(SYS_pipe2, ends, 4));
	open_pipe(O_CLOEXEC | O_NONBLOCK);
	say("fd=%x fl=%x,%x", fcntl(ends[0], F_GETFD), fcntl(ends[0], F_GETFL),
	    fcntl(ends[1], F_GETFL));
	ask("bad pointer", syscall(SYS_pipe2, 8L, 0));
	ask("leaked", open("/dev/null", O_RDONLY) - ends[1]);
}

RULE(bytes_in_a_pipe)
{
	int count = 0;

	open_pipe(0);
	ask("write", write(ends[1], room, 1234));
	ask("FIONREAD", ioctl(ends[0], FIONREAD, &count));
	say("count=%d", count);
	ask("other end", ioctl(ends[1], FIONREAD, &count));
	ask("unknown", ioctl(ends[0], 0x5401, room));
}

RULE(stat_of_a_pipe)
{
	struct stat info;

	open_pipe(0);
	fstat(ends[0], &info);
	say("fifo=%d mode=%o size=%ld links=%lu", S_ISFIFO(info.st_mode), info.st_mode & 07777,
	    (long)info.st_size, (unsigned long)info.st_nlink);
}

RULE(vectors)
{
	struct iovec parts[] = {{"one ", 4}, {"", 0}, {"two", 3}},
		     into[] = {{room, 2}, {room + 8, 9}};

	open_pipe(0);
	ask("writev", writev(ends[1], parts, 3));
	ask("readv", readv(ends[0], into, 2));
	say("%.2s|%.5s", room, room + 8);
	ask("count", writev(ends[1], parts, -1));
	ask("many", writev(ends[1], parts, 1025));
	ask("none", writev(ends[1], parts, 0));
	parts[0].iov_len = (size_t)-1;
	ask("too long", writev(ends[1], parts, 2));
}

static void poll_both(const char *when)
{
	struct pollfd fds[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
	int ready = poll(fds, 2, 0);

	say("%s=%d:%x,%x", when, ready, fds[0].revents, fds[1].revents);
}

RULE(poll_of_a_pipe)
{
	open_pipe(O_NONBLOCK);
	poll_both("empty");
	ask("write", write(ends[1], room, 4096));
	poll_both("some");
	ask("write", write(ends[1], room, sizeof(room)));
	poll_both("full");
	ask("read", read(ends[0], room, 4096));
	poll_both("room");
}

RULE(poll_without_writers)
{
	struct pollfd fd;

	open_pipe(0);
	ask("write", write(ends[1], "x", 1));
	close(ends[1]);
	fd = (struct pollfd){ends[0], POLLIN, 0};
	ask("data left", poll(&fd, 1, 0));
	say("%x", fd.revents);
	ask("read", read(ends[0], room, 1));
	ask("nothing left", poll(&fd, 1, 0));
	say("%x", fd.revents);
}

RULE(poll_without_readers)
{
	struct pollfd fd;

	open_pipe(0);
	close(ends[0]);
	fd = (struct pollfd){ends[1], POLLOUT, 0};
	ask("poll", poll(&fd, 1, 0));
	say("%x", fd.revents);
	fd.events = 0;
	ask("no events", poll(&fd, 1, 0));
	say("%x", fd.revents);
}

RULE(poll_of_other_numbers)
{
	struct pollfd fds[3] = {{-1, POLLIN, 55}, {900, POLLIN, 0}, {-900, POLLIN, 55}};

	ask("poll", poll(fds, 3, 0));
	say("%x,%x,%x", fds[0].revents, fds[1].revents, fds[2].revents);
	ask("too many", poll(fds, 5000, 0));
	ask("bad pointer", syscall(SYS_poll, 8L, 1, 0));
	ask("nothing", poll(NULL, 0, 0));
}

RULE(poll_of_files)
{
	struct pollfd fds[2] = {{0, POLLIN | POLLOUT | POLLPRI, 0}};

	make_file("f", "");
	fds[1] = (struct pollfd){open("f", O_RDONLY), POLLIN | POLLOUT, 0};
	ask("poll", poll(fds, 2, 0));
	say("%x,%x", fds[0].revents, fds[1].revents);
	fds[1].fd = open(".", O_RDONLY);
	ask("directory", poll(fds + 1, 1, 0));
	say("%x", fds[1].revents);
}

RULE(select_of_numbers)
{
	struct timeval now = {0, 0};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(900, &set);
	ask("closed", select(901, &set, NULL, NULL, &now));
	ask("negative", select(-1, NULL, NULL, NULL, &now));
	now.tv_usec = -1;
	ask("time", syscall(SYS_select, 0, NULL, NULL, NULL, &now));
	FD_ZERO(&set);
	FD_SET(0, &set);
	now.tv_usec = 0;
	ask("ready", select(1, &set, NULL, NULL, &now));
	say("%d", FD_ISSET(0, &set) != 0);
}

RULE(select_of_a_pipe)
{
	struct timeval now = {0, 0};
	fd_set in, out, except;

	open_pipe(0);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&except);
	FD_SET(ends[0], &in);
	FD_SET(ends[1], &out);
	FD_SET(ends[0], &except);
	ask("select", select(ends[1] + 1, &in, &out, &except, &now));
	say("in=%d out=%d except=%d", FD_ISSET(ends[0], &in) != 0, FD_ISSET(ends[1], &out) != 0,
	    FD_ISSET(ends[0], &except) != 0);
}

RULE(opening_a_fifo)
{
	ask("mkfifo", mkfifo("p", 0640));
	ask("again", mkfifo("p", 0640));
	ask("write first", open("p", O_WRONLY | O_NONBLOCK));
	int in = open("p", O_RDONLY | O_NONBLOCK);
	say("read first=%d", in >= 0);
	int out = open("p", O_WRONLY | O_NONBLOCK);
	say("then write=%d", out >= 0);
	ask("write", write(out, "abc", 3));
	ask("read", read(in, room, 10));
	ask("empty", read(in, room, 10));
	close(out);
	ask("end", read(in, room, 10));
}

RULE(a_fifo_for_both)
{
	ask("mkfifo", mkfifo("p", 0640));
	int both = open("p", O_RDWR | O_NONBLOCK);
	say("opened=%d", both >= 0);
	ask("write", write(both, "abc", 3));
	ask("read", read(both, room, 10));
	ask("empty", read(both, room, 10));
}

RULE(a_fifo_waits_for_the_other_side)
{
	ask("mkfifo", mkfifo("p", 0640));
	if (fork() == 0) {
		int out = open("p", O_WRONLY);

		_exit(write(out, "hello", 5) != 5);
	}
	ask("read", read(open("p", O_RDONLY), room, 10));
	wait(NULL);
	ask("lseek", lseek(open("p", O_RDWR), 0, SEEK_SET));
}

RULE(pipes_through_proc)
{
	char name[40];

	open_pipe(0);
	ask("write", write(ends[1], "x", 1));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[0]);
	int again = open(name, O_RDONLY);
	say("opened=%d", again >= 0);
	ask("read", read(again, room, 5));
	char target[64] = "";
	ask("link", readlink(name, target, sizeof(target) - 1) > 6);
	say("%.5s", target);
}

/* By /dev/fd a pipe without a name is opened again: in either direction, and without waiting. */
RULE(opened_again_by_dev_fd)
{
	char name[32];

	open_pipe(0);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	ask("write", write(ends[1], "left", 4));
	close(ends[1]);
	int again = open(name, O_RDONLY);
	ask("read", read(again, room, 10));
	ask("end", read(again, room, 10));
	close(again);
	ask("other way", open(name, O_WRONLY) >= 0);
	ask("no reader left", close(ends[0]));
}
