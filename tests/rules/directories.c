/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories: what their entries say, reading while they change, counts, nodes and modes. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "rules.h"

static char long_name[300];

static void make_tree(void)
{
	mkdir("d", 0755);
	mkdir("d/sub", 0755);
	make_file("f", "text");
	make_file("d/inner", "text");
}

static void say_links(const char *name)
{
	struct stat info = {0};

	stat(name, &info);
	say("%s:%lu", name, (unsigned long)info.st_nlink);
}

RULE(link_counts)
{
	struct stat info;

	make_tree();
	link("f", "g");
	say_links("f");
	say_links("d");
	mkdir("d/more", 0755);
	say_links("d");
	rename("d/more", "more");
	say_links("d");
	int fd = open("f", O_RDONLY);
	unlink("f");
	unlink("g");
	fstat(fd, &info);
	say("unlinked:%lu", (unsigned long)info.st_nlink);
	fd = open("more", O_RDONLY);
	rmdir("more");
	fstat(fd, &info);
	say("removed:%lu", (unsigned long)info.st_nlink);
}

RULE(a_removed_directory)
{
	make_tree();
	chdir("d/sub");
	ask("rmdir", rmdir("../sub"));
	ask("create", open_and_close("x", O_CREAT | O_WRONLY));
	ask("mkdir", mkdir("x", 0755));
	ask("getcwd", syscall(SYS_getcwd, long_name, sizeof(long_name)));
	ask("dot", access(".", F_OK));
	ask("parent", access("../inner", F_OK));
	ask("list", syscall(SYS_getdents64, open(".", O_RDONLY), long_name, sizeof(long_name)));
}

RULE(directory_descriptors)
{
	make_tree();
	int dir = open("d", O_RDONLY), file = open("f", O_RDONLY);
	ask("relative", faccessat(dir, "inner", F_OK, 0));
	ask("absolute", faccessat(-5, "/tmp", F_OK, 0));
	ask("bad", faccessat(-5, "inner", F_OK, 0));
	ask("file", faccessat(file, "inner", F_OK, 0));
	ask("fchdir file", fchdir(file));
	ask("fchdir", fchdir(dir));
	ask("inner", access("inner", F_OK));
	struct stat info;
	ask("empty", fstatat(dir, "", &info, 0));
	ask("AT_EMPTY_PATH", fstatat(file, "", &info, AT_EMPTY_PATH));
	say("size=%ld", (long)info.st_size);
	ask("flags", syscall(SYS_newfstatat, dir, "inner", &info, 0x40000));
	ask("unlinkat", unlinkat(dir, "sub", AT_REMOVEDIR));
	ask("unlinkat flags", unlinkat(dir, "inner", 1));
}

RULE(umask_of_everything)
{
	struct stat info;

	umask(0137);
	mkdir("d", 0777);
	mkfifo("p", 0666);
	close(open("f", O_CREAT | O_WRONLY, 0666));
	mknod("n", S_IFREG | 0666, 0);
	for (const char *name = "d\0p\0f\0n\0"; *name; name += 2) {
		stat(name, &info);
		say("%s=%o", name, info.st_mode & 07777);
	}
	say("old=%o", umask(07777));
	say("kept=%o", umask(0));
}

RULE(nodes)
{
	struct stat info;

	ask("file", mknod("f", S_IFREG | 0600, 0));
	ask("zero", mknod("z", 0600, 0));
	ask("device", mknod("c", S_IFCHR | 0600, 0x103));
	stat("c", &info);
	say("rdev=%lx char=%d", (unsigned long)info.st_rdev, S_ISCHR(info.st_mode));
	ask("write", write(open("c", O_WRONLY), "x", 1));
	ask("socket", mknod("s", S_IFSOCK | 0600, 0));
	ask("open socket", open("s", O_RDONLY));
	ask("directory", mknod("d", S_IFDIR | 0700, 0));
	ask("link", mknod("l", S_IFLNK | 0700, 0));
	ask("exists", mknod("f", S_IFREG | 0600, 0));
	ask("no driver", mknod("q", S_IFCHR | 0600, 0xfa77) ? -1 : open("q", O_RDONLY));
}

static int entries(DIR *dir)
{
	int count = 0;

	while (readdir(dir))
		count++;
	return count;
}

static void make_many(int count)
{
	char name[16];

	mkdir("many", 0755);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "many/%d", i);
		make_file(name, "");
	}
}

RULE(reading_directories)
{
	DIR *dir;
	long where;

	make_many(200);
	dir = opendir("many");
	for (int i = 0; i < 50; i++)
		readdir(dir);
	where = telldir(dir);
	say("rest=%d", entries(dir));
	seekdir(dir, where);
	say("again=%d", entries(dir));
	rewinddir(dir);
	say("all=%d", entries(dir));
}

RULE(removing_while_reading)
{
	struct dirent *entry;
	DIR *dir;
	int removed = 0;

	make_many(500);
	dir = opendir("many");
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			removed += unlinkat(dirfd(dir), entry->d_name, 0) == 0;
	}
	say("removed=%d", removed);
	ask("rmdir", rmdir("many"));
}

RULE(types_in_directories)
{
	struct dirent *entry;
	int seen[20] = {0};
	DIR *dir;

	make_tree();
	symlink("x", "l");
	mkfifo("p", 0600);
	mknod("c", S_IFCHR, 0x103);
	dir = opendir(".");
	while ((entry = readdir(dir)))
		seen[entry->d_type]++;
	for (int i = 0; i < 20; i++)
		say("%d", seen[i]);
}
