/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Load for ci/test_load.py. load rounds N: fork, exec of itself, exit, N times, then the free
 * memory before and after. load crowd N: N processes alive at once. load bomb, load hog: without an
 * end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
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
	int count = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(what, "leave"))
		return 42;
	if (!strcmp(what, "rounds"))
		return rounds(argv[0], count);
	if (!strcmp(what, "crowd"))
		return crowd(count);
	if (!strcmp(what, "bomb"))
		return bomb();
	if (!strcmp(what, "hog"))
		return hog();
	return 2;
}
