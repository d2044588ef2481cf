/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory as files, their seals; memory that is locked. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int rule;

static void say(const char *what, long result)
{
	printf("%d %s: %ld %s\n", ++rule, what, result, result < 0 ? strerror(errno) : "");
}

static void memory_files(void)
{
	char name[300], text[64] = "";
	int fd = memfd_create("some", MFD_CLOEXEC), status;
	struct stat info;
	char *map;

	printf("%d cloexec %d flags %o\n", ++rule, fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	readlink(name, text, 63);
	printf("%d called %s\n", ++rule, text);
	fstat(fd, &info);
	printf("%d mode %o links %lu size %ld\n", ++rule, info.st_mode,
	       (unsigned long)info.st_nlink, (long)info.st_size);
	say("grown", ftruncate(fd, 8192));
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	strcpy(map + 4096, "shared");
	say("read back", pread(fd, text, 7, 4096));
	printf("%d %s\n", ++rule, text);
	if (!fork()) {
		strcpy(map, "child");
		_exit(0);
	}
	wait(&status);
	printf("%d from the %s\n", ++rule, map);
	pwrite(fd, "CHILD", 5, 0);
	printf("%d now the %s\n", ++rule, map);
	say("opened again by its name", open(name, O_RDONLY) < 0 ? -1 : 0);
	say("no seals", fcntl(fd, 1034 /* F_GET_SEALS */) == 1 ? 0 : -2);
	close(fd);
	printf("%d the mapping stays: %s\n", ++rule, map + 4096);
	munmap(map, 8192);
	say("unknown flag", memfd_create("x", 0x1000));
	memset(name, 'n', 249);
	name[249] = 0;
	say("longest name", memfd_create(name, 0) < 0 ? -1 : 0);
	name[249] = 'n';
	name[250] = 0;
	say("too long", memfd_create(name, 0));
}

static void seals(void)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING), reader;
	char path[64], *map, *view;

	ftruncate(fd, 4096);
	say("no seals", fcntl(fd, F_GET_SEALS));
	say("unknown", fcntl(fd, F_ADD_SEALS, 0x100));
	say("size", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	say("shrink", ftruncate(fd, 100));
	say("grow", ftruncate(fd, 8192));
	say("same size", ftruncate(fd, 4096));
	say("write inside", pwrite(fd, "x", 1, 4095));
	say("write over the end", pwrite(fd, "xy", 2, 4095));
	say("allocate beyond", fallocate(fd, 0, 4096, 10));
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	say("write seal while mapped", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(map, 4096);
	view = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	say("while it could be", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(view, 4096);
	say("now", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	say("write", pwrite(fd, "x", 1, 0));
	say("hole", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10));
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	say("map to write", map == MAP_FAILED ? -1 : 0);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	say("a private one", map == MAP_FAILED ? -1 : 0);
	view = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	say("to read", view == MAP_FAILED ? -1 : 0);
	say("and then to write", mprotect(view, 4096, PROT_READ | PROT_WRITE));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reader = open(path, O_RDONLY);
	say("seal by a reader", fcntl(reader, F_ADD_SEALS, F_SEAL_SEAL));
	say("closed", fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	say("for good", fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	say("all", fcntl(reader, F_GET_SEALS));
	say("of a pipe", (pipe((int *)path), fcntl(*(int *)path, F_GET_SEALS)));
	munmap(map, 4096), munmap(view, 4096);
	close(reader), close(fd);
}

static void locked_memory(void)
{
	char *map = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char resident[4];

	munmap(map + 8192, 4096);
	say("lock", mlock(map, 8192));
	mincore(map, 8192, resident);
	printf("%d resident %d %d\n", ++rule, resident[0] & 1, resident[1] & 1);
	say("over a hole", mlock(map, 16384));
	say("nothing", mlock(map, 0));
	say("unlock", munlock(map, 8192));
	say("unlock a hole", munlock(map, 16384));
	say("all", mlockall(MCL_CURRENT));
	say("none", mlockall(0));
	say("unknown", mlockall(64));
	say("on fault alone", mlockall(4));
	say("unlock all", munlockall());
	say("mlock2", mlock2(map, 4096, 1));
	say("mlock2 unknown", mlock2(map, 4096, 2));
	munmap(map, 16384);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	memory_files();
	seals();
	locked_memory();
	return 0;
}
