/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and nameless files: links, renames of every kind, O_TMPFILE, copies, times, old calls. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

static int rule;

static void say(const char *what, long result)
{
	printf("%d %s: %ld %s\n", ++rule, what, result, result < 0 ? strerror(errno) : "");
}

static void file(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	write(fd, text, strlen(text));
	close(fd);
}

static void content(const char *what, const char *name)
{
	char text[32] = "";
	int fd = open(name, O_RDONLY);
	struct stat info = {};

	fstat(fd, &info);
	read(fd, text, 31);
	printf("%d %s: %s, links %lu\n", ++rule, what, fd < 0 ? strerror(errno) : text,
	       (unsigned long)info.st_nlink);
	close(fd);
}

static long links_of(const char *name)
{
	struct stat info;

	return lstat(name, &info) ? -1 : (long)info.st_nlink;
}

static void hard_links(void)
{
	file("a", "first");
	say("link", link("a", "b"));
	content("both names", "b");
	say("link onto a name", link("a", "b"));
	say("unlink one", unlink("a"));
	content("the other stays", "b");
	mkdir("d", 0755);
	say("link of a directory", link("d", "e"));
	say("link of nothing", link("none", "e"));
	symlink("b", "s");
	say("link of a link", link("s", "t"));
	say("is a link", readlink("t", (char[8]){}, 8));
	say("followed", linkat(AT_FDCWD, "s", AT_FDCWD, "u", AT_SYMLINK_FOLLOW));
	content("is the file", "u");
	say("wrong flag", linkat(AT_FDCWD, "s", AT_FDCWD, "v", 1));
	say("with a slash", link("b", "w/"));
	say("dangling", link("b", "d/x/y"));
	unlink("s"), unlink("t"), unlink("u"), unlink("b");
}

static long swap(const char *a, const char *b, unsigned flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
}

static void renames(void)
{
	file("a", "a");
	file("b", "b");
	mkdir("d/sub", 0755);
	file("d/sub/f", "f");
	say("no replacing", swap("a", "b", 1));
	say("exchange", swap("a", "b", 2));
	content("a is", "a");
	content("b is", "b");
	say("both flags", swap("a", "b", 3));
	say("unknown flag", swap("a", "b", 8));
	say("exchange with nothing", swap("a", "none", 2));
	say("nothing with something", swap("none", "a", 2));
	say("file and directory", swap("a", "d/sub", 2));
	content("inside the directory now", "a/f");
	say("links of d", links_of("d"));
	say("links of .", links_of("."));
	say("back", swap("d/sub", "a", 2));
	say("links of d", links_of("d"));
	say("a directory and its own child", swap("d", "d/sub", 2));
	say("child first", swap("d/sub", "d", 2));
	say("with itself", swap("a", "a", 2));
	say("directory onto file", rename("d", "a"));
	say("file onto directory", rename("a", "d"));
	say("into itself", rename("d", "d/sub/x"));
	say("onto a full directory", rename("d/sub", "d"));
	mkdir("e", 0755);
	say("onto an empty one", rename("d/sub", "e"));
	content("moved along", "e/f");
	say("links of d", links_of("d"));
	say("to a long name and back",
	    rename("a", "a-name-that-is-longer-than-fits-into-the-entry"));
	say("exchange of long and short",
	    swap("a-name-that-is-longer-than-fits-into-the-entry", "b", 2));
	content("long is", "a-name-that-is-longer-than-fits-into-the-entry");
	content("short is", "b");
	say("dot", rename(".", "x"));
	say("dot dot", rename("d", "d/.."));
	say("a file with a slash", rename("b", "x/"));
	say("two names of one file", link("b", "c") + rename("b", "c"));
	say("stay both", links_of("b"));
	unlink("b"), unlink("c"), unlink("a-name-that-is-longer-than-fits-into-the-entry");
	unlink("e/f"), rmdir("e"), rmdir("d");
}

