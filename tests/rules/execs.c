/* SPDX-License-Identifier: BSD-2-Clause */
/* execve: every refusal, scripts, and what the new program finds. */
#include <elf.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "rules.h"

static char much[200000];

static void make_script(const char *name, const char *text)
{
	make_file(name, text);
	chmod(name, 0755);
}

/* What a program says on its standard output, after how it ended. */
static void run(const char *what, char *const *arguments)
{
	char text[512] = "";
	int ends[2], status;
	size_t length = 0;
	ssize_t got;

	if (pipe(ends))
		return;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		execve(arguments[0], arguments, (char *[]){"A=1", NULL});
		_exit(100 + errno);
	}
	close(ends[1]);
	while ((got = read(ends[0], text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)got;
	waitpid(pid, &status, 0);
	close(ends[0]);
	say_status(what, status);
	for (size_t i = 0; i < length; i++)
		text[i] = text[i] == '\n' ? '|' : text[i];
	say("%s", text);
}

RULE(refusals)
{
	char *none[] = {NULL};

	make_file("plain", "x");
	make_script("text", "no program\n");
	make_script("empty", "");
	make_script("short", "\177ELF");
	mkdir("d", 0755);
	mkfifo("p", 0777);
	ask("nothing", execve("none", none, none));
	ask("empty name", execve("", none, none));
	ask("no x bit", execve("plain", none, none));
	ask("text", execve("text", none, none));
	ask("empty", execve("empty", none, none));
	ask("short", execve("short", none, none));
	ask("directory", execve("d", none, none));
	ask("fifo", execve("p", none, none));
	ask("null", execve("/dev/null", none, none));
	ask("under a file", execve("plain/x", none, none));
	ask("bad name", execve((char *)8, none, none));
	ask("bad arguments", execve("/bin/busybox", (char **)8, none));
	ask("bad argument", execve("/bin/busybox", (char *[]){(char *)8, NULL}, none));
}

RULE(links_to_programs)
{
	symlink("loop", "loop");
	symlink("/bin/busybox", "echo");
	ask("loop", execve("loop", (char *[]){"x", NULL}, NULL));
	run("link", (char *[]){"echo", "x", NULL});
}

RULE(sizes_of_arguments)
{
	char *two[] = {"true", much, NULL}, *none[] = {NULL};

	memset(much, 'a', 131072);
	ask("131072", execve("/bin/busybox", two, none));
	much[131071] = '\0';
	if (fork() == 0)
		_exit(execve("/bin/busybox", two, none) ? errno : 0);
	int status;
	wait(&status);
	say_status("131071", status);
	ask("environment", (much[131071] = 'a', execve("/bin/busybox", none, two)));
}

RULE(sum_of_arguments)
{
	static char *many[40];

	setrlimit(RLIMIT_STACK, &(struct rlimit){8 << 20, 8 << 20});
	memset(much, 'a', 100000);
	many[0] = "true";
	for (int i = 1; i < 25; i++)
		many[i] = much;
	ask("2.4 MB", execve("/bin/busybox", many, NULL));
	many[20] = NULL;
	if (fork() == 0)
		_exit(execve("/bin/busybox", many, NULL) ? errno : 0);
	int status;
	wait(&status);
	say_status("1.9 MB", status);
}

RULE(scripts)
{
	make_script("s", "#!/bin/busybox echo\nignored\n");
	run("one argument", (char *[]){"./s", "a", "b", NULL});
	make_script("s", "#!/bin/busybox echo two words \n");
	run("words stay one", (char *[]){"./s", "a", NULL});
	make_script("s", "#! \t /bin/busybox\techo\n");
	run("blanks", (char *[]){"./s", "a", NULL});
	make_script("s", "#!/bin/busybox echo");
	run("no newline", (char *[]){"./s", "a", NULL});
}

RULE(bad_scripts)
{
	char *arguments[] = {"s", NULL};

	make_script("s", "#!/no/such/interpreter\n");
	ask("missing", execve("s", arguments, NULL));
	make_script("s", "#!\n");
	ask("nothing", execve("s", arguments, NULL));
	make_script("s", "#!   \n");
	ask("blanks", execve("s", arguments, NULL));
	make_script("s", "#!/tmp\n");
	ask("directory", execve("s", arguments, NULL));
	make_script("s", "#!s\n");
	ask("itself", execve("s", arguments, NULL));
	memset(much, 'a', 300);
	memcpy(much, "#!/", 3);
	much[300] = '\0';
	make_script("s", much);
	ask("long line", execve("s", arguments, NULL));
}

RULE(scripts_of_scripts)
{
	char name[16], text[32];

	make_script("s0", "#!/bin/busybox echo\n");
	for (int i = 1; i < 7; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(text, sizeof(text), "#!./s%d\n", i - 1);
		make_script(name, text);
	}
	run("4", (char *[]){"./s4", NULL});
	run("5", (char *[]){"./s5", NULL});
}

RULE(names_of_a_program)
{
	run("comm", (char *[]){"/bin/busybox", "cat", "/proc/self/comm", NULL});
	symlink("/bin/busybox", "cat");
	run("link's comm", (char *[]){"./cat", "/proc/self/comm", NULL});
}

RULE(comm_of_a_script)
{
	make_script("script-with-a-long-name", "#!/bin/busybox sh\ncat /proc/$$/comm\n");
	run("comm", (char *[]){"./script-with-a-long-name", NULL});
}

RULE(no_arguments_at_all)
{
	make_script("s", "#!/bin/busybox sh\necho $# $0\n");
	if (fork() == 0) {
		dup2(open("out", O_WRONLY | O_CREAT, 0600), 1);
		execve("./s", NULL, NULL);
		_exit(100 + errno);
	}
	int status;
	wait(&status);
	say_status("script", status);
}

RULE(descriptors_and_cloexec)
{
	int kept = dup(0), gone = fcntl(0, F_DUPFD_CLOEXEC, 0);
	char line[80];

	snprintf(line, sizeof(line),
		 "[ -e /proc/self/fd/%d ]; echo $?; [ -e /proc/self/fd/%d ]; echo $?", kept, gone);
	run("kept, gone", (char *[]){"/bin/busybox", "sh", "-c", line, NULL});
}

RULE(set_user_id)
{
	chmod(".", 0755);
	make_script("s", "#!/bin/busybox sh\n/bin/busybox id -u\n");
	ask("script", chmod("s", 04755));
	if (fork() == 0) {
		dup2(open("out", O_WRONLY | O_CREAT, 0666), 1);
		if (setgid(99) || setuid(99))
			_exit(1);
		execve("./s", (char *[]){"s", NULL}, NULL);
	}
	wait(NULL);
	char text[32] = "";
	ask("read", read(open("out", O_RDONLY), text, 30));
	say("%.2s", text);
}

RULE(writing_to_a_running_program)
{
	int out;
	pid_t pid;

	int in = open("/bin/busybox", O_RDONLY), ends[2];
	char copy[65536];
	ssize_t got;
	out = open("busybox", O_WRONLY | O_CREAT, 0755);
	while ((got = read(in, copy, sizeof(copy))) > 0)
		got = write(out, copy, (size_t)got);
	ask("open for writing", execve("./busybox", (char *[]){"true", NULL}, NULL));
	close(out);
	if (pipe2(ends, O_CLOEXEC))
		return;
	pid = fork();
	if (pid == 0)
		execve("./busybox", (char *[]){"sleep", "9", NULL}, NULL);
	close(ends[1]);
	ask("started", read(ends[0], copy, 1));
	ask("write", open("busybox", O_WRONLY));
	ask("truncate", truncate("busybox", 0));
	ask("read", close(open("busybox", O_RDONLY)));
	ask("unlink", unlink("busybox"));
	kill(pid, 9);
}

RULE(auxiliary_vector)
{
	say("page=%lu clock=%lu secure=%lu", getauxval(AT_PAGESZ), getauxval(AT_CLKTCK),
	    getauxval(AT_SECURE));
	say("phent=%lu flags=%lu base=%d", getauxval(AT_PHENT), getauxval(AT_FLAGS),
	    getauxval(AT_BASE) != 0);
	say("uid=%lu euid=%lu", getauxval(AT_UID), getauxval(AT_EUID));
	say("random=%d execfn=%d platform=%s", getauxval(AT_RANDOM) != 0, getauxval(AT_EXECFN) != 0,
	    (const char *)getauxval(AT_PLATFORM));
}

RULE(execveat_by_descriptor)
{
	int fd = open("/bin/busybox", O_RDONLY);
	int status;

	if (fork() == 0)
		_exit((int)syscall(SYS_execveat, fd, "", (char *[]){"true", NULL}, NULL,
				   AT_EMPTY_PATH)
			      ? errno
			      : 0);
	wait(&status);
	say_status("execveat", status);
}
