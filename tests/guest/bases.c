/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a program's parts are put: bases COUNT runs itself so often, and each run writes one line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char _end[];

static void tell(uint64_t stack)
{
	const void *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	printf("%lx %lx %lx %lx %lx\n", stack, (uint64_t)map, (uint64_t)_end,
	       (uint64_t)sbrk(0) - (uint64_t)_end, getauxval(AT_SYSINFO_EHDR));
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0, status;

	/* argv's own words lie at the stack pointer that the program began with. */
	if (count == 0)
		tell((uint64_t)argv - 8);
	for (int i = 0; i < count; i++) {
		if (fork() == 0) {
			execl(argv[0], argv[0], (char *)NULL);
			_exit(1);
		}
		if (wait(&status) < 0 || status != 0)
			return 1;
	}
	return 0;
}
