/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts: what mount(2) and umount2(2) allow, and what a mount forbids. Run as root. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[64];
static int rule;

static void say(const char *what, long result)
{
	printf("%d %s: %ld %s\n", ++rule, what, result, result < 0 ? strerror(errno) : "");
}

static void touch(const char *name)
{
	close(open(name, O_CREAT | O_WRONLY, 0644));
}

static int exists(const char *name)
{
	struct stat info;

	return !lstat(name, &info);
}

/* The line of /proc/self/mounts about a place below ours, without what differs between machines. */
static void show_line(const char *place)
{
	char line[512], wanted[128], source[64], at[128], type[32], options[256];
	FILE *mounts = fopen("/proc/self/mounts", "r");

	snprintf(wanted, sizeof(wanted), "%s/%s", base, place);
	while (fgets(line, sizeof(line), mounts))
		if (sscanf(line, "%63s %127s %31s %255s", source, at, type, options) == 4 &&
		    !strcmp(at, wanted)) {
			char *extra = strstr(options, ",inode64");

			if (extra)
				memmove(extra, extra + 8, strlen(extra + 8) + 1);
			printf("%d %s: %s %s %s\n", ++rule, place, source, type, options);
		}
	fclose(mounts);
}

static void arguments(void)
{
	say("no type", mount("x", "a", NULL, 0, NULL));
	say("unknown type", mount("x", "a", "nonesuch", 0, NULL));
	say("no place", mount("x", "none", "tmpfs", 0, NULL));
	touch("file");
	say("over a file", mount("x", "file", "tmpfs", 0, NULL));
	say("bad option", mount("x", "a", "tmpfs", 0, "nonesuch=1"));
	say("bad size", mount("x", "a", "tmpfs", 0, "size=many"));
	say("bad mode", mount("x", "a", "tmpfs", 0, "mode=9"));
	say("remount what is no mount", mount("x", "a", NULL, MS_REMOUNT, NULL));
	say("bind nothing", mount("none", "a", NULL, MS_BIND, NULL));
	say("bind without a source", mount(NULL, "a", NULL, MS_BIND, NULL));
	say("directory over a file", mount("a", "file", NULL, MS_BIND, NULL));
	say("file over a directory", mount("file", "a", NULL, MS_BIND, NULL));
	say("move what is no mount", mount("a", "b", NULL, MS_MOVE, NULL));
	say("private what is no mount", mount(NULL, "a", NULL, MS_PRIVATE, NULL));
	say("unmount what is no mount", umount("a"));
	say("unmount nothing", umount("none"));
	say("unknown flag", umount2("a", 0x100));
	say("expire and detach",
	    (mount("x", "a", "tmpfs", 0, NULL), umount2("a", MNT_EXPIRE | MNT_DETACH)));
	say("away", umount("a"));
}

static void options(void)
{
	struct statfs info;
	struct stat root;

	say("small", mount("small", "a", "tmpfs", MS_NOSUID | MS_NODEV,
			   "size=64k,nr_inodes=10,mode=0711,uid=7,gid=8"));
	show_line("a");
	statfs("a", &info);
	printf("%d %lx %ld blocks of %ld, %ld files, flags %lx\n", ++rule, (long)info.f_type,
	       (long)info.f_blocks, (long)info.f_bsize, (long)info.f_files,
	       (long)info.f_flags & 0xff);
	stat("a", &root);
	printf("%d %o %d %d\n", ++rule, root.st_mode, root.st_uid, root.st_gid);
	for (int i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof(name), "a/%d", i);
		if (mknod(name, S_IFREG | 0600, 0)) {
			say("files end", i + (errno == ENOSPC ? 0 : 1000));
			break;
		}
	}
	int fd = open("a/0", O_WRONLY);
	static char block[65536];

	say("bytes end", write(fd, block, 65536) + write(fd, block, 4096));
	say("then", errno);
	say("larger", mount("small", "a", NULL, MS_REMOUNT, "size=128k"));
	say("more bytes", write(fd, block, 4096));
	say("too small for what is there", mount("small", "a", NULL, MS_REMOUNT, "size=4k"));
	close(fd);
	show_line("a");
	say("away", umount("a"));
	say("default", mount(NULL, "a", "tmpfs", MS_NOEXEC | MS_NOATIME | MS_SILENT, NULL));
	stat("a", &root);
	printf("%d %o\n", ++rule, root.st_mode);
	show_line("a");
	say("away", umount("a"));
}

