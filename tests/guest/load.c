/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Load for ci/test_load.py. load rounds N: fork, exec of itself, exit, N times. load crowd N: N
 * processes alive at once. load churn N LIVE: N made and reaped beside LIVE others. load pump MIB:
 * that much through a pipe, with a sum. load files N: a directory of N. load deep N: a tree that
 * deep. load session: a session leader dies before its children. load bomb, load hog: without an
 * end.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOG_BYTES ((size_t)1 << 20)

static int round_trip(const char *self)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execl(self, "load", "leave", (char *)NULL);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 42;
}

static int rounds(const char *self, int count)
{
	int good = 0;

	for (int i = 0; i < count; i++)
		good += round_trip(self);
	printf("%d of %d\n", good, count);
	return good != count;
}

/* Each waits for the end of a pipe that only the last one closes. */
static int crowd(int count)
{
	int gate[2], count_in[2], started = 0, left = 0;
	char byte = 0;

	if (pipe(gate) || pipe(count_in))
		return 1;
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			close(gate[1]);
			if (write(count_in[1], &byte, 1) != 1 || read(gate[0], &byte, 1) != 0)
				_exit(1);
			_exit(0);
		}
		started += pid > 0;
	}
	for (int i = 0; i < started; i++)
		left += read(count_in[0], &byte, 1) == 1;
	printf("%d alive at once\n", left);
	close(gate[1]);
	for (int status; wait(&status) > 0;)
		left -= status == 0;
	return left;
}

/* Others that live on meanwhile, each at the end of a pipe. */
static int churn(int count, int live)
{
	int gate[2], good = 0, status;
	char byte;

	if (pipe(gate))
		return 1;
	for (int i = 0; i < live; i++) {
		if (fork() == 0) {
			close(gate[1]);
			_exit(read(gate[0], &byte, 1) != 0);
		}
	}
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(i % 100);
		good += pid > 0 && waitpid(pid, &status, 0) == pid &&
			WEXITSTATUS(status) == i % 100;
	}
	close(gate[1]);
	for (int i = 0; i < live; i++)
		good += wait(&status) > 0 && status == 0;
	printf("%d of %d, then %s\n", good, count + live, wait(NULL) < 0 ? "none" : "more");
	return good != count + live;
}

#define PUMP_WORDS 8192u

static uint64_t next_word(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state;
}

/* The same sum on both sides of the pipe. */
static int pump(int mebibytes)
{
	static uint64_t words[PUMP_WORDS];
	uint64_t state = 1, sum = 0;
	int ends[2], rounds = mebibytes * (int)((1 << 20) / sizeof(words)), status;

	if (pipe(ends))
		return 1;
	pid_t pid = fork();
	for (unsigned i = 0; i < PUMP_WORDS; i++)
		words[i] = next_word(&state);
	if (pid == 0) {
		for (int i = 0; i < rounds; i++) {
			words[(unsigned)i % PUMP_WORDS] ^= (uint64_t)i;
			if (write(ends[1], words, sizeof(words)) != (ssize_t)sizeof(words))
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	static uint64_t got[PUMP_WORDS];
	uint64_t bytes = 0;
	for (int i = 0; i < rounds; i++) {
		size_t have = 0;

		words[(unsigned)i % PUMP_WORDS] ^= (uint64_t)i;
		while (have < sizeof(got)) {
			ssize_t n = read(ends[0], (char *)got + have, sizeof(got) - have);
			if (n <= 0)
				return 2;
			have += (size_t)n;
		}
		bytes += have;
		sum += memcmp(got, words, sizeof(got)) != 0;
	}
	waitpid(pid, &status, 0);
	printf("%llu MiB, %llu pieces wrong\n", (unsigned long long)(bytes >> 20),
	       (unsigned long long)sum);
	return status || sum;
}

static int files(int count)
{
	char name[32];
	struct stat info;
	int made = 0, listed = 0, seen = 0, removed = 0;

	if (mkdir("/tmp/many", 0755) || chdir("/tmp/many"))
		return 1;
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
		made += fd >= 0 && close(fd) == 0;
	}
	DIR *dir = opendir(".");
	for (const struct dirent *entry; (entry = readdir(dir));)
		listed += entry->d_name[0] == 'f';
	closedir(dir);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		seen += stat(name, &info) == 0 && S_ISREG(info.st_mode);
	}
	for (int i = count; i-- > 0;) {
		snprintf(name, sizeof(name), "file-%d", i);
		removed += unlink(name) == 0;
	}
	printf("made %d, listed %d, seen %d, removed %d\n", made, listed, seen, removed);
	return chdir("/") || rmdir("/tmp/many");
}

static int deep(int count)
{
	int made = 0;

	if (mkdir("/tmp/deep", 0755) || chdir("/tmp/deep"))
		return 1;
	for (int i = 0; i < count; i++)
		made += mkdir("d", 0755) == 0 && chdir("d") == 0;
	printf("%d deep\n", made);
	return made != count;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* From the last one's end on each waits for its child and ends: how long all of that takes. */
static int chain(int count)
{
	static volatile int made;
	static volatile double turn;
	static pid_t first;

	first = getpid();
	while (made < count) {
		pid_t pid = vfork();
		if (pid < 0)
			return 1;
		if (pid > 0) {
			waitpid(pid, NULL, 0);
			if (getpid() != first)
				_exit(0);
			printf("%d ended in %f s\n", made, seconds() - turn);
			return made != count;
		}
		made++;
	}
	turn = seconds();
	_exit(0);
}

/* Its child goes on, as an orphan in a session without a leader. */
static int session(void)
{
	int ends[2];
	char byte = 0;

	if (pipe(ends))
		return 1;
	pid_t leader = fork();
	if (leader == 0) {
		setsid();
		if (fork() == 0) {
			pid_t mother = getppid();
			while (getppid() == mother)
				usleep(1000);
			byte = getsid(0) == mother && getpgrp() == mother;
			_exit(write(ends[1], &byte, 1) != 1);
		}
		pause();
		_exit(1);
	}
	usleep(10000);
	kill(leader, SIGKILL);
	waitpid(leader, NULL, 0);
	close(ends[1]);
	ssize_t told = read(ends[0], &byte, 1);
	printf("told %zd, session kept %d\n", told, byte);
	return 0;
}

static int bomb(void)
{
	for (;;) {
		if (fork() < 0 && errno != EAGAIN && errno != ENOMEM)
			return 1;
	}
}

static int hog(void)
{
	for (size_t mib = 0;; mib++) {
		void *map = mmap(NULL, HOG_BYTES, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (map == MAP_FAILED) {
			printf("refused after %s MiB\n", mib > 8 ? "many" : "few");
			return 3;
		}
		memset(map, 1, HOG_BYTES);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 0, more = argc > 3 ? atoi(argv[3]) : 0;

	if (!strcmp(what, "leave"))
		return 42;
	if (!strcmp(what, "rounds"))
		return rounds(argv[0], count);
	if (!strcmp(what, "crowd"))
		return crowd(count);
	if (!strcmp(what, "churn"))
		return churn(count, more);
	if (!strcmp(what, "pump"))
		return pump(count);
	if (!strcmp(what, "files"))
		return files(count);
	if (!strcmp(what, "deep"))
		return deep(count);
	if (!strcmp(what, "chain"))
		return chain(count);
	if (!strcmp(what, "session"))
		return session();
	if (!strcmp(what, "bomb"))
		return bomb();
	if (!strcmp(what, "hog"))
		return hog();
	return 2;
}
