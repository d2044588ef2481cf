/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Code made at run time: in a mapping that is writable and executable, after mprotect, through a
 * second mapping of the same pages, and on the stack. One line each: what it returned, or the
 * errno.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const uint8_t code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */

static void say(const char *what, void *at)
{
	if (at == MAP_FAILED)
		printf("%s: %s\n", what, strerrorname_np(errno));
	else
		printf("%s: %d\n", what, ((int (*)(void))(uintptr_t)at)());
	fflush(stdout);
}

static void *map(int prot, int flags, int fd)
{
	void *at = mmap(NULL, 4096, prot, flags, fd, 0);

	if (at != MAP_FAILED && prot & PROT_WRITE)
		memcpy(at, code, sizeof(code));
	return at;
}

static void *change(int prot)
{
	void *at = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	return mprotect(at, 4096, prot) ? MAP_FAILED : at;
}

static void *twin(void)
{
	char name[] = "/tmp/wx.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || unlink(name) || ftruncate(fd, 4096))
		return MAP_FAILED;
	map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	return map(PROT_READ | PROT_EXEC, MAP_SHARED, fd);
}

int main(int argc, char **argv)
{
	uint8_t here[sizeof(code)];

	(void)argv;
	say("mmap", map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1));
	say("mprotect", change(PROT_READ | PROT_WRITE | PROT_EXEC));
	say("twin", twin());
	say("one after the other", change(PROT_READ | PROT_EXEC));
	memcpy(here, code, sizeof(code));
	__asm__ volatile("" ::"r"(here) : "memory");
	if (argc > 1)
		say("stack", here);
	return 0;
}
