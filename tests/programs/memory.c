/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: malloc and realloc, anonymous mappings, protection, what a child sees. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS 2000
#define BYTES  ((size_t)16 << 20)

static unsigned heap(void)
{
	static unsigned char *block[BLOCKS];
	unsigned sum = 0;

	for (unsigned i = 0; i < BLOCKS; i++) {
		block[i] = malloc(1 + i * 7 % 5000);
		memset(block[i], (int)i, 1 + i * 7 % 5000);
	}
	for (unsigned i = 0; i < BLOCKS; i += 2)
		free(block[i]);
	for (unsigned i = 1; i < BLOCKS; i += 2) {
		block[i] = realloc(block[i], 9000);
		sum += block[i][0];
		free(block[i]);
	}
	return sum;
}

static void mappings(void)
{
	char *map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t zero = 0;

	for (size_t i = 0; i < BYTES; i += 4096)
		zero += map[i] == 0;
	memset(map, 'x', BYTES);
	printf("%zu of %zu pages were zero\n", zero, BYTES / 4096);
	printf("protect %d\n", mprotect(map, 4096, PROT_READ));
	printf("hole %d\n", munmap(map + 8192, 4096));
	map = mremap(map, 8192, BYTES * 2, MREMAP_MAYMOVE);
	printf("moved %d %c%c\n", map != MAP_FAILED, map[0], map[8191]);
	printf("both %d\n",
	       mmap(NULL, 4096, PROT_WRITE | PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED);
}

static void copy_on_write(void)
{
	static int shared[4096];
	int status;

	shared[17] = 1;
	if (fork() == 0) {
		shared[17] = 2;
		_exit(shared[17]);
	}
	wait(&status);
	printf("child saw %d, parent sees %d\n", WEXITSTATUS(status), shared[17]);
}

int main(void)
{
	char *before = sbrk(0);

	printf("heap %u\n", heap());
	printf("break %d\n", sbrk(100000) >= (void *)before && brk(sbrk(0)) == 0);
	mappings();
	copy_on_write();
	return 0;
}
