/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exec_errno FOLDER: execute every file named in FOLDER/index.txt in a child of its own and print
 * "name result": OK when it ran and exited with 42, else the number execve() failed with.
 *
 * A refused exec must leave its caller as it was (P-M10-01): the child checks a block of its
 * memory and an open descriptor before it reports.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANARY_BYTES 65536

static unsigned char canary[CANARY_BYTES];

static void fill(void)
{
	for (unsigned i = 0; i < CANARY_BYTES; i++)
		canary[i] = (unsigned char)(i * 31 + 7);
}

static int is_unharmed(int descriptor)
{
	for (unsigned i = 0; i < CANARY_BYTES; i++) {
		if (canary[i] != (unsigned char)(i * 31 + 7))
			return 0;
	}
	return lseek(descriptor, 0, SEEK_CUR) == 3;
}

/* In the child: report errno to the parent, or harm by 255. */
static void try_exec(const char *path, int descriptor, int report)
{
	char *const argv[] = {(char *)path, NULL};
	char *const envp[] = {NULL};
	unsigned char result;

	execve(path, argv, envp);
	result = (unsigned char)errno;
	if (!is_unharmed(descriptor))
		result = 255;
	if (write(report, &result, 1) != 1)
		_exit(2);
	_exit(1);
}

/* 0: it ran and exited with 42; 1-254: errno; 255: refused with harm; -1: it ended otherwise. */
static int outcome_of(const char *path, int descriptor)
{
	unsigned char result = 0;
	int ends[2];
	int status;
	pid_t child;

	if (pipe(ends) != 0)
		exit(3);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		dup2(ends[1], 100);
		try_exec(path, descriptor, 100);
	}
	close(ends[1]);
	if (read(ends[0], &result, 1) != 1)
		result = 0;
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(3);
	if (result != 0)
		return result;
	return WIFEXITED(status) && WEXITSTATUS(status) == 42 ? 0 : -1;
}

int main(int argc, char **argv)
{
	char path[512];
	char name[128];
	FILE *index;
	int descriptor;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s/index.txt", argv[1]);
	index = fopen(path, "r");
	if (index == NULL)
		return 2;
	descriptor = dup(fileno(index));
	fill();
	while (fscanf(index, "%127s %*s", name) == 1) {
		long at = ftell(index);

		lseek(descriptor, 3, SEEK_SET);
		snprintf(path, sizeof(path), "%s/%s", argv[1], name);
		printf("%s %d\n", name, outcome_of(path, descriptor));
		fflush(stdout);
		fseek(index, at, SEEK_SET);
	}
	return 0;
}
