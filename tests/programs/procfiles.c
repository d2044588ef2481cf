/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program reads of itself and of others in /proc, and what the system calls say of the same.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[65536];

static long slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	long len = 0, got = 0;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	close(fd);
	text[len] = 0;
	return got < 0 ? -errno : len;
}

/* Field n of stat, counted from the last ')'. */
static long long field(const char *path, int n)
{
	if (slurp(path) < 0)
		return -1;
	if (n == 1)
		return atoll(text);
	char *at = strrchr(text, ')');
	for (int i = 2; at && i < n; i++)
		at = strchr(at + 1, ' ');
	return !at ? -2 : n == 3 ? at[1] : atoll(at + 1);
}

static const char *line_of(const char *path, const char *key)
{
	char *at;

	if (slurp(path) < 0)
		return "?";
	for (at = text; at && strncmp(at, key, strlen(key));
	     at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		;
	if (at && strchr(at, '\n'))
		*strchr(at, '\n') = 0;
	return at ? at : "";
}

static void own_stat(void)
{
	int fields = 1;

	slurp("/proc/self/stat");
	for (char *at = strrchr(text, ')') + 1; *at; at++)
		fields += *at == ' ';
	printf("fields %d\n", fields + 1);
	printf("pid %d parent %d group %d session %d\n", field("/proc/self/stat", 1) == getpid(),
	       field("/proc/self/stat", 4) == getppid(), field("/proc/self/stat", 5) == getpgrp(),
	       field("/proc/self/stat", 6) == getsid(0));
	printf("state %c priority %lld nice %lld threads %lld\n", (int)field("/proc/self/stat", 3),
	       field("/proc/self/stat", 18), field("/proc/self/stat", 19),
	       field("/proc/self/stat", 20));
	printf("signal at the end %lld\n", field("/proc/self/stat", 38));
}

static void growth(void)
{
	long page = sysconf(_SC_PAGESIZE), pages = 500;
	long long size = field("/proc/self/stat", 23), resident = field("/proc/self/stat", 24);
	struct rusage before, after;
	char *at = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	madvise(at, pages * page, MADV_NOHUGEPAGE);
	printf("size grows by %lld pages\n", (field("/proc/self/stat", 23) - size) / page);
	getrusage(RUSAGE_SELF, &before);
	for (long i = 0; i < pages; i++)
		at[i * page] = 1;
	getrusage(RUSAGE_SELF, &after);
	printf("faults %d\n", after.ru_minflt - before.ru_minflt >= pages &&
				      after.ru_minflt - before.ru_minflt < pages + 10);
	printf("stat agrees %d\n", field("/proc/self/stat", 10) - after.ru_minflt < 10);
	printf("resident %d\n", llabs(field("/proc/self/stat", 24) - resident - pages) < 64);
	printf("most %d\n", after.ru_maxrss >= pages * page / 1024);
	munmap(at, pages * page);
}

static void a_child(int to)
{
	struct rusage usage, children;
	int status, ends[2];
	char path[64];
	pid_t pid;

	pipe(ends);
	pid = fork();
	if (pid == 0) {
		char byte;

		close(ends[1]);
		setpriority(PRIO_PROCESS, 0, 0);
		read(ends[0], &byte, 1);
		if (to)
			raise(to);
		exit(3);
	}
	close(ends[0]);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (field(path, 3) == 'R')
		sched_yield();
	printf("child: %c, parent %d, group %d\n", (int)field(path, 3), field(path, 4) == getpid(),
	       field(path, 5) == getpgrp());
	close(ends[1]);
	while (field(path, 3) != 'Z')
		sched_yield();
	printf("dead: %c, threads %lld, size %lld\n", (int)field(path, 3), field(path, 20),
	       field(path, 23));
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	printf("its command: %ld bytes\n", slurp(path));
	wait4(pid, &status, 0, &usage);
	getrusage(RUSAGE_CHILDREN, &children);
	printf("status %x, faults %d, children's %d\n", status, usage.ru_minflt > 0,
	       children.ru_minflt >= usage.ru_minflt && children.ru_maxrss >= usage.ru_maxrss);
	printf("gone: %ld\n", slurp(path));
}

static void links(void)
{
	char target[PATH_MAX], cwd[PATH_MAX];
	int ends[2];
	struct stat one, other;

	pipe(ends);
	memset(target, 0, sizeof(target));
	readlink("/proc/self/cwd", target, sizeof(target) - 1);
	printf("cwd %d\n", !strcmp(target, getcwd(cwd, sizeof(cwd))));
	memset(target, 0, sizeof(target));
	printf("root %zd %s\n", readlink("/proc/self/root", target, sizeof(target) - 1), target);
	snprintf(cwd, sizeof(cwd), "/proc/self/fd/%d", ends[0]);
	memset(target, 0, sizeof(target));
	readlink(cwd, target, sizeof(target) - 1);
	printf("pipe %.6s\n", target);
	stat(cwd, &one);
	fstat(ends[0], &other);
	printf("same %d\n", one.st_ino == other.st_ino && one.st_dev == other.st_dev);
	stat("/proc/self/exe", &one);
	printf("exe %d\n", S_ISREG(one.st_mode) && one.st_mode & 0100);
	memset(target, 0, sizeof(target));
	readlink("/proc/self", target, sizeof(target) - 1);
	printf("self %d\n", atoi(target) == getpid());
	memset(target, 0, sizeof(target));
	readlink("/proc/thread-self", target, sizeof(target) - 1);
	printf("thread-self %d\n", strstr(target, "/task/") != NULL);
	memset(target, 0, sizeof(target));
	readlink("/proc/mounts", target, sizeof(target) - 1);
	printf("mounts -> %s\n", target);
	close(ends[0]);
	close(ends[1]);
}

static void descriptors(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_APPEND), other = dup2(fd, 77), seen = 0;
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while ((entry = readdir(dir)))
		seen += !strcmp(entry->d_name, "77");
	closedir(dir);
	printf("listed %d\n", seen);
	slurp("/proc/self/fdinfo/77");
	printf("%.*s\n", (int)(strstr(text, "mnt_id") - text), text);
	close(other);
	printf("closed %ld\n", slurp("/proc/self/fdinfo/77"));
	close(fd);
}

