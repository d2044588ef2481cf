/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: fork, exec of itself, pipes, waiting, orphans, descriptors across exec. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 20

static void many(void)
{
	int status, sum = 0, count = 0;

	for (int i = 0; i < CHILDREN; i++) {
		if (fork() == 0)
			_exit(i);
	}
	while (wait(&status) > 0) {
		sum += WEXITSTATUS(status);
		count++;
	}
	printf("%d children, sum %d, then %s\n", count, sum, strerror(errno));
}

static void pipeline(void)
{
	int ends[2];
	char text[64];
	size_t total = 0;
	ssize_t got;

	if (pipe(ends))
		return;
	if (fork() == 0) {
		close(ends[0]);
		for (int i = 0; i < 10000; i++)
			dprintf(ends[1], "%d,", i);
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], text, sizeof(text))) > 0)
		total += (size_t)got;
	close(ends[0]);
	wait(NULL);
	printf("%zu bytes through a pipe\n", total);
}

static void execute(const char *self)
{
	int kept = open("/dev/null", O_RDONLY), gone = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char kept_text[16], gone_text[16];
	int status;

	snprintf(kept_text, sizeof(kept_text), "%d", kept);
	snprintf(gone_text, sizeof(gone_text), "%d", gone);
	if (vfork() == 0) {
		execl(self, "again", kept_text, gone_text, (char *)NULL);
		_exit(99);
	}
	wait(&status);
	printf("executed: %d\n", WEXITSTATUS(status));
	execl("/nothing/there", "x", (char *)NULL);
	printf("no such program: %s\n", strerror(errno));
}

int main(int argc, char **argv)
{
	if (argc == 3) {
		printf("%s: kept %d, gone %d\n", argv[0], fcntl(atoi(argv[1]), F_GETFD),
		       fcntl(atoi(argv[2]), F_GETFD));
		return 17;
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	many();
	pipeline();
	execute(argv[0]);
	printf("own parent %d, own group %d\n", getppid() > 0, getpgrp() > 0);
	return 0;
}
