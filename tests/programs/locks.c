/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks on files: ranges of processes and of open files, flock, who waits and who is told. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static char name[64];
static int rule;

static void say(const char *what, long result)
{
	printf("%d %s: %ld %s\n", ++rule, what, result, result < 0 ? strerror(errno) : "");
	fflush(stdout);
}

static struct flock span(short type, long start, long len)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
}

static int set(int fd, int command, short type, long start, long len)
{
	struct flock lock = span(type, start, len);

	return fcntl(fd, command, &lock);
}

static void show(const char *what, int fd, int command, short type, long start, long len, pid_t of)
{
	struct flock lock = span(type, start, len);
	int result = fcntl(fd, command, &lock);

	printf("%d %s: %d type %d whence %d start %ld len %ld pid %s\n", ++rule, what, result,
	       lock.l_type, lock.l_whence, (long)lock.l_start, (long)lock.l_len,
	       lock.l_pid == of   ? "right"
	       : lock.l_pid == -1 ? "-1"
	       : lock.l_pid       ? "other"
				  : "0");
	fflush(stdout);
}

/* What another process sees: a child asks, byte by byte. */
static void map_of(const char *what, int fd, int bytes)
{
	char text[64] = "";
	int pipes[2];
	pid_t child;

	pipe(pipes);
	child = fork();
	if (!child) {
		for (int i = 0; i < bytes; i++) {
			struct flock lock = span(F_WRLCK, i, 1);

			fcntl(fd, F_GETLK, &lock);
			text[i] = "rw."[lock.l_type];
		}
		write(pipes[1], text, bytes);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	read(pipes[0], text, bytes);
	close(pipes[0]);
	close(pipes[1]);
	printf("%d %s: %s\n", ++rule, what, text);
	fflush(stdout);
}

static void ranges(int fd)
{
	set(fd, F_SETLK, F_WRLCK, 2, 6);
	map_of("one write range", fd, 12);
	set(fd, F_SETLK, F_RDLCK, 4, 2);
	map_of("read in its middle", fd, 12);
	set(fd, F_SETLK, F_UNLCK, 5, 2);
	map_of("a hole", fd, 12);
	set(fd, F_SETLK, F_WRLCK, 0, 12);
	map_of("all again", fd, 12);
	set(fd, F_SETLK, F_UNLCK, 1, 1);
	set(fd, F_SETLK, F_UNLCK, 3, 1);
	set(fd, F_SETLK, F_RDLCK, 6, 0);
	map_of("without end", fd, 14);
	set(fd, F_SETLK, F_WRLCK, 9, -2);
	map_of("negative length", fd, 14);
	set(fd, F_SETLK, F_UNLCK, 0, 0);
	map_of("nothing", fd, 14);
}

static void errors(int fd)
{
	int reader = open(name, O_RDONLY), writer = open(name, O_WRONLY);
	int place = open(name, O_PATH);
	struct flock lock = span(F_WRLCK, 0, 1);

	say("write lock on a reader", set(reader, F_SETLK, F_WRLCK, 0, 1));
	say("read lock on a writer", set(writer, F_SETLK, F_RDLCK, 0, 1));
	say("unlock on a reader", set(reader, F_SETLK, F_UNLCK, 0, 1));
	say("wrong type", set(fd, F_SETLK, 7, 0, 1));
	say("negative start", set(fd, F_SETLK, F_WRLCK, -1, 1));
	say("before the start", set(fd, F_SETLK, F_WRLCK, 3, -4));
	say("up to the start", set(fd, F_SETLK, F_WRLCK, 3, -3));
	say("too far", set(fd, F_SETLK, F_WRLCK, 0x7fffffffffffffff, 2));
	say("the last byte", set(fd, F_SETLK, F_WRLCK, 0x7fffffffffffffff, 1));
	lock.l_whence = 9;
	say("wrong whence", fcntl(fd, F_SETLK, &lock));
	say("no descriptor", set(-1, F_SETLK, F_WRLCK, 0, 1));
	say("O_PATH", set(place, F_SETLK, F_WRLCK, 0, 1));
	say("flock of O_PATH", flock(place, LOCK_SH));
	say("flock of nothing", flock(fd, 0));
	say("flock of both", flock(fd, LOCK_SH | LOCK_EX));
	say("flock of -1", flock(-1, LOCK_SH));
	lock = span(F_WRLCK, 0, 1);
	lock.l_pid = 1;
	say("open file lock with a pid", fcntl(fd, F_OFD_SETLK, &lock));
	say("pipes too", set(0, F_SETLK, F_RDLCK, 0, 0) + 5);
	close(reader);
	close(writer);
	close(place);
	set(fd, F_SETLK, F_UNLCK, 0, 0);
}

static void relative(int fd)
{
	struct flock lock = span(F_WRLCK, -2, 4);

	lseek(fd, 6, SEEK_SET);
	lock.l_whence = SEEK_CUR;
	say("from the position", fcntl(fd, F_SETLK, &lock));
	map_of("which is", fd, 12);
	lock.l_whence = SEEK_END;
	lock.l_start = -1;
	lock.l_len = 0;
	say("from the end", fcntl(fd, F_SETLK, &lock));
	map_of("which is too", fd, 20);
	set(fd, F_SETLK, F_UNLCK, 0, 0);
}

/* In a child, while the parent holds what it set up. */
static void in_child(void (*act)(int fd), int fd)
{
	int base = rule, status;
	pid_t child = fork();

	if (!child) {
		act(fd);
		_exit(rule - base);
	}
	waitpid(child, &status, 0);
	rule += WEXITSTATUS(status);
}

static void other_process(int fd)
{
	show("who holds it", fd, F_GETLK, F_WRLCK, 0, 0, getppid());
	show("a read lock is fine beside", fd, F_GETLK, F_RDLCK, 20, 5, getppid());
	show("free", fd, F_GETLK, F_WRLCK, 100, 1, getppid());
	say("write over write", set(fd, F_SETLK, F_WRLCK, 0, 5));
	say("read over write", set(fd, F_SETLK, F_RDLCK, 4, 1));
	say("read over read", set(fd, F_SETLK, F_RDLCK, 20, 1));
	say("write over read", set(fd, F_SETLK, F_WRLCK, 20, 1));
	say("unlocking what is not ours", set(fd, F_SETLK, F_UNLCK, 0, 0));
	say("open file lock over it", set(fd, F_OFD_SETLK, F_WRLCK, 0, 1));
}

static void inherited(int fd)
{
	int again = open(name, O_RDWR);

	set(fd, F_SETLK, F_WRLCK, 10, 5);
	set(fd, F_SETLK, F_RDLCK, 20, 5);
	in_child(other_process, fd);
	close(again);
	map_of("any close drops them", fd, 30);
}

static void same_process(int fd)
{
	int again = open(name, O_RDWR), twin = dup(fd);

	set(fd, F_SETLK, F_WRLCK, 0, 4);
	say("two descriptors are one owner", set(again, F_SETLK, F_WRLCK, 0, 4));
	set(fd, F_OFD_SETLK, F_WRLCK, 10, 4);
	say("two open files are not", set(again, F_OFD_SETLK, F_WRLCK, 10, 4));
	show("an open file has no pid", again, F_OFD_GETLK, F_WRLCK, 10, 1, getpid());
	say("a duplicate is the same", set(twin, F_OFD_SETLK, F_RDLCK, 10, 4));
	say("both read", set(again, F_OFD_SETLK, F_RDLCK, 10, 4));
	say("process against open file", set(fd, F_SETLK, F_WRLCK, 12, 1));
	close(twin);
	map_of("closing one duplicate", fd, 16);
	close(again);
	set(fd, F_OFD_SETLK, F_UNLCK, 0, 0);
	map_of("gone", fd, 16);
}

static void whole(int fd)
{
	int again = open(name, O_RDONLY);

	say("shared", flock(fd, LOCK_SH));
	say("shared twice", flock(again, LOCK_SH | LOCK_NB));
	say("one wants all", flock(again, LOCK_EX | LOCK_NB));
	say("and has lost its own", flock(fd, LOCK_EX | LOCK_NB));
	say("now the other", flock(again, LOCK_SH | LOCK_NB));
	say("range locks do not mind", set(fd, F_SETLK, F_WRLCK, 0, 0));
	set(fd, F_SETLK, F_UNLCK, 0, 0);
	say("unlock", flock(fd, LOCK_UN));
	say("unlock again", flock(fd, LOCK_UN));
	say("then", flock(again, LOCK_EX | LOCK_NB));
	close(again);
	say("closed", flock(fd, LOCK_EX | LOCK_NB));
	flock(fd, LOCK_UN);
}

static volatile int caught;

static void on_alarm(int number)
{
	caught = number;
}

static void waits_for_parent(int fd)
{
	struct sigaction action = {.sa_handler = on_alarm};

	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	say("a signal ends the wait", set(fd, F_SETLKW, F_WRLCK, 0, 1));
	alarm(1);
	say("flock's too", flock(open(name, O_RDWR), LOCK_EX));
	action.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &action, NULL);
	caught = 0;
	alarm(1);
	kill(getppid(), SIGUSR1);
	say("restarted, then had", set(fd, F_SETLKW, F_WRLCK, 0, 1));
	say("by the signal", caught == SIGALRM);
}