static void busy(void)
{
	int fd;

	mount("x", "a", "tmpfs", 0, NULL);
	touch("a/f");
	fd = open("a/f", O_RDWR);
	say("while open", umount("a"));
	close(fd);
	chdir("a");
	say("while stood in", umount(base[0] ? "../a" : "a"));
	chdir("..");
	mkdir("a/sub", 0755);
	mount("y", "a/sub", "tmpfs", 0, NULL);
	say("while mounted on", umount("a"));
	say("remove the place", rmdir("a/sub"));
	say("rename the place", rename("a/sub", "a/x"));
	say("rename over it", (mkdir("a/y", 0755), rename("a/y", "a/sub")));
	say("across", rename("a/f", "a/sub/f"));
	say("link across", link("a/f", "a/sub/f"));
	fd = open("a/f", O_RDWR);
	say("lazily", umount2("a", MNT_DETACH));
	say("gone", exists("a/f"));
	say("but open", write(fd, "x", 1));
	close(fd);
	mount("x", "a", "tmpfs", 0, NULL);
	say("the same place twice", mount("z", "a", "tmpfs", 0, NULL));
	touch("a/top");
	say("top", exists("a/top"));
	umount("a");
	say("below", exists("a/top"));
	umount("a");
	say("third", umount("a"));
}

