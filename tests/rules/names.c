/* SPDX-License-Identifier: BSD-2-Clause */
/* Path names: what is found, what is made, moved and removed, and every refusal. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "rules.h"

static char long_name[300], long_path[5000];

static void make_tree(void)
{
	mkdir("d", 0755);
	mkdir("d/sub", 0755);
	make_file("f", "text");
	make_file("d/inner", "text");
}

RULE(empty_names)
{
	ask("open", open_and_close("", O_RDONLY));
	ask("stat", access("", F_OK));
	ask("mkdir", mkdir("", 0755));
	ask("unlink", unlink(""));
	ask("rename", rename("", "x"));
	ask("symlink", symlink("", "x"));
	ask("chdir", chdir(""));
}

RULE(a_file_is_no_directory)
{
	make_tree();
	ask("f/", open_and_close("f/", O_RDONLY));
	ask("f/x", open_and_close("f/x", O_RDONLY));
	ask("f/.", access("f/.", F_OK));
	ask("chdir", chdir("f"));
	ask("O_DIRECTORY", open_and_close("f", O_RDONLY | O_DIRECTORY));
	ask("mkdir f/x", mkdir("f/x", 0755));
	ask("unlink f/", unlink("f/"));
	ask("rmdir f", rmdir("f"));
}

RULE(a_directory_is_no_file)
{
	make_tree();
	ask("write", open_and_close("d", O_WRONLY));
	ask("both", open_and_close("d", O_RDWR));
	ask("create", open_and_close("d", O_RDONLY | O_CREAT));
	ask("truncate", truncate("d", 0));
	ask("unlink", unlink("d"));
	ask("rename f d", rename("f", "d"));
	ask("rename d f", rename("d", "f"));
	ask("link", link("d", "e"));
	ask("read", read(open("d", O_RDONLY), long_name, 10));
}

RULE(trailing_slashes)
{
	make_tree();
	ask("open d/", open_and_close("d/", O_RDONLY));
	ask("create new/", open_and_close("new/", O_WRONLY | O_CREAT));
	ask("mkdir new/", mkdir("new/", 0755));
	ask("rename d/ e/", rename("d/", "e/"));
	ask("rename f g/", rename("f", "g/"));
	ask("symlink s/", symlink("f", "s/"));
	ask("link f h/", link("f", "h/"));
	ask("rmdir new/", rmdir("new/"));
	ask("mknod n/", mknod("n/", S_IFREG | 0644, 0));
}

RULE(dots)
{
	make_tree();
	ask("rmdir d/.", rmdir("d/."));
	ask("rmdir d/..", rmdir("d/.."));
	ask("rmdir .", rmdir("."));
	ask("unlink .", unlink("."));
	ask("mkdir .", mkdir(".", 0755));
	ask("mkdir ..", mkdir("..", 0755));
	ask("rename . x", rename(".", "x"));
	ask("rename d d/..", rename("d", "d/.."));
	ask("d/sub/../inner", access("d/sub/../inner", F_OK));
	ask("none/../f", access("none/../f", F_OK));
	ask("f/../f", access("f/../f", F_OK));
	ask("root's parent", access("/../../../tmp", F_OK));
}

RULE(root)
{
	ask("rmdir", rmdir("/"));
	ask("unlink", unlink("/"));
	ask("mkdir", mkdir("/", 0755));
	ask("rename", rename("/", "/x"));
	ask("create", open_and_close("/", O_CREAT | O_WRONLY));
	ask("symlink", symlink("x", "/"));
}

RULE(long_names)
{
	memset(long_name, 'n', 255);
	ask("255", open_and_close(long_name, O_CREAT | O_WRONLY));
	long_name[255] = 'n';
	ask("256", open_and_close(long_name, O_CREAT | O_WRONLY));
	ask("mkdir", mkdir(long_name, 0755));
	ask("stat", access(long_name, F_OK));
	ask("symlink target", symlink(long_name, "l"));
	ask("through it", access("l", F_OK));
}

RULE(long_paths)
{
	for (int i = 0; i < 4094; i += 2)
		memcpy(long_path + i, "./", 2);
	ask("4094", access(long_path, F_OK));
	long_path[4094] = '.';
	ask("4095", access(long_path, F_OK));
	long_path[4095] = '/';
	ask("4096", access(long_path, F_OK));
	ask("symlink", symlink(long_path, "l"));
	ask("chdir", chdir(long_path));
}

static void links_in_a_row(int count)
{
	char name[16], target[16];

	make_file("l0", "");
	for (int i = 1; i <= count; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		symlink(target, name);
	}
}

RULE(forty_links)
{
	links_in_a_row(42);
	ask("39", access("l39", F_OK));
	ask("40", access("l40", F_OK));
	ask("41", access("l41", F_OK));
	symlink("loop", "loop");
	ask("loop", access("loop", F_OK));
	ask("create", open_and_close("loop", O_CREAT | O_WRONLY));
	ask("through", access("loop/x", F_OK));
}

RULE(nofollow)
{
	struct stat info;

	make_tree();
	symlink("f", "l");
	symlink("d", "ld");
	ask("open", open_and_close("l", O_RDONLY | O_NOFOLLOW));
	ask("directory", open_and_close("ld", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
	ask("slash", open_and_close("ld/", O_RDONLY | O_NOFOLLOW));
	ask("inside", open_and_close("ld/inner", O_RDONLY | O_NOFOLLOW));
	int fd = open("l", O_PATH | O_NOFOLLOW);
	ask("fstat", fstat(fd, &info));
	say("link=%d", S_ISLNK(info.st_mode));
	ask("readlink", readlinkat(fd, "", long_name, sizeof(long_name)));
}

RULE(dangling_links)
{
	symlink("target", "l");
	ask("open", open_and_close("l", O_RDONLY));
	ask("exclusive", open_and_close("l", O_RDWR | O_CREAT | O_EXCL));
	ask("create", open_and_close("l", O_RDWR | O_CREAT));
	ask("made", access("target", F_OK));
	unlink("target");
	ask("mkdir", mkdir("l", 0755));
	ask("link", link("l", "hard"));
	struct stat info;
	ask("lstat", lstat("hard", &info));
	say("link=%d", S_ISLNK(info.st_mode));
	ask("chmod", chmod("l", 0600));
	ask("lchown", lchown("l", 5, 6));
}

RULE(reading_links)
{
	make_tree();
	symlink("0123456789", "l");
	memset(long_name, 0, sizeof(long_name));
	ask("all", readlink("l", long_name, 100));
	ask("part", readlink("l", long_name, 4));
	ask("none", syscall(SYS_readlink, "l", long_name, 0));
	ask("file", readlink("f", long_name, 100));
	ask("directory", readlink("d", long_name, 100));
	ask("nothing", readlink("none", long_name, 100));
}

RULE(exclusive_creation)
{
	make_tree();
	ask("new", open_and_close("new", O_CREAT | O_EXCL | O_WRONLY));
	ask("again", open_and_close("new", O_CREAT | O_EXCL | O_WRONLY));
	ask("directory", open_and_close("d", O_CREAT | O_EXCL | O_RDONLY));
	ask("create with directory", open_and_close("q", O_CREAT | O_DIRECTORY | O_RDONLY));
}

RULE(full_directories)
{
	make_tree();
	ask("rmdir", rmdir("d"));
	mkdir("e", 0755);
	ask("rename onto full", rename("e", "d"));
	ask("rename onto empty", rename("d", "e"));
	ask("gone", access("d", F_OK));
	ask("there", access("e/inner", F_OK));
}

RULE(renames)
{
	make_tree();
	link("f", "g");
	ask("itself", rename("f", "f"));
	ask("two links", rename("f", "g"));
	ask("both stay", access("f", F_OK) + access("g", F_OK));
	ask("into itself", rename("d", "d/sub/x"));
	ask("onto itself below", rename("d", "d/sub"));
	ask("parent onto child", rename("d/sub", "d"));
	ask("nothing", rename("none", "x"));
	ask("no folder", rename("f", "none/x"));
	ask("replace", rename("f", "d/inner"));
}

RULE(links)
{
	make_tree();
	ask("link", link("f", "g"));
	ask("exists", link("f", "g"));
	ask("nothing", link("none", "h"));
	ask("into a file", link("f", "g/x"));
	symlink("f", "s");
	ask("follow", linkat(AT_FDCWD, "s", AT_FDCWD, "t", AT_SYMLINK_FOLLOW));
	struct stat info;
	lstat("t", &info);
	say("regular=%d links=%lu", S_ISREG(info.st_mode), (unsigned long)info.st_nlink);
	ask("flags", linkat(AT_FDCWD, "f", AT_FDCWD, "u", 1));
}

RULE(path_descriptors)
{
	make_tree();
	int fd = open("f", O_PATH), dir = open("d", O_PATH);
	ask("read", read(fd, long_name, 1));
	ask("write", write(fd, "x", 1));
	ask("fchmod", syscall(SYS_fchmod, fd, 0600));
	ask("ftruncate", ftruncate(fd, 0));
	ask("lseek", lseek(fd, 0, SEEK_SET));
	ask("getfl", fcntl(fd, F_GETFL) & O_PATH ? 1 : 0);
	ask("dup", close(dup(fd)));
	ask("at", faccessat(dir, "inner", F_OK, 0));
	ask("fchdir", fchdir(dir));
	ask("ioctl", syscall(SYS_ioctl, fd, 0x541b, long_name));
}

RULE(modes_for_root_and_others)
{
	make_tree();
	chmod("f", 0);
	ask("root reads", open_and_close("f", O_RDWR));
	ask("root runs", access("f", X_OK));
	chmod("f", 0001);
	ask("one x bit", access("f", X_OK));
	ask("mode", access("f", 9));
	ask("faccessat2 flags", (int)syscall(439, AT_FDCWD, "f", 0, 0x1000000));
}

RULE(rename_flags)
{
	make_tree();
	ask("noreplace", (int)syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "d", 1));
	ask("exchange", (int)syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "d/sub", 2));
	struct stat info;
	stat("f", &info);
	say("f is a directory=%d", S_ISDIR(info.st_mode));
	ask("exchange nothing", (int)syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "none", 2));
	ask("both", (int)syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "x", 3));
	ask("unknown", (int)syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "x", 8));
}

RULE(temporary_files)
{
	struct stat info;
	char name[64];

	umask(027);
	int fd = open(".", O_TMPFILE | O_RDWR, 0666);
	ask("open", fd < 0 ? -1 : 0);
	fstat(fd, &info);
	say("mode=%o links=%lu", info.st_mode & 07777, (unsigned long)info.st_nlink);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ask("link", linkat(AT_FDCWD, name, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	ask("there", access("named", F_OK));
	ask("read only", open(".", O_TMPFILE | O_RDONLY, 0666));
	ask("file", open("named", O_TMPFILE | O_RDWR, 0666));
}
