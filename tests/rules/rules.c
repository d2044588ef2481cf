/* SPDX-License-Identifier: BSD-2-Clause */
/* The runner: every rule of the program, or those named as arguments. */
#include "rules.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PATIENCE_S 20

/* What all processes of a rule write to. */
struct line {
	atomic_uint length;
	char text[8192];
};

extern const struct rule __start_rules[], __stop_rules[];

static struct line *line;
static const char *base;

void say(const char *format, ...)
{
	char text[1024];
	va_list arguments;
	unsigned length, at;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	length = (unsigned)strlen(text);
	at = atomic_fetch_add(&line->length, length + 1);
	if (at + length + 1 >= sizeof(line->text))
		return;
	line->text[at] = ' ';
	memcpy(line->text + at + 1, text, length);
}

void ask(const char *what, long result)
{
	if (result == -1)
		say("%s=E%d", what, errno);
	else
		say("%s=%ld", what, result);
	errno = 0;
}

int in_child(void (*body)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		body();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

void say_status(const char *what, int status)
{
	if (WIFSIGNALED(status))
		say("%s=signal:%d", what, WTERMSIG(status));
	else
		say("%s=exit:%d", what, WEXITSTATUS(status));
}

void make_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd))
		say("no %s: %s", name, strerror(errno));
}

int open_and_close(const char *name, int flags)
{
	int fd = open(name, flags, 0644);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static char state_of(pid_t pid)
{
	char name[32], text[256] = "";
	const char *after;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	fd = open(name, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return '?';
	close(fd);
	after = strrchr(text, ')');
	return after ? after[2] : '?';
}

void wait_until_asleep(pid_t pid)
{
	while (state_of(pid) == 'R')
		usleep(1000);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	return remove(path);
}

/* Whoever has started the program may have left descriptors open. */
static void close_the_rest(void)
{
	for (int fd = 3; fd < 100; fd++)
		close(fd);
}

static void child_of_rule(const struct rule *rule, const char *folder)
{
	setpgid(0, 0);
	if (chdir(folder))
		_exit(99);
	umask(022);
	dup2(open("/dev/null", O_RDWR), 0);
	close_the_rest();
	alarm(PATIENCE_S);
	rule->check();
	_exit(0);
}

static void run(const struct rule *rule)
{
	char folder[64];
	int status;
	pid_t pid;

	snprintf(folder, sizeof(folder), "%s/rule-XXXXXX", base);
	memset(line, 0, sizeof(*line));
	if (!mkdtemp(folder))
		exit(1);
	pid = fork();
	if (pid == 0)
		child_of_rule(rule, folder);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	if (status)
		say_status("ended", status);
	printf("%s:%s\n", rule->name, line->text);
	fflush(stdout);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int wanted(const struct rule *rule, char **names)
{
	if (!*names)
		return 1;
	while (*names && strcmp(*names, rule->name))
		names++;
	return *names != NULL;
}

/* Both machines have limits of their own. */
static void same_limits(void)
{
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){1024, 4096});
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

/* What whoever starts this ignores is not the question; libcs keep some numbers to themselves. */
static void same_signals(void)
{
	const unsigned long standard[4] = {0};

	for (long number = 1; number <= 64; number++)
		syscall(SYS_rt_sigaction, number, standard, NULL, 8L);
}

int main(int argc, char **argv)
{
	(void)argc;
	base = getenv("RULES_IN") ? getenv("RULES_IN") : "/tmp";
	line = mmap(NULL, sizeof(*line), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (line == MAP_FAILED)
		return 1;
	same_limits();
	same_signals();
	for (const struct rule *rule = __start_rules; rule < __stop_rules; rule++) {
		if (wanted(rule, argv + 1))
			run(rule);
	}
	return 0;
}
