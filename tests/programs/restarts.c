/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleeping calls and signals: which go on, which end with EINTR, and what was left of the time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rules.h"

static void on_signal(int signo)
{
	(void)signo;
}

static void handle(int signo, int flags)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};

	sigaction(signo, &action, NULL);
}

static int ends[2];

/* How long what the calls wait for takes: longer than the signal needs to come. */
#define LONG_US 100000

/* In shared memory: the parent is about to make the call that counts. */
static volatile int *ready;

static void until_asleep(pid_t pid)
{
	char path[40], text[300];
	const char *state = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (!*ready)
		usleep(1000);
	do {
		int fd = open(path, O_RDONLY);
		long got = read(fd, text, sizeof(text) - 1);

		text[got > 0 ? got : 0] = 0;
		state = strrchr(text, ')');
		close(fd);
		usleep(1000);
	} while (state && state[2] != 'S');
}

/* A child sends @signo once the parent sleeps, and then makes sure that a read ends. */
static pid_t disturb(int signo, int also_write)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	until_asleep(getppid());
	kill(getppid(), signo);
	if (also_write) {
		usleep(10000);
		if (write(ends[1], "x", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static long call_read(void)
{
	char byte;

	return read(ends[0], &byte, 1);
}

static long call_wait(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep(LONG_US);
		_exit(0);
	}
	*ready = 1;
	long got = waitpid(pid, NULL, 0);
	int error = errno;

	waitpid(pid, NULL, 0);
	errno = error;
	return got < 0 ? got : 0;
}

static long call_poll(void)
{
	return poll(NULL, 0, LONG_US / 1000);
}

static long call_select(void)
{
	struct timeval time = {0, LONG_US};

	return select(0, NULL, NULL, NULL, &time);
}

static long call_nanosleep(void)
{
	struct timespec time = {0, LONG_US * 1000l};

	return nanosleep(&time, NULL);
}

static long call_absolute_sleep(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_nsec += LONG_US * 1000l;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
	return errno ? -1 : 0;
}

static long call_pause(void)
{
	alarm(1);
	long got = pause();

	alarm(0);
	return got;
}

static long call_sigtimedwait(void)
{
	struct timespec time = {0, LONG_US * 1000l};
	unsigned long set = 1ul << (SIGWINCH - 1);

	return syscall(SYS_rt_sigtimedwait, &set, NULL, &time, 8);
}

static long call_fifo(void)
{
	const char *name = "/tmp/.signals2.fifo";
	long fd;

	unlink(name);
	mkfifo(name, 0600);
	if (fork() == 0) {
		usleep(LONG_US);
		fd = open(name, O_WRONLY | O_NONBLOCK);
		_exit(0);
	}
	*ready = 1;
	fd = open(name, O_RDONLY);
	int error = errno;

	if (fd >= 0)
		close((int)fd);
	while (wait(NULL) > 0)
		;
	unlink(name);
	errno = error;
	return fd < 0 ? -1 : 0;
}

static long call_write(void)
{
	static char much[70000];
	int pipe_ends[2];

	if (pipe(pipe_ends) || fork() == 0) {
		close(pipe_ends[1]);
		usleep(LONG_US);
		while (read(pipe_ends[0], much, sizeof(much)) > 0)
			;
		_exit(0);
	}
	close(pipe_ends[0]);
	fcntl(pipe_ends[1], F_SETFL, O_NONBLOCK);
	while (write(pipe_ends[1], much, 4096) > 0)
		;
	fcntl(pipe_ends[1], F_SETFL, 0);
	*ready = 1;
	long got = write(pipe_ends[1], much, 10);
	int error = errno;

	close(pipe_ends[1]);
	errno = error;
	return got;
}

static long call_lock(void)
{
	struct flock lock = {.l_type = F_WRLCK};
	int fd = open("/tmp/.signals2.lock", O_RDWR | O_CREAT, 0600);
	int turn[2];
	char byte;

	if (pipe(turn) || fork() == 0) {
		fcntl(fd, F_SETLK, &lock);
		if (write(turn[1], "x", 1) == 1)
			usleep(LONG_US);
		_exit(0);
	}
	if (read(turn[0], &byte, 1) != 1)
		return -1;
	*ready = 1;
	long got = fcntl(fd, F_SETLKW, &lock);
	int error = errno;

	close(fd);
	close(turn[0]);
	close(turn[1]);
	unlink("/tmp/.signals2.lock");
	errno = error;
	return got;
}

static const struct call {
	const char *name;
	long (*call)(void);
	int needs_write;
	int prepares; /* says itself when it is ready */
} calls[] = {
	{"read", call_read, 1},
	{"write", call_write, 0, 1},
	{"waitpid", call_wait, 0, 1},
	{"open of a fifo", call_fifo, 0, 1},
	{"fcntl lock", call_lock, 0, 1},
	{"poll", call_poll, 0},
	{"select", call_select, 0},
	{"nanosleep", call_nanosleep, 0},
	{"absolute clock_nanosleep", call_absolute_sleep, 0},
	{"pause", call_pause, 0},
	{"sigtimedwait", call_sigtimedwait, 0},
};

/* With a handler, with SA_RESTART, and ignored by default. */
static void restarts(void)
{
	char text[80];

	ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ready == MAP_FAILED || pipe(ends))
		return;
	handle(SIGALRM, 0);
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (int way = 0; way < 3; way++) {
			static const char *const ways[] = {"a handler", "SA_RESTART", "SIGURG"};
			pid_t pid;

			handle(SIGUSR1, way ? SA_RESTART : 0);
			*ready = !calls[i].prepares;
			pid = disturb(way == 2 ? SIGURG : SIGUSR1, calls[i].needs_write);
			snprintf(text, sizeof(text), "%s and %s", calls[i].name, ways[way]);
			show(text, result(calls[i].call()));
			waitpid(pid, NULL, 0);
			fcntl(ends[0], F_SETFL, O_NONBLOCK);
			while (read(ends[0], text, 1) > 0)
				;
			fcntl(ends[0], F_SETFL, 0);
		}
	}
}

static void what_is_left(void)
{
	struct timespec time = {0, LONG_US * 1000l}, left = {9, 9};
	pid_t pid;

	handle(SIGUSR1, SA_RESTART);
	pid = disturb(SIGUSR1, 0);
	show("nanosleep", result(nanosleep(&time, &left)));
	show("says what is left",
	     left.tv_sec == 0 && left.tv_nsec > 0 && left.tv_nsec < LONG_US * 1000l);
	waitpid(pid, NULL, 0);
	show("restart_syscall out of nothing", result(syscall(SYS_restart_syscall)));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	restarts();
	what_is_left();
	return 0;
}