static void nameless(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	char path[64];
	struct stat info;

	say("made", fd < 0 ? -1 : 0);
	say("written", write(fd, "hidden", 6));
	fstat(fd, &info);
	printf("%d links %lu mode %o\n", ++rule, (unsigned long)info.st_nlink, info.st_mode);
	printf("%d flags %o\n", ++rule, fcntl(fd, F_GETFL));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	say("given a name", linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	content("which is", "named");
	say("and another", linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
	content("which is too", "again");
	unlink("named"), unlink("again");
	say("not once more", linkat(fd, "", AT_FDCWD, "third", AT_EMPTY_PATH));
	close(fd);
	fd = open(".", O_TMPFILE | O_WRONLY | O_EXCL, 0600);
	say("never to be named", linkat(fd, "", AT_FDCWD, "x", AT_EMPTY_PATH));
	close(fd);
	say("reading only", open(".", O_TMPFILE | O_RDONLY, 0600));
	say("in a file", (file("f", ""), open("f", O_TMPFILE | O_RDWR, 0600)));
	say("in nothing", open("none", O_TMPFILE | O_RDWR, 0600));
	unlink("f");
}

static void copies(void)
{
	int in, out;
	off_t from = 2, to = 5;
	char text[32] = "";

	file("in", "0123456789");
	in = open("in", O_RDONLY);
	out = open("out", O_CREAT | O_RDWR | O_TRUNC, 0600);
	say("copy", copy_file_range(in, NULL, out, NULL, 4, 0));
	say("more", copy_file_range(in, NULL, out, NULL, 100, 0));
	say("at the end", copy_file_range(in, NULL, out, NULL, 100, 0));
	say("with places", copy_file_range(in, &from, out, &to, 3, 0));
	printf("%d %ld %ld\n", ++rule, (long)from, (long)to);
	say("read", pread(out, text, 31, 0));
	printf("%d %s\n", ++rule, text);
	say("flags", copy_file_range(in, NULL, out, NULL, 1, 1));
	say("into a reader", copy_file_range(out, NULL, in, NULL, 1, 0));
	from = 0, to = 2;
	say("overlapping", copy_file_range(out, &from, out, &to, 5, 0));
	to = 5;
	say("side by side", copy_file_range(out, &from, out, &to, 5, 0));
	say("a directory", copy_file_range(open(".", O_RDONLY), NULL, out, NULL, 1, 0));
	say("no descriptor", copy_file_range(-1, NULL, out, NULL, 1, 0));
	close(in);
	close(out);
	unlink("in"), unlink("out");
}

static void vectors(void)
{
	int fd = open("v", O_CREAT | O_RDWR | O_TRUNC, 0600), pipes[2];
	struct iovec parts[] = {{"one", 3}, {"two", 3}};
	char a[4] = "", b[4] = "";
	struct iovec to[] = {{a, 3}, {b, 3}};

	say("pwritev", pwritev(fd, parts, 2, 4));
	say("position", lseek(fd, 0, SEEK_CUR));
	say("preadv", preadv(fd, to, 2, 4));
	printf("%d %s %s\n", ++rule, a, b);
	say("negative", preadv(fd, to, 2, -5));
	say("preadv2 at the position", syscall(SYS_preadv2, fd, to, 1, -1L, 0L, 0));
	say("position", lseek(fd, 0, SEEK_CUR));
	say("pwritev2 synchronous", syscall(SYS_pwritev2, fd, parts, 1, 0L, 0L, 4 /* RWF_SYNC */));
	say("unknown flag", syscall(SYS_preadv2, fd, to, 1, 0L, 0L, 0x1000));
	say("too many", preadv(fd, to, 1025, 0));
	pipe(pipes);
	say("of a pipe", preadv(pipes[0], to, 1, 0));
	close(fd);
	unlink("v");
}

static void times(void)
{
	struct utimbuf seconds = {1000, 2000};
	struct timeval micro[] = {{3000, 5}, {4000, 6}}, wrong[] = {{0, 1000000}, {0, 0}};
	struct stat info;
	int fd;

	file("t", "");
	say("utime", utime("t", &seconds));
	stat("t", &info);
	printf("%d %ld %ld\n", ++rule, (long)info.st_atime, (long)info.st_mtime);
	say("utimes", syscall(SYS_utimes, "t", micro));
	stat("t", &info);
	printf("%d %ld.%ld %ld.%ld\n", ++rule, (long)info.st_atime, info.st_atim.tv_nsec,
	       (long)info.st_mtime, info.st_mtim.tv_nsec);
	say("wrong microseconds", syscall(SYS_utimes, "t", wrong));
	say("futimesat", syscall(SYS_futimesat, AT_FDCWD, "t", micro));
	fd = open("t", O_RDONLY);
	say("without a name", syscall(SYS_futimesat, fd, NULL, micro));
	say("now", utime("t", NULL));
	say("nothing", utime("none", NULL));
	say("readahead", readahead(fd, 0, 100));
	say("readahead of a directory", readahead(open(".", O_RDONLY), 0, 1));
	say("sync_file_range", sync_file_range(fd, 0, 0, 7));
	say("wrong flags", sync_file_range(fd, 0, 0, 8));
	say("negative", sync_file_range(fd, -1, 0, 0));
	close(fd);
	unlink("t");
}

/* struct linux_dirent of before 2.4: the type in the last byte. */
static void old_directory(void)
{
	char buffer[1024];
	int fd, found = 0;
	long bytes;

	mkdir("o", 0755);
	file("o/one", "");
	mkdir("o/two", 0755);
	fd = open("o", O_RDONLY);
	bytes = syscall(SYS_getdents, fd, buffer, sizeof(buffer));
	for (long at = 0; at < bytes;) {
		unsigned short size = *(unsigned short *)(buffer + at + 16);
		const char *name = buffer + at + 18;

		if (!strcmp(name, "one"))
			found += buffer[at + size - 1] == 8;
		if (!strcmp(name, "two"))
			found += buffer[at + size - 1] == 4;
		if (*name == '.')
			found += 10;
		at += size;
	}
	printf("%d %ld bytes, found %d\n", ++rule, bytes, found);
	say("too small", syscall(SYS_getdents, open("o", O_RDONLY), buffer, 8));
	close(fd);
	unlink("o/one"), rmdir("o/two"), rmdir("o");
}

static void programs(void)
{
	char *arguments[] = {"true", NULL}, *none[] = {NULL};
	int status, fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (!fork()) {
		arguments[0] = "again";
		syscall(SYS_execveat, fd, "", arguments, none, AT_EMPTY_PATH);
		_exit(errno);
	}
	wait(&status);
	say("by its descriptor", WEXITSTATUS(status));
	say("unknown flag", syscall(SYS_execveat, fd, "", arguments, none, 1));
	say("empty without the flag", syscall(SYS_execveat, fd, "", arguments, none, 0));
	say("a directory", syscall(SYS_execveat, AT_FDCWD, ".", arguments, none, 0));
	symlink("/proc/self/exe", "l");
	say("not through a link",
	    syscall(SYS_execveat, AT_FDCWD, "l", arguments, none, AT_SYMLINK_NOFOLLOW));
	unlink("l");
	close(fd);
}

int main(int argc, char **argv)
{
	char folder[64];

	if (!strcmp(argv[0], "again"))
		return 42;
	setvbuf(stdout, NULL, _IONBF, 0);
	umask(022);
	/* Where both have a tmpfs. */
	snprintf(folder, sizeof(folder), "/dev/shm/links.%d", getpid());
	mkdir(folder, 0755);
	chdir(folder);
	hard_links();
	renames();
	nameless();
	copies();
	vectors();
	times();
	old_directory();
	programs();
	chdir("/");
	say("all gone", rmdir(folder));
	return 0;
}
