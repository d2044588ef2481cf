/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that ask for more than there is time for: others run meanwhile, and they can be ended. */
#include "attack.h"

#define HUGE_BYTES (1ul << 46)

static void *map(size_t len, int prot, int flags)
{
	return mmap(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
}

static void populate_nothing(void)
{
	/* Nothing to do, so it comes back. */
	CHECK(map(HUGE_BYTES, PROT_NONE, MAP_POPULATE) != MAP_FAILED);
	pause();
}

static void populate_zeros(void)
{
	map(HUGE_BYTES, PROT_READ, MAP_POPULATE);
}

static void write_random(void)
{
	int fd = open("/dev/urandom", O_WRONLY);
	void *from = map(0x7ffff000, PROT_READ, 0);

	for (;;)
		write(fd, from, 0x7ffff000);
}

static void read_zero(void)
{
	int fd = open("/dev/zero", O_RDONLY), out = open("/dev/null", O_WRONLY);

	(void)out;
	for (;;)
		read(fd, map(0x40000000, PROT_READ | PROT_WRITE, 0), 0x40000000);
}

static void truncate_many_maps(void)
{
	int fd = open("/tmp/many", O_CREAT | O_RDWR, 0600);

	CHECK(ftruncate(fd, 3 << 20) == 0);
	for (int i = 0; i < 30000; i++)
		if (mmap(NULL, 4096, i & 1 ? PROT_READ : PROT_NONE, MAP_SHARED, fd, 0) ==
		    MAP_FAILED)
			break;
	for (int i = 0; i < 40; i++)
		CHECK(ftruncate(fd, i & 1 ? 3 << 20 : 0) == 0);
	pause();
}

static void incore(void)
{
	void *hole = map(HUGE_BYTES, PROT_NONE, 0);
	unsigned char *states = map(1ul << 24, PROT_READ | PROT_WRITE, 0);

	for (;;)
		mincore(hole, 1ul << 36, states);
}

static void (*const attacks[])(void) = {populate_nothing, populate_zeros,     write_random,
					read_zero,        truncate_many_maps, incore};

static uint64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

int main(void)
{
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		uint64_t start = now_ms(), killed;
		pid_t child = fork();

		if (child == 0) {
			attacks[i]();
			_exit(0);
		}
		usleep(300000);
		killed = now_ms();
		kill(child, SIGKILL);
		int status = wait_status(child);
		if (killed - start > 3000 || now_ms() - killed > 3000 || status != SIGKILL)
			printf("attack %zu: woken after %d ms, gone after %d ms, status %x\n", i,
			       (int)(killed - start), (int)(now_ms() - killed), status);
	}
	puts("ok");
	return 0;
}
