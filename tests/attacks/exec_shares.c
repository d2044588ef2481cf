/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that exec starts shares nothing with those who knew the one before it. */
#include "attack.h"

#define SET_ID "/tmp/set-id"

static void copy_self(const char *to, mode_t mode)
{
	int in = open("/proc/self/exe", O_RDONLY),
	    out = open(to, O_CREAT | O_WRONLY | O_TRUNC, 0700);
	char buffer[4096];
	ssize_t got;

	while ((got = read(in, buffer, sizeof(buffer))) > 0)
		CHECK(write(out, buffer, (size_t)got) == got);
	CHECK(fchmod(out, mode) == 0);
	close(in);
	close(out);
}

/* Run by exec: says what it is. */
static int role(const char *name)
{
	if (!strcmp(name, "euid"))
		return (int)(geteuid() != 0);
	if (!strcmp(name, "sleep"))
		return pause();
	return open("/dev/null", O_RDONLY) < 0;
}

static int run(unsigned long flags, const char *path, const char *name)
{
	long child = clone_like_fork(flags | SIGCHLD, 0);

	if (child == 0) {
		execl(path, path, name, NULL);
		_exit(9);
	}
	return wait_status((pid_t)child);
}

static void files(void)
{
	int mine = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	CHECK(run(CLONE_FILES, "/proc/self/exe", "open") == 0);
	CHECK(fcntl(mine, F_GETFD) == FD_CLOEXEC);
	CHECK(FAILS(fcntl(mine + 1, F_GETFD), EBADF));
	/* What fails shares on. */
	CHECK(run(CLONE_FILES, "/no/such/program", "") == 9 << 8);
	CHECK(fcntl(mine, F_GETFD) == FD_CLOEXEC);
	close(mine);
}

static void ids(void)
{
	copy_self(SET_ID, 04755);
	if (fork() == 0) {
		CHECK(setgid(1000) == 0 && setuid(1000) == 0);
		CHECK(run(0, SET_ID, "euid") == 0);
		CHECK(run(CLONE_FILES, SET_ID, "euid") == 0);
		CHECK(run(CLONE_FS, SET_ID, "euid") == 1 << 8);
		_exit(0);
	}
	int status;
	CHECK(wait(&status) > 0 && status == 0);
}

/* Naming a file is not opening it. */
static void places(void)
{
	int place = open("/tmp", O_PATH);

	CHECK(FAILS(fchmod(place, 0777), EBADF) && FAILS(fchown(place, 0, 0), EBADF));
	close(place);
}

static bool readable(pid_t pid, const char *file)
{
	char name[64], byte;
	int fd;
	bool got;

	snprintf(name, sizeof(name), "/proc/%d/%s", pid, file);
	fd = open(name, O_RDONLY);
	got = fd >= 0 && read(fd, &byte, 1) == 1;
	close(fd);
	return got;
}

static pid_t start(const char *path)
{
	pid_t child = fork();

	if (child == 0) {
		execl(path, path, "sleep", NULL);
		_exit(9);
	}
	return child;
}

/* A set-id program of the same user's calling stays closed to that user, also by limits. */
static void inside(void)
{
	struct rlimit limit = {1, 1};

	if (fork() == 0) {
		CHECK(setgid(1000) == 0 && setuid(1000) == 0);
		CHECK(!readable(getppid(), "environ"));
		pid_t plain = start("/proc/self/exe"), set_id = start(SET_ID);
		usleep(200000);
		CHECK(readable(plain, "maps"));
		CHECK(!readable(set_id, "environ") && !readable(set_id, "maps"));
		CHECK(prlimit(plain, RLIMIT_FSIZE, &limit, NULL) == 0);
		CHECK(FAILS(prlimit(set_id, RLIMIT_FSIZE, &limit, NULL), EPERM));
		kill(plain, SIGKILL);
		kill(set_id, SIGKILL);
		_exit(0);
	}
	int status;
	CHECK(wait(&status) > 0 && status == 0);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return role(argv[1]);
	files();
	ids();
	inside();
	places();
	unlink(SET_ID);
	puts("ok");
	return 0;
}
