/* SPDX-License-Identifier: BSD-2-Clause */
#include "user/agent/start.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	START_HEADER = 16,
	STATUS_CANNOT_EXECUTE = 126,
	STATUS_NOT_FOUND = 127,
	SIGNAL_MAX = 64,
};

/* The rest of a START's strings. */
struct strings {
	char *at;
	size_t left;
};

static char *next_string(struct strings *strings)
{
	char *string = strings->at;
	size_t len = strnlen(string, strings->left);

	if (len == strings->left)
		return NULL;
	strings->at += len + 1;
	strings->left -= len + 1;
	return string;
}

static bool next_strings(struct strings *strings, uint32_t count, char **to)
{
	for (uint32_t i = 0; i < count; i++) {
		to[i] = next_string(strings);
		if (!to[i])
			return false;
	}
	to[count] = NULL;
	return true;
}

bool start_decode(const struct frame *frame, struct start *start)
{
	static char bytes[FRAME_MAX];
	static char *pointers[START_STRINGS_MAX + 2];

	if (frame->len < START_HEADER || frame_u32(frame->data) != FRAME_VERSION)
		return false;
	uint32_t argc = frame_u32(frame->data + 8), envc = frame_u32(frame->data + 12);
	if (argc == 0 || argc > START_STRINGS_MAX || envc > START_STRINGS_MAX - argc)
		return false;

	struct strings strings = {bytes, frame->len - START_HEADER};
	memcpy(bytes, frame->data + START_HEADER, strings.left);
	start->uid = frame_u32(frame->data + 4);
	start->argv = pointers;
	start->envp = pointers + argc + 1;
	if (!next_strings(&strings, argc, start->argv) ||
	    !next_strings(&strings, envc, start->envp))
		return false;
	start->cwd = next_string(&strings);
	return start->cwd && strings.left == 0;
}

static bool become(uid_t uid)
{
	if (uid == getuid())
		return true;
	return !setgroups(0, NULL) && !setgid(uid) && !setuid(uid);
}

/* Ignored signals stay ignored over an exec: the agent's and its parent's choice must not show. */
static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number <= SIGNAL_MAX; number++)
		(void)signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void refuse(const char *name)
{
	int reason = errno;

	dprintf(STDERR_FILENO, "%s: %s\n", name, strerror(reason));
	_exit(reason == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE);
}

static _Noreturn void run(const struct start *start, int in, int out, int err)
{
	setpgid(0, 0);
	reset_signals();
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0)
		_exit(STATUS_CANNOT_EXECUTE);
	if (!become(start->uid))
		refuse("setuid");
	if (chdir(start->cwd))
		refuse(start->cwd);
	environ = start->envp;
	execvp(start->argv[0], start->argv);
	refuse(start->argv[0]);
}

static void close_pair(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

/* Three pipes, closed in whatever the agent starts later. */
static bool open_pipes(int pipes[3][2])
{
	for (int i = 0; i < 3; i++) {
		if (pipe2(pipes[i], O_CLOEXEC)) {
			while (i-- > 0)
				close_pair(pipes[i]);
			return false;
		}
	}
	return true;
}

bool program_start(const struct start *start, struct program *program)
{
	int pipes[3][2];

	if (!open_pipes(pipes))
		return false;
	pid_t pid = fork();
	if (pid < 0) {
		for (int i = 0; i < 3; i++)
			close_pair(pipes[i]);
		return false;
	}
	if (pid == 0)
		run(start, pipes[0][0], pipes[1][1], pipes[2][1]);
	/* On both sides: whoever comes first, a SIGNAL frame finds the group. */
	setpgid(pid, pid);
	close(pipes[0][0]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	*program = (struct program){pid, pipes[0][1], pipes[1][0], pipes[2][0]};
	return true;
}
