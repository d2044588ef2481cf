/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The agent: runs programs for the launcher of the build machine, over COM2.
 *
 * It serves one program after the other. A launcher which sends what it must not is not answered:
 * one line on standard error, and the agent ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "user/agent/frame.h"
#include "user/agent/session.h"
#include "user/agent/start.h"

static int complain(const char *what)
{
	dprintf(STDERR_FILENO, "agent: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Bytes pass as they are. A line which has no such modes is raw already. */
static void make_raw(int fd)
{
	struct termios modes;

	if (tcgetattr(fd, &modes))
		return;
	cfmakeraw(&modes);
	tcsetattr(fd, TCSANOW, &modes);
}

/* Whether the frame may come between two programs: what the last one left behind may. */
static bool is_leftover(const struct frame *frame)
{
	return frame->type >= FRAME_STDIN && frame->type <= FRAME_WINSIZE;
}

/* The next START. Return: false at the end of the line or for a frame that has no place here. */
static bool await_start(struct link *link, struct start *start)
{
	struct frame frame;

	for (;;) {
		int taken = link_take(link, &frame);
		if (taken == 0 && link_fill(link))
			continue;
		if (taken <= 0)
			return false;
		if (frame.type == FRAME_START)
			return start_decode(&frame, start);
		if (!is_leftover(&frame))
			return false;
	}
}

int main(int argc, char **argv)
{
	static struct link link;
	struct start start;
	const char *path = argc > 1 ? argv[1] : "/dev/ttyS1";

	setsid();
	link.fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (link.fd < 0)
		return complain(path);
	if (!session_init())
		return complain("pipe");
	make_raw(link.fd);
	link_send_u32(&link, FRAME_READY, FRAME_VERSION);
	while (await_start(&link, &start) && session_run(&link, &start))
		;
	dprintf(STDERR_FILENO, "agent: %s: the launcher is gone or does not speak version %d\n",
		path, FRAME_VERSION);
	return 1;
}
