/* SPDX-License-Identifier: BSD-2-Clause */
/* File sizes at RLIMIT_FSIZE, times before 1970, what waitid takes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT 5000

static volatile int signals;

static void count(int number)
{
	signals += number == SIGXFSZ;
}

static void say(const char *what, long result)
{
	printf("%s: %ld %s, %d signals\n", what, result, result < 0 ? strerror(errno) : "",
	       signals);
	errno = 0;
}

static void writing(int fd)
{
	static char data[4096];
	struct iovec parts[] = {{data, 100}, {data, 100}};

	say("write", write(fd, data, sizeof(data)));
	say("write over", write(fd, data, sizeof(data)));
	say("write at", write(fd, data, 1));
	say("write nothing", write(fd, data, 0));
	say("writev at", writev(fd, parts, 2));
	say("pwrite", pwrite(fd, data, 10, LIMIT - 4));
	say("pwrite far", pwrite(fd, data, 10, LIMIT + 4));
	say("pwrite in", pwrite(fd, data, 10, 0));
}

static void resizing(int fd)
{
	say("ftruncate to", ftruncate(fd, LIMIT));
	say("ftruncate over", ftruncate(fd, LIMIT + 1));
	say("truncate over", truncate("bounded", LIMIT + 1));
	say("ftruncate wrong", ftruncate(fd, -1));
	say("fallocate over", fallocate(fd, 0, 0, LIMIT + 1));
	say("fallocate wrong", fallocate(fd, 0, 0, 0));
	say("fallocate in", fallocate(fd, 0, 0, LIMIT));
	say("ftruncate less", ftruncate(fd, 10));
}

static void sending(int fd)
{
	int in = open("/proc/self/exe", O_RDONLY);

	lseek(fd, LIMIT - 20, SEEK_SET);
	/* Linux's pipe inside tries what did not fit once more: a signal that tells nothing. */
	long sent = sendfile(fd, in, NULL, 100);
	signals = 0;
	say("sendfile", sent);
	say("sendfile at", sendfile(fd, in, NULL, 100));
	say("write to what is only read", write(in, "", 1));
	close(in);
}

static void sizes(void)
{
	int fd = open("bounded", O_RDWR | O_CREAT | O_TRUNC, 0600), end[2];
	struct rlimit limit = {LIMIT, RLIM_INFINITY};
	char byte[LIMIT + 1] = "";

	fflush(stdout);
	signal(SIGXFSZ, count);
	setrlimit(RLIMIT_FSIZE, &limit);
	writing(fd);
	resizing(fd);
	sending(fd);
	/* Pipes do not grow. */
	say("pipe", pipe(end));
	say("pipe write", write(end[1], byte, sizeof(byte)));
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	say("no limit", ftruncate(fd, LIMIT * 2));
	if (fork() == 0) {
		limit.rlim_cur = 1;
		setrlimit(RLIMIT_FSIZE, &limit);
		signal(SIGXFSZ, SIG_DFL);
		write(fd, byte, 1);
		_exit(0);
	}
	int status;
	wait(&status);
	printf("without a handler: %d\n", WTERMSIG(status));
	close(fd);
	unlink("bounded");
}

/* A C library may be older than the call. */
static void extended(int fd)
{
#ifdef STATX_BASIC_STATS
	struct statx more;

	statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &more);
	printf("%lld.%09u\n", (long long)more.stx_atime.tv_sec, more.stx_atime.tv_nsec);
#else
	(void)fd;
#endif
}

static void times(void)
{
	struct timespec before[][2] = {
		{{-2, 500000000}, {-1, 999999999}},
		{{-1, 0}, {0, 1}},
		{{-2000000000, 7}, {5000000000, 0}},
	};
	int fd = open("old", O_RDWR | O_CREAT, 0600);
	struct stat info;

	for (int i = 0; i < 3; i++) {
		say("futimens", futimens(fd, before[i]));
		fstat(fd, &info);
		printf("%ld.%09ld %ld.%09ld\n", info.st_atim.tv_sec, info.st_atim.tv_nsec,
		       info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
		extended(fd);
	}
	close(fd);
	unlink("old");
	say("chmod below /proc", chmod("/proc/self/status", 0600));
}

static void waiting(void)
{
	siginfo_t info;
	pid_t child = fork();

	if (child == 0)
		_exit(3);
	say("no state", waitid(P_ALL, 0, &info, WNOHANG));
	say("unknown bits", waitid(P_ALL, 0, &info, WEXITED | 0x100));
	say("wait4's unknown bits", waitpid(child, NULL, WEXITED));
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	say("the dead do not stop", waitid(P_PID, child, &info, WSTOPPED));
	say("nor any", waitid(P_ALL, 0, &info, WSTOPPED | WCONTINUED | WNOHANG));
	info.si_status = 0;
	say("exited", waitid(P_ALL, 0, &info, WEXITED));
	printf("status %d\n", info.si_status);
	say("nobody", waitid(P_ALL, 0, &info, WEXITED));
	child = fork();
	if (child == 0) {
		usleep(100000);
		_exit(0);
	}
	info.si_pid = -1;
	say("alive", waitid(P_PID, child, &info, WSTOPPED | WNOHANG));
	printf("pid %d\n", info.si_pid);
	say("it dies instead", waitid(P_PID, child, &info, WSTOPPED));
	printf("reaped %d\n", waitpid(child, NULL, 0) == child);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	sizes();
	times();
	waiting();
	return 0;
}
