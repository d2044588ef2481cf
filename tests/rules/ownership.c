/* SPDX-License-Identifier: BSD-2-Clause */
/* Modes, owners and times of files, and what users may do to each other's. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "rules.h"

RULE(times_are_kept)
{
	struct timespec times[2] = {{100, 1}, {200, 2}};
	struct stat before, after;

	make_file("f", "x");
	ask("set", utimensat(AT_FDCWD, "f", times, 0));
	stat("f", &before);
	times[0].tv_nsec = UTIME_OMIT;
	times[1] = (struct timespec){300, 3};
	ask("omit", utimensat(AT_FDCWD, "f", times, 0));
	stat("f", &after);
	say("%ld %ld", (long)after.st_atime, (long)after.st_mtime);
	times[1].tv_nsec = UTIME_NOW;
	ask("now", utimensat(AT_FDCWD, "f", times, 0));
	stat("f", &after);
	say("%d", after.st_mtime > 1000000);
	times[1].tv_nsec = 1000000000;
	ask("wrong", utimensat(AT_FDCWD, "f", times, 0));
	ask("flags", utimensat(AT_FDCWD, "f", NULL, 5));
}

RULE(link_times)
{
	struct timespec times[2] = {{100, 1}, {200, 2}};
	struct stat info;

	make_file("f", "");
	symlink("f", "l");
	ask("nofollow", utimensat(AT_FDCWD, "l", times, AT_SYMLINK_NOFOLLOW));
	lstat("l", &info);
	say("%ld", (long)info.st_mtime);
	stat("f", &info);
	say("file=%d", info.st_mtime == 200);
}

RULE(what_changes_times)
{
	struct timespec old[2] = {{100, 0}, {100, 0}};
	struct stat info;

	make_file("f", "x");
	utimensat(AT_FDCWD, "f", old, 0);
	chmod("f", 0600);
	stat("f", &info);
	say("chmod: m=%d c=%d", info.st_mtime != 100, info.st_ctime != 100);
	int fd = open("f", O_RDWR);
	write(fd, "y", 1);
	stat("f", &info);
	say("write: m=%d", info.st_mtime != 100);
	utimensat(AT_FDCWD, ".", old, 0);
	make_file("g", "");
	stat(".", &info);
	say("create: m=%d", info.st_mtime != 100);
}

RULE(changing_modes)
{
	struct stat info;

	make_file("f", "");
	ask("chmod", chmod("f", 0107777));
	stat("f", &info);
	say("%o", info.st_mode);
	ask("chown", chown("f", 5, 6));
	stat("f", &info);
	say("%o %u %u", info.st_mode, info.st_uid, info.st_gid);
	ask("keep", chown("f", -1, 7));
	stat("f", &info);
	say("%u %u", info.st_uid, info.st_gid);
	ask("fchmodat flags", syscall(SYS_fchmodat, AT_FDCWD, "none", 0600));
	ask("fchownat flags", fchownat(AT_FDCWD, "f", 1, 1, 1));
}

static void user(void)
{
	ask("setuid", setgid(2000) || setuid(2000) ? -1 : 0);
	ask("read", open("secret", O_RDONLY));
	ask("chmod", chmod("secret", 0644));
	ask("chown", chown("secret", 2000, 2000));
	ask("unlink", unlink("secret"));
	ask("create", open("new", O_CREAT | O_WRONLY, 0644));
	ask("private", access("private/x", F_OK));
	ask("utimes", utimensat(AT_FDCWD, "secret", NULL, 0));
	ask("mknod", mknod("/tmp/rule-node", S_IFCHR | 0600, 0x103));
	ask("chroot", chroot("."));
	ask("sticky", unlink("sticky/roots"));
	ask("own", open("sticky/mine", O_CREAT | O_WRONLY, 0644) < 0 ? -1 : 0);
	ask("rename", rename("sticky/roots", "sticky/x"));
}

RULE(rights_of_a_user)
{
	chmod(".", 0755);
	make_file("secret", "");
	chmod("secret", 0600);
	mkdir("private", 0700);
	mkdir("sticky", 0777);
	chmod("sticky", 01777);
	make_file("sticky/roots", "");
	in_child(user);
}

static void owner(void)
{
	struct stat info;

	if (setgid(2000) || setuid(2000))
		return;
	ask("chmod", chmod("f", 06755));
	int fd = open("f", O_WRONLY);
	ask("write", write(fd, "x", 1));
	stat("f", &info);
	say("%o", info.st_mode);
	ask("give away", chown("f", 2001, -1));
	ask("foreign group", chown("f", -1, 3000));
	ask("own group", chown("f", -1, 2000));
	ask("times", utimensat(AT_FDCWD, "f", NULL, 0));
	chmod("f", 0077);
	ask("no rights", open("f", O_RDONLY));
}

RULE(rights_of_an_owner)
{
	chmod(".", 0777);
	make_file("f", "");
	ask("chown", chown("f", 2000, 2000));
	in_child(owner);
}

RULE(setgid_directories)
{
	struct stat info;

	mkdir("d", 0755);
	ask("chown", chown("d", 0, 77));
	chmod("d", 02755);
	mkdir("d/sub", 0755);
	make_file("d/f", "");
	stat("d/sub", &info);
	say("sub=%o,%u", info.st_mode & 07777, info.st_gid);
	stat("d/f", &info);
	say("file=%o,%u", info.st_mode & 07777, info.st_gid);
}
