/* SPDX-License-Identifier: BSD-2-Clause */
/* Files: streams, offsets, directories, links, times, errors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static void streams(void)
{
	FILE *file = fopen("stream", "w+");
	char line[64];
	int lines = 0, number, sum = 0;

	for (int i = 0; i < 5000; i++)
		fprintf(file, "line %d\n", i);
	printf("at %ld\n", ftell(file));
	rewind(file);
	while (fgets(line, sizeof(line), file))
		lines += sscanf(line, "line %d", &number) == 1 && (sum += number) >= 0;
	printf("%d lines, sum %d, end %d\n", lines, sum, feof(file) != 0);
	fclose(file);
}

static void offsets(void)
{
	int fd = open("offsets", O_RDWR | O_CREAT | O_TRUNC, 0640);
	char text[16] = "";
	struct iovec parts[] = {{"scat", 4}, {"tered", 5}};
	struct stat info;
	char *map;

	printf("wrote %zd at %ld\n", writev(fd, parts, 2), (long)lseek(fd, 0, SEEK_CUR));
	printf("pread %zd %s\n", pread(fd, text, 5, 2), text);
	printf("pwrite %zd\n", pwrite(fd, "end", 3, 100000));
	fstat(fd, &info);
	printf("size %ld, mode %o, links %lu\n", (long)info.st_size, info.st_mode & 07777,
	       (unsigned long)info.st_nlink);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	map[0] = 'S';
	printf("mapped %.9s, in the file %zd %c\n", map, pread(fd, text, 1, 0), text[0]);
	printf("truncated %d, hole %zd\n", ftruncate(fd, 50), pread(fd, text, 10, 45));
	close(fd);
	printf("closed: %zd %s\n", read(fd, text, 1), strerror(errno));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void directories(void)
{
	struct dirent **entries;
	int count;

	printf("mkdir %d, again %d %s\n", mkdir("dir", 0755), mkdir("dir", 0755), strerror(errno));
	symlink("stream", "dir/symbolic");
	link("stream", "dir/hard");
	rename("offsets", "dir/renamed");
	count = scandir("dir", &entries, NULL, by_name);
	for (int i = 0; i < count; i++)
		printf("%s%s", entries[i]->d_name, i + 1 < count ? " " : "\n");
	printf("rmdir %d %s\n", rmdir("dir"), strerror(errno));
	printf("open %d %s\n", open("dir/nothing", O_RDONLY), strerror(errno));
	printf("loop %d", symlink("loop", "loop"));
	printf(" %d %s\n", open("loop", O_RDONLY), strerror(errno));
}

int main(void)
{
	struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 2000}}, now, later;
	struct stat info;
	char name[] = "/tmp/files-XXXXXX", where[64];

	if (!mkdtemp(name) || chdir(name))
		return 1;
	printf("in %d\n", getcwd(where, sizeof(where)) == where && strcmp(where, name) == 0);
	streams();
	offsets();
	directories();
	utimensat(AT_FDCWD, "stream", times, 0);
	stat("stream", &info);
	printf("times %ld %ld\n", (long)info.st_atime, (long)info.st_mtime);
	clock_gettime(CLOCK_MONOTONIC, &now);
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	clock_gettime(CLOCK_MONOTONIC, &later);
	printf("slept %d\n",
	       (later.tv_sec - now.tv_sec) * 1000000000L + later.tv_nsec - now.tv_nsec >=
		       20000000L);
	return 0;
}
