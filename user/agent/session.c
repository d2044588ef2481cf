/* SPDX-License-Identifier: BSD-2-Clause */
#include "user/agent/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CREDIT_STEP = 16 * 1024, /* granted again in steps, not for each write */
	SIGNAL_MAX = 64,
	STATUS_NO_PROCESS = 126 << 8,
};

struct session {
	struct link *link;
	struct program program;
	int status;
	bool ended;
	bool stdin_ended; /* the launcher sent EOF */
	uint32_t credit;  /* what the launcher may still send */
	uint32_t owed;    /* taken by the program and not yet granted again */
	size_t queued;    /* bytes in queue[], from its start */
	uint8_t queue[STDIN_WINDOW];
};

/* A child's end wakes poll() by a byte in this pipe: a flag could be set just before the poll. */
static int wake[2];

static void on_child(int number)
{
	int saved = errno;

	(void)number;
	(void)!write(wake[1], "", 1);
	errno = saved;
}

bool session_init(void)
{
	struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP | SA_RESTART};

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) || sigaction(SIGCHLD, &action, NULL))
		return false;
	(void)signal(SIGPIPE, SIG_IGN);
	return true;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* All that end by now are reaped: orphans too, where the agent is their reaper. */
static void reap(struct session *session)
{
	uint8_t bytes[64];
	int status;
	pid_t pid;

	while (read(wake[0], bytes, sizeof(bytes)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == session->program.pid) {
			session->status = status;
			session->ended = true;
		}
	}
}

static void consume(struct session *session, size_t len)
{
	session->queued -= len;
	memmove(session->queue, session->queue + len, session->queued);
	session->owed += (uint32_t)len;
	if (session->owed >= CREDIT_STEP || session->queued == 0) {
		link_send_u32(session->link, FRAME_CREDIT, session->owed);
		session->credit += session->owed;
		session->owed = 0;
	}
}

/* After a POLLOUT a pipe takes PIPE_BUF bytes at once, and a terminal's master never waits. */
static void feed(struct session *session)
{
	struct program *program = &session->program;
	size_t len = session->queued < PIPE_BUF ? session->queued : PIPE_BUF;
	ssize_t put = write(program->in, session->queue, len);

	if (put > 0)
		consume(session, (size_t)put);
	else if (put < 0 && errno != EINTR && errno != EAGAIN)
		close_end(&program->in);
}

/* A program which reads no more must not stop the launcher: its input goes nowhere. */
static void settle_stdin(struct session *session)
{
	if (session->program.in < 0 && session->queued > 0)
		consume(session, session->queued);
	if (session->stdin_ended && session->queued == 0)
		close_end(&session->program.in);
}

static bool take_stdin(struct session *session, const struct frame *frame)
{
	if (session->stdin_ended || frame->len > session->credit)
		return false;
	memcpy(session->queue + session->queued, frame->data, frame->len);
	session->queued += frame->len;
	session->credit -= frame->len;
	return true;
}

static bool take_signal(const struct session *session, const struct frame *frame)
{
	if (frame->len != 4)
		return false;
	uint32_t number = frame_u32(frame->data);
	if (number == 0 || number > SIGNAL_MAX)
		return false;
	kill(-session->program.pid, (int)number);
	return true;
}

static bool take_size(const struct session *session, const struct frame *frame)
{
	if (frame->len != 4)
		return false;
	struct winsize size = {.ws_row = frame_u16(frame->data),
			       .ws_col = frame_u16(frame->data + 2)};
	if (session->program.slave >= 0)
		ioctl(session->program.slave, TIOCSWINSZ, &size);
	return true;
}

static bool take_frame(struct session *session, const struct frame *frame)
{
	switch (frame->type) {
	case FRAME_STDIN:
		return take_stdin(session, frame);
	case FRAME_EOF:
		session->stdin_ended = true;
		return frame->len == 0;
	case FRAME_SIGNAL:
		return take_signal(session, frame);
	case FRAME_WINSIZE:
		return take_size(session, frame);
	default:
		return false;
	}
}

/* All that have arrived. */
static bool take_frames(struct session *session)
{
	struct frame frame;
	int taken;

	while ((taken = link_take(session->link, &frame)) > 0) {
		if (!take_frame(session, &frame)) {
			dprintf(STDERR_FILENO, "agent: bad frame of type %u and %u bytes\n",
				frame.type, frame.len);
			return false;
		}
	}
	return taken == 0;
}

static void forward(struct session *session, int *fd, uint32_t type)
{
	uint8_t bytes[FRAME_MAX];
	ssize_t got = read(*fd, bytes, sizeof(bytes));

	if (got > 0)
		link_send(session->link, type, bytes, (uint32_t)got);
	else if (got == 0 || (errno != EINTR && errno != EAGAIN))
		close_end(fd);
}

/* What a pipe holds now; what background children write later is not the program's. */
static void drain(struct session *session, int *fd, uint32_t type)
{
	struct pollfd one = {.fd = *fd, .events = POLLIN};

	for (int rounds = 0; rounds < STDIN_WINDOW / PIPE_BUF + 1 && *fd >= 0; rounds++) {
		if (poll(&one, 1, 0) <= 0)
			break;
		forward(session, fd, type);
	}
	close_end(fd);
}

/* The frames first: some may have come in one piece with the START. */
static bool step(struct session *session)
{
	struct program *program = &session->program;

	if (!take_frames(session))
		return false;
	settle_stdin(session);

	struct pollfd set[] = {
		{.fd = session->link->fd, .events = POLLIN},
		{.fd = wake[0], .events = POLLIN},
		{.fd = program->out, .events = POLLIN},
		{.fd = program->err, .events = POLLIN},
		{.fd = program->in, .events = session->queued > 0 ? POLLOUT : 0},
	};

	if (poll(set, sizeof(set) / sizeof(set[0]), -1) < 0)
		return errno == EINTR;
	if (set[2].revents)
		forward(session, &program->out, FRAME_STDOUT);
	if (set[3].revents)
		forward(session, &program->err, FRAME_STDERR);
	if (set[4].revents & POLLERR)
		close_end(&program->in);
	else if (set[4].revents)
		feed(session);
	if (set[1].revents)
		reap(session);
	return !set[0].revents || link_fill(session->link);
}

bool session_run(struct link *link, const struct start *start)
{
	static struct session session;

	session = (struct session){.link = link, .credit = STDIN_WINDOW};
	if (!program_start(start, &session.program)) {
		dprintf(STDERR_FILENO, "agent: %s\n", strerror(errno));
		link_send_u32(link, FRAME_STATUS, STATUS_NO_PROCESS);
		return true;
	}
	while (!session.ended) {
		if (!step(&session)) {
			kill(-session.program.pid, SIGKILL);
			return false;
		}
	}
	drain(&session, &session.program.out, FRAME_STDOUT);
	drain(&session, &session.program.err, FRAME_STDERR);
	close_end(&session.program.in);
	close_end(&session.program.slave);
	link_send_u32(link, FRAME_STATUS, (uint32_t)session.status);
	return true;
}
