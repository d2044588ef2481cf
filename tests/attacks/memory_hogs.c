/* SPDX-License-Identifier: BSD-2-Clause */
/* A user who takes all memory there is, in one way after the other, pays for it alone. */
#include "attack.h"

#define FLAGS (MAP_ANONYMOUS | MAP_NORESERVE)

static void touch(int flags)
{
	for (;;) {
		char *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, flags, -1, 0);

		if (at == MAP_FAILED)
			_exit(0);
		memset(at, 1, 1 << 20);
	}
}

static void unpromised(void)
{
	touch(MAP_PRIVATE | FLAGS);
}

static void promised(void)
{
	touch(MAP_PRIVATE | MAP_ANONYMOUS);
}

static void shared(void)
{
	touch(MAP_SHARED | MAP_ANONYMOUS);
}

/* Nothing but tables: one page of zeros in each. */
static void tables(void)
{
	const size_t len = 1ul << 46;
	volatile char *at = mmap(NULL, len, PROT_READ, MAP_PRIVATE | FLAGS, -1, 0);

	for (size_t i = 0; i < len; i += 2 << 20)
		(void)at[i];
}

static void pipes(void)
{
	static char bytes[65536];
	struct rlimit many = {1 << 20, 1 << 20};
	int ends[2];

	setrlimit(RLIMIT_NOFILE, &many);
	while (pipe2(ends, O_NONBLOCK) == 0)
		if (write(ends[1], bytes, sizeof(bytes)) < 0)
			break;
	/* What fails is a call; the next fault is what looks for a victim. */
	touch(MAP_PRIVATE | MAP_ANONYMOUS);
}

static void links(void)
{
	char name[256];
	int i;

	CHECK(mkdir("/tmp/links", 0700) == 0 && chdir("/tmp/links") == 0);
	close(open("file", O_CREAT | O_WRONLY, 0600));
	for (i = 0; snprintf(name, sizeof(name), "%0250d", i) && link("file", name) == 0; i++)
		;
	CHECK(errno == ENOSPC);
	while (i-- > 0) {
		snprintf(name, sizeof(name), "%0250d", i);
		CHECK(unlink(name) == 0);
	}
	CHECK(unlink("file") == 0 && rmdir("/tmp/links") == 0);
}

static void symlinks(void)
{
	char name[256], target[4000];
	int i;

	memset(target, 'a', sizeof(target) - 1);
	target[sizeof(target) - 1] = 0;
	CHECK(mkdir("/tmp/symlinks", 0700) == 0 && chdir("/tmp/symlinks") == 0);
	for (i = 0; snprintf(name, sizeof(name), "%0250d", i) && symlink(target, name) == 0; i++)
		;
	CHECK(errno == ENOSPC);
	while (i-- > 0) {
		snprintf(name, sizeof(name), "%0250d", i);
		CHECK(unlink(name) == 0);
	}
	CHECK(rmdir("/tmp/symlinks") == 0);
}

static void (*const hogs[])(void) = {unpromised, promised, shared, tables, pipes, links, symlinks};

/* Somebody else with some memory of his own. */
static pid_t bystander(uid_t user)
{
	pid_t child = fork();

	if (child == 0) {
		memset(malloc(4 << 20), 1, 4 << 20);
		CHECK(setuid(user) == 0);
		pause();
	}
	return child;
}

int main(void)
{
	pid_t root = bystander(0), other = bystander(2000);

	for (size_t i = 0; i < sizeof(hogs) / sizeof(hogs[0]); i++) {
		struct sysinfo before, after;
		pid_t hog = (sysinfo(&before), fork());

		if (hog == 0) {
			CHECK(setgid(1000) == 0 && setuid(1000) == 0);
			hogs[i]();
			_exit(0);
		}
		int status = wait_status(hog);
		if (status != 0 && status != SIGKILL)
			printf("hog %zu: status %x\n", i, status);
		sysinfo(&after);
		if (before.freeram > after.freeram + (12 << 20))
			printf("hog %zu: %lu MiB are lost\n", i,
			       (before.freeram - after.freeram) >> 20);
		CHECK(waitpid(root, NULL, WNOHANG) == 0 && waitpid(other, NULL, WNOHANG) == 0);
	}
	kill(root, SIGKILL);
	kill(other, SIGKILL);
	puts("ok");
	return 0;
}
