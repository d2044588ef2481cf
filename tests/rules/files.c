/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files: flags, offsets, sizes, times, descriptors; and the rights of users. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "rules.h"

static char room[10000];

static int open_text(int flags)
{
	make_file("f", "0123456789");
	return open("f", flags);
}

RULE(read_only_and_write_only)
{
	int in = open_text(O_RDONLY), out = open_text(O_WRONLY);

	ask("write", write(in, "x", 1));
	ask("read", read(out, room, 1));
	ask("ftruncate", ftruncate(in, 0));
	ask("fallocate", fallocate(in, 0, 0, 5));
	ask("write nothing", write(in, "x", 0));
	ask("sendfile", sendfile(in, out, NULL, 1));
	ask("access mode 3", open("f", 3) >= 0 ? 0 : -1);
}

RULE(append)
{
	int fd = open_text(O_RDWR | O_APPEND);

	ask("seek", lseek(fd, 2, SEEK_SET));
	ask("write", write(fd, "ab", 2));
	ask("at", lseek(fd, 0, SEEK_CUR));
	ask("pwrite", pwrite(fd, "cd", 2, 0));
	ask("pread", pread(fd, room, 20, 0));
	say("%.14s", room);
	fcntl(fd, F_SETFL, 0);
	ask("pwrite", pwrite(fd, "ef", 2, 0));
	ask("at", lseek(fd, 0, SEEK_CUR));
}

RULE(truncating_open)
{
	struct stat info;

	close(open_text(O_RDONLY | O_TRUNC));
	stat("f", &info);
	say("size=%ld", (long)info.st_size);
}

RULE(seeking)
{
	int fd = open_text(O_RDWR);

	ask("end", lseek(fd, -3, SEEK_END));
	ask("current", lseek(fd, 1, SEEK_CUR));
	ask("before", lseek(fd, -100, SEEK_CUR));
	ask("behind", lseek(fd, 1000000, SEEK_SET));
	ask("read", read(fd, room, 1));
	ask("whence", lseek(fd, 0, 9));
	ask("far", lseek(fd, 0x7fffffffffffffff, SEEK_SET) > 0 ? 0 : -1);
	ask("overflow", lseek(fd, 0x7fffffffffffffff, SEEK_CUR));
}

RULE(holes)
{
	struct stat info;
	int fd = open_text(O_RDWR);

	ask("write", pwrite(fd, "x", 1, 1 << 20));
	fstat(fd, &info);
	say("size=%ld sparse=%d", (long)info.st_size, info.st_blocks < 100);
	ask("read", pread(fd, room, 4, 5000));
	say("%d", room[0] | room[3]);
	ask("hole", lseek(fd, 0, SEEK_HOLE));
	ask("data", lseek(fd, 8192, SEEK_DATA));
	ask("behind", lseek(fd, 1 << 21, SEEK_DATA));
}

RULE(sizes)
{
	struct stat info;
	int fd = open_text(O_RDWR);

	ask("grow", ftruncate(fd, 5000));
	ask("shrink", ftruncate(fd, 5));
	ask("grow", ftruncate(fd, 10));
	ask("read", pread(fd, room, 10, 0));
	say("%.5s %d", room, room[5]);
	ask("negative", ftruncate(fd, -1));
	ask("truncate nothing", truncate("none", 0));
	ask("fallocate", fallocate(fd, 0, 0, 20000));
	fstat(fd, &info);
	say("size=%ld", (long)info.st_size);
	ask("keep size", fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 50000));
	fstat(fd, &info);
	say("size=%ld", (long)info.st_size);
	ask("length", fallocate(fd, 0, 0, 0));
	ask("offset", fallocate(fd, 0, -1, 5));
}

RULE(punched_holes)
{
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	memset(room, 'x', sizeof(room));
	ask("write", write(fd, room, 9000));
	ask("punch", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 8000));
	ask("read", pread(fd, room, 9000, 0));
	say("%c%d%d%c", room[99], room[100], room[8099], room[8100]);
	ask("punch alone", fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10));
}

RULE(lowest_descriptor)
{
	int a = dup(0), b = dup(0), c = dup(0);

	close(b);
	ask("open", open("/dev/null", O_RDONLY) - b);
	ask("dup", dup(0) - c - 1);
	close(a);
	ask("fcntl", fcntl(0, F_DUPFD, c) - c - 2);
	ask("lowest", fcntl(0, F_DUPFD, 0) - a);
}

RULE(duplicates)
{
	int fd = open_text(O_RDONLY), other = dup(fd);

	ask("seek", lseek(fd, 4, SEEK_SET));
	ask("other", lseek(other, 0, SEEK_CUR));
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	ask("cloexec", fcntl(other, F_GETFD));
	fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
	say("flags=%x", fcntl(other, F_GETFL) & (O_APPEND | O_NONBLOCK));
	ask("dup2 itself", dup2(fd, fd) - fd);
	ask("dup3 itself", dup3(fd, fd, 0));
	ask("dup3 flags", syscall(SYS_dup3, fd, 50, 1));
	ask("dup3", dup3(fd, 50, O_CLOEXEC));
	ask("cloexec", fcntl(50, F_GETFD));
	ask("dup2 bad", dup2(77, 50));
	ask("dup2 far", dup2(fd, 1024));
	ask("dup2 negative", dup2(fd, -1));
}

