/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be read by a name: all of /proc (of every process), /sys and /dev, and the log; and all
 * that is mapped: stack, auxiliary vector, vDSO, clock page, fresh pages. */
#include <dirent.h>
#include <signal.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "leaks.h"

#define FILE_MOST  (1 << 18)
#define DEPTH_MOST 8

static char text[FILE_MOST];
static unsigned files_read;

/* The arguments are the addresses, negated; other files of the program tell nothing either. */
static void read_file(const char *path)
{
	size_t len = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return;
	while (len < FILE_MOST && (got = read(fd, text + len, FILE_MOST - len)) > 0)
		len += (size_t)got;
	close(fd);
	read_text(path, text, len);
	files_read++;
}

static void read_link(const char *path)
{
	ssize_t len = readlink(path, text, FILE_MOST);

	if (len > 0)
		read_text(path, text, (size_t)len);
}

/* Random bytes are any address, now and then. */
static void walk(const char *path, int depth)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char name[512];

	if (!directory || depth > DEPTH_MOST)
		return;
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		read_text(path, entry->d_name, strlen(entry->d_name));
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR)
			walk(name, depth + 1);
		else if (entry->d_type == DT_LNK)
			read_link(name);
		else if (strcmp(entry->d_name, "ptmx") != 0 && !strstr(entry->d_name, "random"))
			read_file(name);
	}
	closedir(directory);
}

void look_at_files(void)
{
	pid_t other = fork();
	int len, status;

	if (other == 0) {
		pause();
		_exit(0);
	}
	files_read = 0;
	walk("/proc", 0);
	walk("/proc/self", 0);
	walk("/proc/thread-self", 0);
	walk("/sys", 0);
	walk("/dev", 0);
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
	len = klogctl(3, text, FILE_MOST);
	if (len > 0)
		read_text("the log", text, (size_t)len);
	if (files_read < 100)
		printf("only %u files could be read\n", files_read);
}

static void look_at_mapping(const char *line)
{
	uint64_t start, end;
	char rights[5], name[64] = "a mapping without a name";

	if (sscanf(line, "%lx-%lx %4s %*x %*s %*d %63s", &start, &end, rights, name) < 3)
		return;
	/* The program's file was written before this boot: its code may hold any word. */
	if (rights[0] == 'r' && (rights[1] == 'w' || name[0] != '/'))
		look_at(name, (const void *)start, end - start);
}

void look_at_memory(void)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");
	char *fresh =
		mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t at = 0; at < 1 << 20; at += 4096)
		fresh[at] = 1;
	while (fgets(line, sizeof(line), maps))
		look_at_mapping(line);
	fclose(maps);
	munmap(fresh, 1 << 20);
}