static void texts(int argc, char **argv)
{
	long len = slurp("/proc/self/cmdline"), zeros = 0;

	for (long i = 0; i < len; i++)
		zeros += !text[i];
	printf("cmdline %d %d\n", zeros == argc, !strcmp(text, argv[0]));
	printf("environ %d\n", slurp("/proc/self/environ") >= 0);
	printf("comm %ld\n", slurp("/proc/self/comm") > 0 ? 1l : 0l);
	printf("%s\n", line_of("/proc/self/limits", "Limit"));
	printf("%s\n", line_of("/proc/self/limits", "Max stack size"));
	printf("%s\n", line_of("/proc/self/limits", "Max cpu time"));
	for (const char *const *key =
		     (const char *const[]){"State", "TracerPid", "Uid", "Gid", "Threads", "SigPnd",
					   "ShdPnd", "SigBlk", "NoNewPrivs", NULL};
	     *key; key++)
		printf("%s\n", line_of("/proc/self/status", *key));
}

static void maps(void)
{
	unsigned long begin, end, sum = 0;
	int stack = 0, heap = 0, code = 0, vdso = 0;
	char rights[5], line[512], *brk = sbrk(4096);
	FILE *file = fopen("/proc/self/maps", "r");

	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "%lx-%lx %4s", &begin, &end, rights);
		sum += end - begin;
		stack += (unsigned long)&begin >= begin && (unsigned long)&begin < end &&
			 strstr(line, "[stack]") && !strcmp(rights, "rw-p");
		heap += (unsigned long)brk >= begin && (unsigned long)brk < end &&
			strstr(line, "[heap]") != NULL;
		code += (unsigned long)maps >= begin && (unsigned long)maps < end &&
			!strcmp(rights, "r-xp");
		vdso += strstr(line, "[vdso]") && !strcmp(rights, "r-xp") &&
			strchr(line, '[') == line + 73;
	}
	fclose(file);
	printf("maps: stack %d heap %d code %d vdso %d\n", stack, heap, code, vdso);
}