RULE(limit_of_descriptors)
{
	struct rlimit limit = {20, 4096};

	ask("set", setrlimit(RLIMIT_NOFILE, &limit));
	while (dup(0) >= 0)
		;
	say("E%d", errno);
	ask("open", open("/dev/null", O_RDONLY));
	ask("pipe", pipe((int[2]){0}));
	ask("dup2", dup2(0, 20));
	ask("F_DUPFD", fcntl(0, F_DUPFD, 20));
	close(10);
	ask("free again", open("/dev/null", O_RDONLY));
}

RULE(bad_descriptors)
{
	struct stat info;

	ask("read", read(99, room, 1));
	ask("write", write(-1, room, 1));
	ask("close", close(99));
	ask("fstat", fstat(99, &info));
	ask("fcntl", fcntl(99, F_GETFD));
	ask("dup", dup(99));
	ask("lseek", lseek(99, 0, SEEK_SET));
	ask("fsync", fsync(99));
	ask("ioctl", ioctl(99, FIONREAD, room));
}

RULE(status_flags)
{
	int fd = open_text(O_RDWR);

	say("%x", fcntl(fd, F_GETFL) & ~O_LARGEFILE & ~0100000);
	ask("set", fcntl(fd, F_SETFL, O_WRONLY | O_APPEND | O_CREAT));
	say("%x", fcntl(fd, F_GETFL) & ~0100000);
	ask("command", fcntl(fd, 999));
	ask("read", read(fd, room, 1));
}

RULE(closing_ranges)
{
	int a = dup(0), b = dup(0), c = dup(0);

	ask("close", syscall(436, a, b, 0));
	ask("a", fcntl(a, F_GETFD));
	ask("c", fcntl(c, F_GETFD));
	ask("cloexec", syscall(436, c, ~0U, 4));
	ask("c", fcntl(c, F_GETFD));
	ask("order", syscall(436, 9, 8, 0));
	ask("flags", syscall(436, 90, 98, 8));
}

RULE(controls)
{
	int fd = open_text(O_RDONLY), count = 0;

	ask("TCGETS", ioctl(fd, 0x5401, room));
	ask("TIOCGWINSZ", ioctl(fd, TIOCGWINSZ, room));
	ask("FIONREAD", ioctl(fd, FIONREAD, &count));
	say("count=%d", count);
	ask("FIONBIO", ioctl(fd, FIONBIO, &(int){1}));
	say("nonblock=%d", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	ask("FIOCLEX", ioctl(fd, FIOCLEX));
	say("cloexec=%d", fcntl(fd, F_GETFD));
	ask("unknown", ioctl(fd, 0x12345, room));
	ask("null's", ioctl(0, 0x5401, room));
}

RULE(vectors_at_offsets)
{
	struct iovec parts[2] = {{room, 3}, {room + 100, 3}};
	int fd = open_text(O_RDWR);

	ask("readv", readv(fd, parts, 2));
	say("%.3s %.3s", room, room + 100);
	ask("at", lseek(fd, 0, SEEK_CUR));
	parts[1].iov_base = (void *)0x100000;
	ask("partial", readv(fd, parts, 2));
	parts[0].iov_base = (void *)8;
	ask("none", readv(fd, parts, 2));
	ask("pread negative", pread(fd, room, 1, -1));
	ask("huge count", read(fd, room, -1UL));
}

RULE(bytes_across_a_hole)
{
	int fd = open("/dev/zero", O_RDONLY), ends[2];

	ask("kernel half", read(fd, (void *)0xffff800000000000, 5));
	ask("null", read(fd, NULL, 5));
	ask("write", write(open_text(O_RDWR), (void *)0xffffffff81000000, 5));
	ask("pipe", pipe(ends));
	ask("write", write(ends[1], (void *)8, 5));
	ask("name", open((void *)8, O_RDONLY));
	ask("non-canonical", open((void *)0x8000000000000000, O_RDONLY));
}

RULE(sending_files)
{
	int in = open_text(O_RDONLY), out = open("g", O_RDWR | O_CREAT, 0600);
	off_t at = 3;

	ask("sendfile", sendfile(out, in, &at, 4));
	say("at=%ld", (long)at);
	ask("in's offset", lseek(in, 0, SEEK_CUR));
	ask("rest", sendfile(out, in, NULL, 100));
	ask("end", sendfile(out, in, NULL, 100));
	ask("read", pread(out, room, 20, 0));
	say("%.14s", room);
	at = -1;
	ask("negative", sendfile(out, in, &at, 4));
}

RULE(devices)
{
	int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR);
	int full = open("/dev/full", O_RDWR);

	memset(room, 'x', 10);
	ask("zero", read(zero, room, 10));
	say("%d", room[9]);
	ask("zero", write(zero, room, 10));
	ask("null", read(null, room, 10));
	ask("null", write(null, room, 10));
	ask("full", read(full, room, 10));
	ask("full", write(full, room, 10));
	ask("null seek", lseek(null, 5, SEEK_SET));
	ask("null truncate", ftruncate(null, 5));
	ask("random", read(open("/dev/urandom", O_RDONLY), room, 10000));
	ask("tty", open("/dev/tty", O_RDWR) < 0 ? 0 : 1);
}
