/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What users may do to what belongs to others: a table of user x object x operation, generated.
 * Objects belong to user 1000 and group 100; the table's users are root, the owner, a member of the
 * group, and a stranger. Run as root.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWNER 1000
#define GROUP 100

struct user {
	const char *name;
	uid_t uid;
	gid_t gid, extra;
};

static const struct user users[] = {
	{"root", 0, 0, 0},           {"owner", OWNER, 500, 500}, {"group", 1001, GROUP, GROUP},
	{"extra", 1002, 500, GROUP}, {"other", 2000, 600, 600},
};

static void become(const struct user *user)
{
	setgroups(1, &user->extra);
	setresgid(user->gid, user->gid, user->gid);
	setresuid(user->uid, user->uid, user->uid);
}

/* In a child, as the user: the errno that an operation ends with. */
static int try(const struct user *user, long (*operation)(const void *), const void *object)
{
	int status;

	fflush(stdout);
	if (!fork()) {
		become(user);
		errno = 0;
		_exit(operation(object) < 0 ? errno : 0);
	}
	wait(&status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static long reading(const void *name)
{
	return open(name, O_RDONLY);
}
static long writing(const void *name)
{
	return open(name, O_WRONLY);
}
static long both(const void *name)
{
	return open(name, O_RDWR);
}
static long running(const void *name)
{
	return access(name, X_OK);
}
static long truncating(const void *name)
{
	return truncate(name, 3);
}
static long chmoding(const void *name)
{
	return chmod(name, 0777);
}
static long chowning(const void *name)
{
	return chown(name, 2000, -1);
}
static long chgrping(const void *name)
{
	return chown(name, -1, GROUP);
}
static long timing(const void *name)
{
	return utimensat(AT_FDCWD, name, (struct timespec[2]){{1}, {2}}, 0);
}
static long touching(const void *name)
{
	return utimensat(AT_FDCWD, name, NULL, 0);
}
static long noatime(const void *name)
{
	return open(name, O_RDONLY | O_NOATIME);
}
static long statting(const void *name)
{
	return stat(name, &(struct stat){});
}

struct operation {
	const char *name;
	long (*act)(const void *object);
};

static const struct operation on_files[] = {
	{"read", reading},        {"write", writing},  {"rdwr", both},       {"run", running},
	{"truncate", truncating}, {"chmod", chmoding}, {"chown", chowning},  {"chgrp", chgrping},
	{"times", timing},        {"touch", touching}, {"noatime", noatime}, {"stat", statting},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void make_file(const char *name, mode_t mode)
{
	unlink(name);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	chown(name, OWNER, GROUP);
	chmod(name, mode);
}

static void files(void)
{
	static const mode_t modes[] = {0000, 0400, 0200, 0100, 0040, 0020, 0010,  0004,  0002, 0001,
				       0077, 0707, 0770, 0644, 0664, 0755, 04755, 02755, 0600};

	for (unsigned m = 0; m < COUNT(modes); m++)
		for (unsigned u = 0; u < COUNT(users); u++) {
			printf("file %05o %s:", modes[m], users[u].name);
			for (unsigned o = 0; o < COUNT(on_files); o++) {
				struct stat info;

				make_file("f", modes[m]);
				printf(" %s %d", on_files[o].name,
				       try(&users[u], on_files[o].act, "f"));
				stat("f", &info);
				if (info.st_mode != (S_IFREG | modes[m]))
					printf(" (%o)", info.st_mode & 07777);
			}
			printf("\n");
		}
}

static long listing(const void *name)
{
	return open(name, O_RDONLY | O_DIRECTORY);
}
static long searching(const void *name)
{
	return chdir(name);
}
static long inside(const void *name)
{
	return chdir(name) ? -1 : open("in", O_RDONLY);
}
static long by_path(const void *name)
{
	(void)name;
	return open("d/in", O_RDONLY);
}
static long creating(const void *name)
{
	(void)name;
	return open("d/new", O_CREAT | O_WRONLY, 0600);
}
static long removing(const void *name)
{
	(void)name;
	return unlink("d/in");
}
static long renaming(const void *name)
{
	(void)name;
	return rename("d/in", "d/out");
}
static long leaving(const void *name)
{
	(void)name;
	return rename("d/in", "common/in");
}
static long replacing(const void *name)
{
	(void)name;
	return rename("common/mine", "d/in");
}
static long linking(const void *name)
{
	(void)name;
	return link("d/in", "d/second");
}
static long rmdiring(const void *name)
{
	(void)name;
	return rmdir("d/sub");
}

static const struct operation on_directories[] = {
	{"list", listing},      {"search", searching}, {"inside", inside},   {"path", by_path},
	{"create", creating},   {"remove", removing},  {"rename", renaming}, {"leave", leaving},
	{"replace", replacing}, {"link", linking},     {"rmdir", rmdiring},
};

static void make_directory(mode_t mode, uid_t file_owner)
{
	system("rm -rf d common/in");
	mkdir("d", 0700);
	mkdir("d/sub", 0777);
	make_file("d/in", 0666);
	chown("d/in", file_owner, 0);
	chown("d/sub", file_owner, 0);
	make_file("common/mine", 0666);
	chown("d", OWNER, GROUP);
	chmod("d", mode);
}

static void directories(void)
{
	static const mode_t modes[] = {0700, 0500,  0300, 0070, 0007,
				       0777, 01777, 0711, 0744, 01770};

	mkdir("common", 0777);
	chmod("common", 0777);
	for (unsigned m = 0; m < COUNT(modes); m++)
		for (unsigned u = 0; u < COUNT(users); u++) {
			printf("directory %05o %s:", modes[m], users[u].name);
			for (unsigned o = 0; o < COUNT(on_directories); o++) {
				/* What is in it belongs to somebody else again. */
				make_directory(modes[m], 2000);
				printf(" %s %d", on_directories[o].name,
				       try(&users[u], on_directories[o].act, "d"));
			}
			printf("\n");
		}
	system("rm -rf d common");
}

static pid_t victim;

static const char *proc(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", victim, name);
	return path;
}

static long reads(const void *name)
{
	char byte;
	int fd = open(proc(name), O_RDONLY);

	return fd < 0 ? -1 : read(fd, &byte, 1);
}

static long links(const void *name)
{
	return readlink(proc(name), (char[64]){}, 64);
}
static long follows(const void *name)
{
	return open(proc(name), O_RDONLY);
}
static long lists(const void *name)
{
	return open(proc(name), O_RDONLY | O_DIRECTORY);
}
static long writes_to(const void *name)
{
	return open(proc(name), O_WRONLY);
}
static long asks(const void *name)
{
	(void)name;
	return kill(victim, 0);
}
static long stops(const void *name)
{
	(void)name;
	return kill(victim, SIGCONT);
}
static long signals(const void *name)
{
	(void)name;
	return kill(victim, SIGURG);
}
static long thread(const void *name)
{
	(void)name;
	return syscall(SYS_tgkill, victim, victim, SIGURG);
}
static long group(const void *name)
{
	(void)name;
	return kill(-victim, SIGURG);
}
static long limits(const void *name)
{
	(void)name;
	return prlimit(victim, RLIMIT_CORE, NULL, &(struct rlimit){});
}
static long sets(const void *name)
{
	(void)name;
	return prlimit(victim, RLIMIT_CORE, &(struct rlimit){0, 0}, NULL);
}
static long joins(const void *name)
{
	(void)name;
	return setpgid(0, victim);
}

struct probe {
	const char *name;
	long (*act)(const void *object);
	const char *object;
};

static const struct probe on_processes[] = {
	{"status", reads, "status"},     {"stat", reads, "stat"},
	{"cmdline", reads, "cmdline"},   {"environ", reads, "environ"},
	{"maps", reads, "maps"},         {"comm", reads, "comm"},
	{"exe", links, "exe"},           {"cwd", links, "cwd"},
	{"root", links, "root"},         {"fds", lists, "fd"},
	{"fd", links, "fd/0"},           {"open fd", follows, "fd/0"},
	{"write fd", writes_to, "fd/1"}, {"open exe", follows, "exe"},
	{"mounts", reads, "mounts"},     {"kill 0", asks, ""},
	{"kill URG", signals, ""},       {"kill CONT", stops, ""},
	{"tgkill", thread, ""},          {"kill group", group, ""},
	{"get limit", limits, ""},       {"set limit", sets, ""},
	{"join group", joins, ""}};

static void start_victim(const struct user *user, int dumpable)
{
	int pipes[2];
	char byte;

	pipe(pipes);
	victim = fork();
	if (!victim) {
		setsid();
		if (user)
			become(user);
		/* The change of user has closed it: exec would open it again. */
		if (dumpable)
			prctl(PR_SET_DUMPABLE, 1);
		dup2(pipes[0], 0);
		dup2(pipes[1], 1);
		write(pipes[1], "x", 1);
		for (;;)
			pause();
	}
	read(pipes[0], &byte, 1);
	close(pipes[0]);
	close(pipes[1]);
}

static void processes_of(const char *what, const struct user *of, int dumpable)
{
	for (unsigned u = 0; u < COUNT(users); u++) {
		printf("process %s %s:", what, users[u].name);
		start_victim(of, dumpable);
		/* A container's root may lack the right over limits. */
		for (unsigned p = 0; p < COUNT(on_processes); p++)
			if (users[u].uid ||
			    (on_processes[p].act != limits && on_processes[p].act != sets))
				printf(" %s %d", on_processes[p].name,
				       try(&users[u], on_processes[p].act, on_processes[p].object));
		printf("\n");
		kill(victim, SIGKILL);
		waitpid(victim, NULL, 0);
	}
}

int main(void)
{
	char folder[64];

	umask(0);
	snprintf(folder, sizeof(folder), "/dev/shm/users.%d", getpid());
	mkdir(folder, 0777);
	chdir(folder);
	files();
	directories();
	processes_of("of the owner", &users[1], 1);
	processes_of("of the owner, closed", &users[1], 0);
	processes_of("of root", NULL, 0);
	unlink("f");
	chdir("/");
	printf("all away %d\n", rmdir(folder));
	return 0;
}