static void binds(void)
{
	struct stat one, two;

	mount("x", "a", "tmpfs", 0, NULL);
	mkdir("a/d", 0755);
	touch("a/d/f");
	mkdir("a/d/m", 0755);
	mount("inner", "a/d/m", "tmpfs", 0, NULL);
	touch("a/d/m/inner");
	say("bind", mount("a/d", "b", NULL, MS_BIND, NULL));
	stat("a/d/f", &one);
	stat("b/f", &two);
	say("the same file", one.st_ino == two.st_ino && one.st_dev == two.st_dev);
	say("not what is mounted in it", exists("b/m/inner"));
	stat("b/..", &one);
	stat(".", &two);
	say("and up is here", one.st_ino == two.st_ino && one.st_dev == two.st_dev);
	say("rename between the two", rename("a/d/f", "b/g"));
	say("link between the two", link("a/d/f", "b/g"));
	umount("b");
	say("all of it", mount("a/d", "b", NULL, MS_BIND | MS_REC, NULL));
	say("with what is mounted in it", exists("b/m/inner"));
	say("a copy", umount("a/d/m") + !exists("b/m/inner"));
	say("busy by its child", umount("b"));
	say("detach both", umount2("b", MNT_DETACH));
	touch("target");
	say("a file", mount("a/d/f", "target", NULL, MS_BIND, NULL));
	say("cannot be unlinked", unlink("target"));
	say("nor be renamed over", rename("a/d/f", "target"));
	say("until", umount("target") + unlink("target"));
	mount("a", "b", NULL, MS_BIND, NULL);
	say("bind read-only", mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	show_line("b");
	say("here not", open("b/new", O_CREAT | O_WRONLY, 0644));
	say("there yes", exists((touch("a/new"), "a/new")));
	umount("b");
	umount("a");
}

static void moves(void)
{
	mount("x", "a", "tmpfs", 0, NULL);
	touch("a/f");
	mkdir("a/in", 0755);
	say("move", mount("a", "b", NULL, MS_MOVE, NULL));
	say("there", exists("b/f"));
	say("not here", exists("a/f"));
	say("into itself", mount("b", "b/in", NULL, MS_MOVE, NULL));
	say("a directory of it", mount("b/in", "a", NULL, MS_MOVE, NULL));
	say("over a file", mount("b", "file", NULL, MS_MOVE, NULL));
	say("private", mount(NULL, "b", NULL, MS_PRIVATE | MS_REC, NULL));
	symlink("b", "l");
	say("not through a link", umount2("l", UMOUNT_NOFOLLOW));
	say("through a link", umount2("l", 0));
	unlink("l");
}

static void read_only(void)
{
	int fd;

	mount("x", "a", "tmpfs", 0, NULL);
	touch("a/f");
	mkdir("a/d", 0755);
	symlink("f", "a/s");
	mknod("a/null", S_IFCHR | 0666, 0x103);
	mkfifo("a/p", 0666);
	fd = open("a/f", O_RDWR);
	say("while written", mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	close(fd);
	say("then", mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	show_line("a");
	say("create", open("a/n", O_CREAT | O_WRONLY, 0644));
	say("create to read", open("a/n", O_CREAT | O_RDONLY, 0644));
	say("write", open("a/f", O_WRONLY));
	say("truncate while opening", open("a/f", O_RDONLY | O_TRUNC));
	say("read", close(open("a/f", O_RDONLY)));
	say("create what is there", close(open("a/f", O_CREAT | O_RDONLY, 0644)));
	say("exclusively", open("a/f", O_CREAT | O_EXCL | O_RDONLY, 0644));
	say("nameless", open("a", O_TMPFILE | O_RDWR, 0600));
	say("device", close(open("a/null", O_WRONLY)));
	say("fifo", close(open("a/p", O_RDWR)));
	say("truncate", truncate("a/f", 0));
	say("truncate a directory", truncate("a/d", 0));
	say("chmod", chmod("a/f", 0600));
	say("chown", chown("a/f", 1, 1));
	say("times", utimensat(AT_FDCWD, "a/f", NULL, 0));
	say("mkdir", mkdir("a/n", 0755));
	say("mkdir there", mkdir("a/d", 0755));
	say("mknod", mknod("a/n", S_IFREG, 0));
	say("symlink", symlink("x", "a/n"));
	say("symlink there", symlink("x", "a/s"));
	say("link", link("a/f", "a/n"));
	say("unlink", unlink("a/f"));
	say("unlink nothing", unlink("a/none"));
	say("unlink a directory", unlink("a/d"));
	say("rmdir", rmdir("a/d"));
	say("rmdir dot", rmdir("a/d/."));
	say("rename", rename("a/f", "a/g"));
	say("rename nothing", rename("a/none", "a/g"));
	say("access to write", access("a/f", W_OK));
	say("access to a device", access("a/null", W_OK));
	say("access to read", access("a/f", R_OK));
	say("writable again", mount(NULL, "a", NULL, MS_REMOUNT, NULL));
	say("write", close(open("a/f", O_WRONLY)));
	umount("a");
	say("from the start", mount("x", "a", "tmpfs", MS_RDONLY, NULL));
	say("nothing is made", mkdir("a/x", 0755));
	umount("a");
}

static void forbidding(void)
{
	char buffer[65536];
	int in, out, status;
	ssize_t n;

	mount("x", "a", "tmpfs", 0, NULL);
	in = open("/proc/self/exe", O_RDONLY);
	out = open("a/prog", O_CREAT | O_WRONLY, 0755);
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write(out, buffer, n);
	close(in);
	close(out);
	mknod("a/null", S_IFCHR | 0666, 0x103);
	mount(NULL, "a", NULL, MS_REMOUNT | MS_NOEXEC | MS_NODEV | MS_NOSUID, NULL);
	say("device", open("a/null", O_RDWR));
	say("device as a place", close(open("a/null", O_PATH)));
	say("program", execl("a/prog", "again", NULL));
	say("access to run", access("a/prog", X_OK));
	say("access to search", access("a", X_OK));
	in = open("a/prog", O_RDONLY);
	say("map to run",
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, in, 0) == MAP_FAILED ? -1 : 0);
	void *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, in, 0);

	say("map to read", map == MAP_FAILED ? -1 : 0);
	say("and then to run", mprotect(map, 4096, PROT_READ | PROT_EXEC));
	munmap(map, 4096);
	close(in);
	mount(NULL, "a", NULL, MS_REMOUNT | MS_NOSUID, NULL);
	chown("a/prog", 1000, 1000);
	chmod("a/prog", 06755);
	if (!fork()) {
		execl("a/prog", "again", NULL);
		_exit(99);
	}
	wait(&status);
	say("set-id bits give nothing", WEXITSTATUS(status));
	mount(NULL, "a", NULL, MS_REMOUNT, NULL);
	if (!fork()) {
		execl("a/prog", "again", NULL);
		_exit(99);
	}
	wait(&status);
	say("but for this they do", WEXITSTATUS(status));
	umount("a");
}

static void as_a_user(void)
{
	int base_rule = rule, status;

	fflush(stdout);
	if (!fork()) {
		setresgid(1000, 1000, 1000);
		setresuid(1000, 1000, 1000);
		say("a user does not mount", mount("x", "a", "tmpfs", 0, NULL));
		say("nor bind", mount("b", "a", NULL, MS_BIND, NULL));
		say("nor unmount", umount("/proc"));
		say("what is no mount", umount("a"));
		say("what is not there", umount("none"));
		say("nor pivot", syscall(SYS_pivot_root, "a", "a"));
		say("nor chroot", chroot("a"));
		_exit(rule - base_rule);
	}
	wait(&status);
	rule += WEXITSTATUS(status);
}

static void roots(void)
{
	struct stat one, two;
	int base_rule = rule, status;

	say("pivot to what is no mount", syscall(SYS_pivot_root, "a", "a"));
	fflush(stdout);
	if (!fork()) {
		mount("x", "a", "tmpfs", 0, NULL);
		mkdir("a/in", 0755);
		say("chroot", chroot("a"));
		chdir("/");
		stat("/", &one);
		stat("/in/../../..", &two);
		say("no way up", one.st_ino == two.st_ino && one.st_dev == two.st_dev);
		say("nor outside's names", exists("/proc"));
		_exit(rule - base_rule);
	}
	wait(&status);
	rule = base_rule + WEXITSTATUS(status);
	say("away", umount("a"));
}

int main(int argc, char **argv)
{
	if (!strcmp(argv[0], "again"))
		return geteuid() == 1000 ? 1 : 2;
	setvbuf(stdout, NULL, _IONBF, 0);
	/* Linux: a tree of mounts of our own, that nobody else sees. */
	unshare(CLONE_NEWNS);
	mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL);
	umask(022);
	snprintf(base, sizeof(base), "/tmp/mounts.%d", getpid());
	mkdir(base, 0755);
	mount("outer", base, "tmpfs", 0, NULL);
	chdir(base);
	mkdir("a", 0755);
	mkdir("b", 0755);
	arguments();
	options();
	busy();
	binds();
	moves();
	read_only();
	forbidding();
	as_a_user();
	roots();
	chdir("/");
	say("all away", umount(base) + rmdir(base));
	return 0;
}