/* The parent lets go a while after the child has said that it waits. */
static void waiting(int fd)
{
	int base = rule, status;
	sigset_t usr1;
	pid_t child;
	int number;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	set(fd, F_SETLK, F_WRLCK, 0, 4);
	flock(fd, LOCK_EX);
	child = fork();
	if (!child) {
		waits_for_parent(fd);
		_exit(rule - base);
	}
	sigwait(&usr1, &number);
	usleep(1500000);
	set(fd, F_SETLK, F_UNLCK, 0, 4);
	waitpid(child, &status, 0);
	rule += WEXITSTATUS(status);
	flock(fd, LOCK_UN);
}

/* Until the process sleeps, in the one call that it makes. */
static void wait_until_asleep(pid_t pid)
{
	char path[32], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		sched_yield();
		fd = open(path, O_RDONLY);
		read(fd, text, sizeof(text) - 1);
		close(fd);
	} while (!strstr(text, ") S "));
}

static void deadlock(int fd)
{
	int pipes[2], status;
	char byte;
	pid_t child;

	pipe(pipes);
	set(fd, F_SETLK, F_WRLCK, 0, 1);
	child = fork();
	if (!child) {
		set(fd, F_SETLK, F_WRLCK, 1, 1);
		write(pipes[1], "x", 1);
		_exit(set(fd, F_SETLKW, F_WRLCK, 0, 1) ? 9 : 0);
	}
	read(pipes[0], &byte, 1);
	wait_until_asleep(child);
	say("a circle of two", set(fd, F_SETLKW, F_WRLCK, 1, 1));
	set(fd, F_SETLK, F_UNLCK, 0, 0);
	waitpid(child, &status, 0);
	say("the other goes on", WEXITSTATUS(status));
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	int fd;

	snprintf(name, sizeof(name), "/tmp/locks.%d", getpid());
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	write(fd, "0123456789abcdef", 16);
	ranges(fd);
	errors(fd);
	relative(fd);
	inherited(fd);
	same_process(fd);
	whole(fd);
	waiting(fd);
	deadlock(fd);
	unlink(name);
	return 0;
}
