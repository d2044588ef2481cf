/* SPDX-License-Identifier: BSD-2-Clause */
#include "user/agent/start.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	START_HEADER = 24,
	TTY_GROUP = 5,
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
	uint32_t terminal = frame_u32(frame->data + 16);
	if (argc == 0 || argc > START_STRINGS_MAX || envc > START_STRINGS_MAX - argc ||
	    terminal > 1)
		return false;

	struct strings strings = {bytes, frame->len - START_HEADER};
	memcpy(bytes, frame->data + START_HEADER, strings.left);
	start->uid = frame_u32(frame->data + 4);
	start->terminal = terminal;
	start->size = (struct winsize){.ws_row = frame_u16(frame->data + 20),
				       .ws_col = frame_u16(frame->data + 22)};
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

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The child's ends of its streams. */
struct streams {
	int in, out, err;
};

/* A leader with the terminal, or the leader of a group: both keep its signals from the agent. */
static void lead(const struct start *start, const struct streams *streams)
{
	if (!start->terminal) {
		setpgid(0, 0);
		return;
	}
	if (setsid() < 0 || ioctl(streams->in, TIOCSCTTY, 0))
		_exit(STATUS_CANNOT_EXECUTE);
}

static _Noreturn void run(const struct start *start, const struct streams *streams)
{
	lead(start, streams);
	reset_signals();
	if (dup2(streams->in, STDIN_FILENO) < 0 || dup2(streams->out, STDOUT_FILENO) < 0 ||
	    dup2(streams->err, STDERR_FILENO) < 0)
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

static bool start_with_pipes(const struct start *start, struct program *program)
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
		run(start, &(struct streams){pipes[0][0], pipes[1][1], pipes[2][1]});
	/* On both sides: whoever comes first, a SIGNAL frame finds the group. */
	setpgid(pid, pid);
	close(pipes[0][0]);
	close(pipes[1][1]);
	close(pipes[2][1]);
	*program = (struct program){pid, pipes[0][1], pipes[1][0], pipes[2][0], -1};
	return true;
}

/* The two ends of a new terminal. The master never waits: the program may read nothing. */
static bool open_terminal(const struct start *start, int ends[2])
{
	ends[1] = -1;
	ends[0] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (ends[0] >= 0 && !unlockpt(ends[0]))
		ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
	/* The owner is who uses it; on a test's machine the agent may not be allowed to say so. */
	if (ends[1] >= 0 && fchown(ends[1], start->uid, TTY_GROUP) && geteuid() == 0)
		close_end(&ends[1]);
	if (ends[1] >= 0 && !ioctl(ends[1], TIOCSWINSZ, &start->size))
		return true;
	close_end(&ends[0]);
	close_end(&ends[1]);
	return false;
}

static bool start_with_terminal(const struct start *start, struct program *program)
{
	int ends[2];
	int out = -1;
	pid_t pid = -1;

	if (!open_terminal(start, ends))
		return false;
	out = fcntl(ends[0], F_DUPFD_CLOEXEC, 0);
	if (out >= 0)
		pid = fork();
	if (pid == 0)
		run(start, &(struct streams){ends[1], ends[1], ends[1]});
	if (pid < 0) {
		close_pair(ends);
		close_end(&out);
		return false;
	}
	*program = (struct program){pid, ends[0], out, -1, ends[1]};
	return true;
}

bool program_start(const struct start *start, struct program *program)
{
	return start->terminal ? start_with_terminal(start, program)
			       : start_with_pipes(start, program);
}
