/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments, environment, output of every kind, and the exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *path = getenv("PATH");

	printf("hello, %s %d %#x %5.2f %-4s|%4s|\n", "world", -42, 255U, 3.14159, "ab", "cd");
	for (int i = 1; i < argc; i++)
		printf("%d: [%s] %zu\n", i, argv[i], strlen(argv[i]));
	printf("%d arguments, path %s, page %ld\n", argc - 1, path ? "set" : "unset",
	       sysconf(_SC_PAGESIZE));
	printf("random %d, entry %d, secure %lu\n", getauxval(AT_RANDOM) != 0,
	       getauxval(AT_ENTRY) != 0, getauxval(AT_SECURE));
	fflush(stdout);
	fprintf(stderr, "to standard error\n");
	return 40 + argc;
}
