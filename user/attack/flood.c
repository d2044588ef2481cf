/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, paths and files without end; and whatever makes the kernel write, again and again. */
#include <dirent.h>
#include <sys/prctl.h>

#include "user/attack/attack.h"

#define TIMES  2000
#define FOLDER "/tmp/attack"

static void own_folder(void)
{
	char path[64];

	snprintf(path, sizeof(path), FOLDER "-%d", getpid());
	if (mkdir(path, 0700) || chdir(path))
		saw_answer(-1);
}

static void leave_folder(void)
{
	char path[64];

	snprintf(path, sizeof(path), FOLDER "-%d", getpid());
	if (chdir("/") || rmdir(path))
		saw("the folder cannot be removed: %s", errno_name(errno));
}

static void long_name(void)
{
	char name[300];

	memset(name, 'n', 256);
	name[256] = 0;
	saw_answer(mkdir(name, 0700));
}

static void long_path(void)
{
	static char path[5000];

	memset(path, '/', 4096);
	saw_answer(open(path, O_RDONLY));
}

/* Deeper than a path can say, and out again. */
static void deep_tree(void)
{
	static char name[251];
	static char path[8192];
	int depth = 0, error;

	memset(name, 'd', 250);
	own_folder();
	while (depth < 40 && mkdir(name, 0700) == 0 && chdir(name) == 0)
		depth++;
	error = getcwd(path, 4096) ? 0 : errno;
	for (int i = 0; i < depth; i++)
		if (chdir("..") || rmdir(name))
			saw("cannot come out at %d: %s", i, errno_name(errno));
	leave_folder();
	saw("40 deep: %s", error ? errno_name(error) : depth == 40 ? "has a path" : "refused");
}

static void symlink_loop(void)
{
	own_folder();
	if (symlink("b", "a") || symlink("a", "b"))
		saw_answer(-1);
	int fd = open("a", O_RDONLY), error = errno;

	unlink("a");
	unlink("b");
	leave_folder();
	errno = error;
	saw_answer(fd);
}

/* One file after the other: the file system ends before the memory. */
static void inodes(void)
{
	char name[32];
	int made = 0, error;

	own_folder();
	do
		snprintf(name, sizeof(name), "%d", made);
	while (mknod(name, S_IFREG | 0600, 0) == 0 && ++made);
	error = errno;
	while (made--) {
		snprintf(name, sizeof(name), "%d", made);
		unlink(name);
	}
	leave_folder();
	errno = error;
	saw_answer(-1);
}

static void disk_space(void)
{
	static char bytes[1 << 20];
	int fd = open(FOLDER "-big", O_CREAT | O_WRONLY | O_EXCL, 0600), error;

	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	error = errno;
	close(fd);
	unlink(FOLDER "-big");
	errno = error;
	saw_answer(-1);
}

static void file_size(void)
{
	struct rlimit limit = {4096, 4096};
	int fd = open(FOLDER "-small", O_CREAT | O_WRONLY | O_EXCL, 0600);

	unlink(FOLDER "-small");
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	saw_answer(pwrite(fd, "x", 1, 1L << 40));
}

/* What the log says of each refusal must not be a way to write the log full. */
static void log_of_mappings(void)
{
	size_t refused = 0;

	for (int i = 0; i < TIMES; i++) {
		prctl(PR_SET_NAME, i & 1 ? "odd" : "even");
		refused += mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
	}
	saw_count(refused, TIMES, "EACCES");
}

static void log_of_calls(void)
{
	size_t refused = 0;

	for (int i = 0; i < TIMES; i++)
		refused += syscall(SYS_vmsplice, -1, 0, 0, 0) == -1 && syscall(1000 + i) == -1;
	saw_count(refused, TIMES, "ENOSYS");
}

static void crash(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGILL, SIG_DFL);
		__asm__ volatile("ud2");
	}
	status_of(pid);
}

static void log_of_faults(void)
{
	for (int i = 0; i < 200; i++)
		crash();
	saw("200 crashed");
}

static void audit(void)
{
	size_t refused = 0;

	for (int i = 0; i < TIMES; i++)
		refused += open("/etc/shadow", O_RDONLY) == -1 && kill(1, SIGKILL) == -1;
	saw_count(refused, TIMES, "refused");
}

static void births_and_deaths(void)
{
	size_t ended = 0;

	for (int i = 0; i < 500; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(7);
		ended += status_of(pid) == 7 << 8;
	}
	saw_count(ended, 500, "ended");
}

#define ROW(what, function, expect, by)                          \
	{                                                        \
		"flood/" what, function, expect, by, NULL, false \
	}
#define OURS(what, function, expect, by)                        \
	{                                                       \
		"flood/" what, function, expect, by, "*", false \
	}

const struct attack flood_attacks[] = {
	ROW("long_name", long_name, "ENAMETOOLONG", "255 bytes"),
	ROW("long_path", long_path, "ENAMETOOLONG", "4096 bytes"),
	ROW("deep_tree", deep_tree, "40 deep: E*", "4096 bytes"),
	ROW("symlink_loop", symlink_loop, "ELOOP", "40 links"),
	OURS("inodes", inodes, "ENOSPC", "tmpfs quota"),
	OURS("disk_space", disk_space, "ENOSPC", "tmpfs quota"),
	ROW("file_size", file_size, "EFBIG", "RLIMIT_FSIZE"),
	OURS("log_of_mappings", log_of_mappings, "2000 of 2000 EACCES", "some lines a second"),
	OURS("log_of_calls", log_of_calls, "2000 of 2000 ENOSYS", "a line for each number, once"),
	ROW("log_of_faults", log_of_faults, "200 crashed", "some lines a second"),
	ROW("audit", audit, "2000 of 2000 refused", "bounded ring, lost ones counted"),
	ROW("births_and_deaths", births_and_deaths, "500 of 500 ended", "nothing left of the dead"),
	ATTACKS_END,
};