static void machine(void)
{
	struct sysinfo info;
	struct utsname name;
	double loads[3];
	long running, all, last, total;

	uname(&name);
	sysinfo(&info);
	slurp("/proc/sys/kernel/hostname");
	printf("hostname %d\n", !strncmp(text, name.nodename, strlen(name.nodename)));
	slurp("/proc/sys/kernel/osrelease");
	printf("release %d\n", !strncmp(text, name.release, strlen(name.release)));
	slurp("/proc/sys/kernel/ostype");
	printf("%s", text);
	slurp("/proc/version");
	printf("%.14s\n", text);
	slurp("/proc/loadavg");
	printf("loadavg %d\n", sscanf(text, "%lf %lf %lf %ld/%ld %ld", &loads[0], &loads[1],
				      &loads[2], &running, &all, &last) == 6 &&
				       running >= 1 && all >= running && last >= 1);
	total = atol(line_of("/proc/meminfo", "MemTotal:") + 9);
	printf("memory %d\n", labs((long)(info.totalram * info.mem_unit / 1024) - total) < 8);
	printf("swap %s\n", line_of("/proc/meminfo", "SwapTotal:") ? "told" : "");
	printf("cpu %d\n", !strncmp(line_of("/proc/stat", "cpu "), "cpu  ", 5));
	printf("%s\n", line_of("/proc/swaps", "Filename"));
	printf("%s\n", line_of("/proc/partitions", "major"));
	printf("%s\n", line_of("/proc/devices", "Character"));
	printf("uuid %ld\n", slurp("/proc/sys/kernel/random/uuid"));
	printf("cpus %d\n", slurp("/sys/devices/system/cpu/online") >= 2 && text[0] == '0');
	printf("pid_max %d ngroups_max %s", slurp("/proc/sys/kernel/pid_max") > 1,
	       (slurp("/proc/sys/kernel/ngroups_max"), text));
}

static void refusals(void)
{
	static const char *const files[] = {"maps",   "environ", "fd",    "fdinfo", "stat",
					    "status", "cmdline", "statm", "limits", "comm"};
	static const char *const targets[] = {"exe", "cwd", "root"};
	pid_t parent = getpid(), pid = fork();
	char path[64], target[64];
	int status;

	if (pid) {
		waitpid(pid, &status, 0);
		return;
	}
	setresgid(1000, 1000, 1000);
	setresuid(1000, 1000, 1000);
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", parent, files[i]);
		int fd = open(path, O_RDONLY);
		printf("other's %s: %s\n", files[i], fd < 0 ? strerror(errno) : "open");
	}
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", parent, targets[i]);
		printf("other's %s: %s\n", targets[i],
		       readlink(path, target, 64) < 0 ? strerror(errno) : "read");
	}
	printf("sethostname: %s\n", sethostname("x", 1) ? strerror(errno) : "set");
	fflush(stdout);
	_exit(0);
}

static void missing(void)
{
	struct stat st;

	printf("%ld %ld %ld\n", slurp("/proc/self/nothing"), slurp("/proc/99999999/stat"),
	       slurp("/proc/self/fd/900"));
	printf("%d %d\n", open("/proc/self/stat", O_WRONLY), mkdir("/proc/x", 0700));
	stat("/proc/self/stat", &st);
	printf("%o %ld %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
	printf("%ld\n", slurp("/proc/self"));
}

int main(int argc, char **argv)
{
	own_stat();
	growth();
	a_child(0);
	a_child(SIGKILL);
	links();
	descriptors();
	texts(argc, argv);
	maps();
	machine();
	fflush(stdout);
	refusals();
	missing();
	return 0;
}
